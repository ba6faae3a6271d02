import { isDeepStrictEqual } from 'node:util';
import type { FastifyRequest } from 'fastify';
import type { AuditLog } from '../../store/audit.ts';
import type { KeyRecord } from '../../store/key-record.ts';
import type { Witness } from '../../store/keys.ts';
import { callerOf } from '../caller.ts';
import { doorOf } from '../door.ts';

/** What a request does, for the audit log. */
export interface AuditedAction {
  /** `key.create`, `settings.change` and so on. */
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Writes down what a request does, with who sent it and from where. */
export function audit(log: AuditLog, request: FastifyRequest, done: AuditedAction): void {
  const { address } = doorOf(request);
  const { name, isSession } = callerOf(request);
  log.append({ ...done, actor: isSession === true ? `${name} (session)` : name, address, requestId: request.id });
}

/** Writes down a change of a key: the members that differ, or all of a new one. */
export function auditKey(log: AuditLog, request: FastifyRequest, action: string): Witness {
  return (before, after) => {
    const changed = (Object.keys(after) as (keyof KeyRecord)[]).filter(
      (member) => before === null || !isDeepStrictEqual(before[member], after[member]),
    );
    if (changed.length === 0) return;
    const only = (key: KeyRecord): unknown => Object.fromEntries(changed.map((member) => [member, key[member]]));
    audit(log, request, {
      action,
      target: `key ${after.id} (${after.name})`,
      before: before === null ? null : only(before),
      after: only(after),
    });
  };
}
