import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { ResponseCache } from '../../gateway/cache/response-cache.ts';
import type { AuditLog } from '../../store/audit.ts';
import { audit } from './audited.ts';

export interface CacheRouteOptions {
  readonly cache: ResponseCache;
  readonly audit: AuditLog;
}

const statsAnswer = z.strictObject({
  /** Kept answers. */
  entries: z.int(),
  totalHits: z.int(),
  sizeBytes: z.int(),
  /** Answers that are being made now and can be joined. */
  inflight: z.int(),
  /** Requests that read them. */
  requesters: z.int(),
});
const clearedAnswer = z.strictObject({ cleared: z.int() });

/** `/cache`: the response cache. Contract: "HTTP surface" of OCP's HTTP contract. */
export function addCacheRoutes(server: FastifyInstance, { cache, audit: log }: CacheRouteOptions): void {
  server.get(
    '/cache/stats',
    { config: { access: 'admin', docs: { summary: 'What the response cache holds', answers: { 200: statsAnswer } } } },
    () => cache.stats(),
  );
  server.delete(
    '/cache',
    { config: { access: 'admin', docs: { summary: 'Forget every kept answer', answers: { 200: clearedAnswer } } } },
    (request) => {
      const cleared = cache.clear();
      audit(log, request, { action: 'cache.clear', target: 'cache', before: null, after: { cleared } });
      return { cleared };
    },
  );
}
