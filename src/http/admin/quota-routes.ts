import type { FastifyInstance } from 'fastify';
import type { QuotaUsage } from '../../gateway/limits/types.ts';
import { quotaWindows } from '../../gateway/limits/types.ts';
import type { AuditLog } from '../../store/audit.ts';
import type { WindowLimits } from '../../store/key-record.ts';
import type { KeyStore } from '../../store/keys.ts';
import { keyNotFound } from '../../store/keys.ts';
import { OcpError } from '../../wire/errors.ts';
import { jsonBodyOf } from '../body/body-parser.ts';
import { auditKey } from './audited.ts';
import { changedQuotaAnswer, quotaAnswer, quotaPatch } from './key-schemas.ts';
import type { ByIdOrName } from './keys-routes.ts';
import { ADMIN_BODY_BYTES, livingKey } from './keys-routes.ts';

export interface QuotaRouteOptions {
  readonly keys: KeyStore;
  readonly audit: AuditLog;
  readonly quotaUsage: QuotaUsage;
}

/** `/api/keys/:idOrName/quota`: most requests of a key by window. Contract: "HTTP surface" of OCP's HTTP contract. */
export function addQuotaRoutes(server: FastifyInstance, { keys, audit, quotaUsage }: QuotaRouteOptions): void {
  server.get<ByIdOrName>(
    '/api/keys/:idOrName/quota',
    { config: { access: 'admin', docs: { summary: "Show a key's quotas and use", answers: { 200: quotaAnswer } } } },
    (request) => {
      const key = keys.get(request.params.idOrName);
      if (key === undefined) throw keyNotFound();
      const { requests } = key.limits;
      const quota = Object.fromEntries(
        quotaWindows.map((window) => [window, { limit: requests[window], used: quotaUsage.used(key.id, window) }]),
      );
      return { keyId: key.id, quota, ...quota };
    },
  );
  server.patch<ByIdOrName>(
    '/api/keys/:idOrName/quota',
    {
      bodyLimit: ADMIN_BODY_BYTES,
      config: {
        access: 'admin',
        docs: { summary: "Change a key's quotas", body: quotaPatch, answers: { 200: changedQuotaAnswer } },
      },
    },
    (request) => {
      const { idOrName } = request.params;
      const key = livingKey(keys, idOrName);
      const quota = parseQuota(jsonBodyOf(request));
      const limits = { ...key.limits, requests: { ...key.limits.requests, ...quota } };
      keys.change(key.id, { limits }, auditKey(audit, request, 'key.quota'));
      return { ok: true, idOrName, quota };
    },
  );
}

/** The windows that a body names. Raises OcpError `invalid_request` in the contract's words. */
function parseQuota(body: unknown): Partial<WindowLimits> {
  const result = quotaPatch.safeParse(body);
  if (!result.success) {
    const window = quotaWindows.find((name) => name === result.error.issues[0]?.path[0]);
    if (window === undefined) throw new OcpError('invalid_request', 'The request body must be an object.');
    throw new OcpError('invalid_request', `${window} must be a positive integer or null`, { param: window });
  }
  const given = quotaWindows.flatMap((window) => {
    const limit = result.data[window];
    return limit === undefined ? [] : [[window, limit] as const];
  });
  if (given.length > 0) return Object.fromEntries(given);
  throw new OcpError('invalid_request', `Give at least one of ${quotaWindows.join(', ')}.`);
}
