import type { FastifyRequest } from 'fastify';
import type { AuditLog } from '../../store/audit.ts';
import { audit } from '../admin/audited.ts';
import { doorOf } from '../door.ts';

/** A dashboard asks again and again: within this time one entry of the audit log stands for all of them, ms. */
const AUDIT_AGAIN_MS = 3_600_000;

export interface FullScopeOptions {
  readonly audit: AuditLog;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
}

/** Writes into the audit log that the admin looked at everybody's usage. */
export function fullScopeNotes({ audit: log, now }: FullScopeOptions): (request: FastifyRequest) => void {
  const notedAt = new Map<string, number>();
  return (request) => {
    const { address } = doorOf(request);
    if (Math.abs(now() - (notedAt.get(address) ?? Number.NEGATIVE_INFINITY)) < AUDIT_AGAIN_MS) return;
    for (const [other, at] of notedAt) if (Math.abs(now() - at) >= AUDIT_AGAIN_MS) notedAt.delete(other);
    notedAt.set(address, now());
    audit(log, request, { action: 'usage.read_all', target: 'usage', before: null, after: null });
  };
}
