import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { parseWith } from '../../wire/validate.ts';
import type { LogRing } from '../log-ring.ts';
import { logLevels } from '../log-ring.ts';

const USUAL_COUNT = 30;
const MOST = 200;

/** Values that make no sense mean the usual ones. */
const logsQuery = z.looseObject({
  n: z.coerce.number().int().min(1).catch(USUAL_COUNT).default(USUAL_COUNT),
  level: z
    .enum(['all', ...logLevels])
    .catch('all')
    .default('all'),
});
const logsAnswer = z.strictObject({
  count: z.int(),
  level: z.string(),
  entries: z.array(z.record(z.string(), z.unknown())),
});

/** `GET /logs`: the newest lines of the server's own log. Contract: "HTTP surface" of OCP's HTTP contract. */
export function addLogsRoutes(server: FastifyInstance, logs: LogRing): void {
  server.get(
    '/logs',
    {
      config: {
        access: 'admin',
        docs: {
          summary: 'Show the newest lines of the log, oldest first',
          query: logsQuery,
          answers: { 200: logsAnswer },
        },
      },
    },
    (request) => {
      const { n, level } = parseWith(logsQuery, request.query);
      const entries = logs.newest(Math.min(n, MOST), level);
      return { count: entries.length, level, entries };
    },
  );
}
