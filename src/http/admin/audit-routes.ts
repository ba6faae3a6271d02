import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { AuditLog } from '../../store/audit.ts';
import type { Reader } from '../../store/reading/reader.ts';
import { parseWith } from '../../wire/validate.ts';
import { isoTime } from './key-view.ts';

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

const auditQuery = z.looseObject({
  limit: wholeNumber.pipe(z.int().min(1).max(500)).optional(),
  before: wholeNumber.optional(),
});
const entry = z.strictObject({
  id: z.int(),
  at: z.iso.datetime(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  address: z.string().nullable(),
  requestId: z.string().nullable(),
  hash: z.string(),
});
const pageAnswer = z.strictObject({ entries: z.array(entry), next: z.int().nullable() });
const checkAnswer = z.strictObject({
  ok: z.boolean(),
  entries: z.int(),
  brokenAt: z.int().nullable(),
  lastHash: z.string(),
});

/** `/api/audit`: what was administered, by whom, from where. */
export function addAuditRoutes(server: FastifyInstance, audit: AuditLog, reader: Reader): void {
  server.get(
    '/api/audit',
    {
      config: {
        access: 'admin',
        docs: {
          summary: 'List what was administered, newest first; next is the `before` of the following page',
          query: auditQuery,
          answers: { 200: pageAnswer },
        },
      },
    },
    (request) => {
      const { limit = 50, before } = parseWith(auditQuery, request.query);
      const page = audit.page(limit, before);
      const oldest = page.at(-1)?.id ?? 1;
      return {
        entries: page.map((row) => ({ ...row, at: isoTime(row.at) })),
        next: page.length === limit && oldest > 1 ? oldest : null,
      };
    },
  );
  server.get(
    '/api/audit/verify',
    {
      config: {
        access: 'admin',
        docs: { summary: 'Check that no entry was changed or taken out', answers: { 200: checkAnswer } },
      },
    },
    async () => {
      const check = await reader.ask('verifyAudit', []);
      return { ok: check.brokenAt === null, ...check };
    },
  );
}
