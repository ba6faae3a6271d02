import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { eachPage } from '../../store/reading/pages.ts';
import type { Place, RequestFilter } from '../../store/usage-query.ts';
import { OcpError } from '../../wire/errors.ts';
import { parseWith } from '../../wire/validate.ts';
import { callerOf } from '../caller.ts';
import { ownOrAll } from './account.ts';
import { exported, exportTypes } from './usage-export.ts';
import { timeOf } from './usage-request.ts';
import type { UsageRouteOptions } from './usage-options.ts';
import { namer, requestAnswer, requestView } from './usage-view.ts';

const USUAL_LIMIT = 50;
const MOST = 500;

const requestsQuery = z.looseObject({
  since: z.string().optional(),
  until: z.string().optional(),
  /** A key by id or name, or a role such as `local`; for the admin. */
  key: z.string().max(64).optional(),
  /** The model that answered. */
  model: z.string().max(128).optional(),
  /** `ok`, `error`, or the code of an error. */
  outcome: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(MOST).default(USUAL_LIMIT),
  /** `next` of the page before. */
  before: z
    .string()
    .regex(/^\d{1,15}\.\d{1,15}$/)
    .optional(),
  format: z.enum(['json', 'csv', 'jsonl']).default('json'),
});
const pageAnswer = z.strictObject({
  requests: z.array(requestAnswer.extend({ id: z.int(), at: z.int() })),
  next: z.string().nullable(),
});

/** `/api/requests`: single requests, newest first: one's own, or everybody's for the admin. */
export function addRequestsRoutes(
  server: FastifyInstance,
  options: UsageRouteOptions,
  noteFullScope: (request: FastifyRequest) => void,
): void {
  const { reader, usageLog, keys, mode } = options;
  const nameOf = namer(keys);
  server.get(
    '/api/requests',
    {
      config: {
        access: 'callers',
        docs: {
          summary:
            'List single requests, newest first, page by page; format=csv or jsonl exports all that match. Your own, everybody’s for the admin',
          query: requestsQuery,
          answers: { 200: pageAnswer },
        },
      },
    },
    async (request, reply) => {
      const asked = parseWith(requestsQuery, request.query);
      const account = ownOrAll(callerOf(request), asked.key, mode, keys);
      if (account === undefined) noteFullScope(request);
      const filter: RequestFilter = {
        from: asked.since === undefined ? 0 : timeOf(asked.since, 'since'),
        to: asked.until === undefined ? Number.MAX_SAFE_INTEGER : timeOf(asked.until, 'until'),
        ...(account === undefined ? {} : { account }),
        ...(asked.model === undefined ? {} : { model: asked.model }),
        ...(asked.outcome === undefined ? {} : { outcome: asked.outcome }),
      };
      usageLog.flush();
      if (asked.format !== 'json') {
        async function* pages(): AsyncGenerator<ReturnType<typeof requestView>[], void> {
          for await (const page of eachPage(reader, filter, Number.MAX_SAFE_INTEGER))
            yield page.map((row) => requestView(row, nameOf(row)));
        }
        return reply
          .type(exportTypes[asked.format])
          .header('content-disposition', `attachment; filename="ocp-requests.${asked.format}"`)
          .send(Readable.from(exported(pages(), asked.format)));
      }
      const page = await reader.ask('page', [filter, asked.limit, placeOf(asked.before)]);
      const last = page.at(-1);
      return {
        requests: page.map(({ id, row }) => ({ id, at: row.at, ...requestView(row, nameOf(row)) })),
        next: last === undefined || page.length < asked.limit ? null : `${last.row.at}.${last.id}`,
      };
    },
  );
}

function placeOf(before: string | undefined): Place | undefined {
  if (before === undefined) return undefined;
  const [until, id] = before.split('.').map(Number);
  if (until === undefined || id === undefined) throw new OcpError('invalid_request', 'There is no such page.');
  return { until, before: id };
}
