import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthMode } from '../../config/config.ts';
import type { AuditLog } from '../../store/audit.ts';
import type { KeyStore } from '../../store/keys.ts';
import type { UsageLog } from '../../store/usage-log.ts';
import type { UsageQuery, UsageScope } from '../../store/usage-query.ts';
import type { UsageRow } from '../../store/usage-row.ts';
import { audit } from '../admin/audited.ts';
import { limitedCaller } from '../call-origin.ts';
import { callerOf } from '../caller.ts';
import { isAdmin } from '../identity.ts';
import type { Log } from '../log.ts';
import { keyIdOf, ownerOf } from '../owner.ts';
import { exported, exportTypes } from './usage-export.ts';
import { usageQuery, usageRequest } from './usage-request.ts';
import { hourUsageView, keyUsageView, requestView, usageAnswer } from './usage-view.ts';

/** A dashboard asks again and again: within this time one entry of the audit log stands for all of them, ms. */
const AUDIT_AGAIN_MS = 3_600_000;

export interface UsageRouteOptions {
  readonly mode: AuthMode;
  readonly keys: KeyStore;
  readonly audit: AuditLog;
  readonly log: Log;
  readonly usageLog: Pick<UsageLog, 'flush'>;
  readonly usage: UsageQuery;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
}

/** `/api/usage`: what callers used; their own, or everybody's for the admin. Contract: "/api/usage" of OCP's HTTP contract. */
export function addUsageRoutes(server: FastifyInstance, options: UsageRouteOptions): void {
  const noteFullScope = fullScopeNotes(options);
  server.get(
    '/api/usage',
    {
      config: {
        access: 'callers',
        docs: {
          summary:
            'Show usage: your own, or with all=true everybody’s for the admin; format=csv or jsonl exports requests',
          query: usageQuery,
          answers: { 200: usageAnswer },
        },
      },
    },
    (request, reply) => {
      const caller = callerOf(request);
      const asked = usageRequest(request.query, options.now());
      const isAll = asked.all && isAdmin(caller, options.mode);
      if (isAll) noteFullScope(request);
      const account = limitedCaller(caller, (name) => options.keys.get(name)).limited?.account ?? ownerOf(caller);
      const scope: UsageScope = isAll ? asked.range : { ...asked.range, account };
      options.usageLog.flush();
      if (asked.format !== 'json') return sendExport(reply, scope, asked.exported, asked.format, options);
      const { usage } = options;
      const name = namer(options.keys);
      return {
        byKey: usage.byAccount(scope).map((row) => keyUsageView(row, name(row))),
        timeline: usage.byHour(scope).map(hourUsageView),
        recent: usage.newest(scope, asked.recent).map((row) => requestView(row, name(row))),
        scope: { self: isAll ? null : caller.name, all: isAll },
      };
    },
  );
}

function sendExport(
  reply: FastifyReply,
  scope: UsageScope,
  limit: number,
  format: keyof typeof exportTypes,
  { usage, keys }: UsageRouteOptions,
): FastifyReply {
  const name = namer(keys);
  function* pages(): Generator<ReturnType<typeof requestView>[], void> {
    for (const page of usage.each(scope, limit)) yield page.map((row) => requestView(row, name(row)));
  }
  return reply
    .type(exportTypes[format])
    .header('content-disposition', `attachment; filename="ocp-usage.${format}"`)
    .send(Readable.from(exported(pages(), format)));
}

/** A key's usage is shown under the name that it has now. */
function namer(keys: KeyStore): (row: Pick<UsageRow, 'account' | 'caller'>) => string {
  return ({ account, caller }) => {
    const id = keyIdOf(account);
    return (id === undefined ? undefined : keys.byId(id)?.name) ?? caller;
  };
}

/** Writes down that the admin looked at everybody's usage. */
function fullScopeNotes({ audit: log, log: serverLog, now }: UsageRouteOptions): (request: FastifyRequest) => void {
  const notedAt = new Map<string, number>();
  return (request) => {
    const address = request.socket.remoteAddress ?? '';
    serverLog.info({ caller: callerOf(request).name, address }, 'admin_usage_full_scope');
    if (now() - (notedAt.get(address) ?? 0) < AUDIT_AGAIN_MS) return;
    for (const [other, at] of notedAt) if (now() - at >= AUDIT_AGAIN_MS) notedAt.delete(other);
    notedAt.set(address, now());
    audit(log, request, { action: 'usage.read_all', target: 'usage', before: null, after: null });
  };
}
