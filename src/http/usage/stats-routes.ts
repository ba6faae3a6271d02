import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { UsageScope } from '../../store/usage-query.ts';
import { HOUR_MS } from '../../store/usage-row.ts';
import { OcpError } from '../../wire/errors.ts';
import { parseWith } from '../../wire/validate.ts';
import { callerOf } from '../caller.ts';
import { keyIdOf } from '../owner.ts';
import { ownOrAll } from './account.ts';
import { activityAnswer, amountsView, firstTokenView, sharesOf, statsAnswer, total } from './stats-view.ts';
import { dayStarts, inBuckets, isZone } from './time-buckets.ts';
import type { UsageRouteOptions } from './usage-options.ts';
import { namer } from './usage-view.ts';

const MOST_HOURS = 24 * 400;
const ACTIVITY_DAYS = 14;

const statsQuery = z.looseObject({
  /** Hours back from now, the one that runs included. */
  hours: z.coerce.number().int().min(1).max(MOST_HOURS).default(24),
  by: z.enum(['hour', 'day']).default('hour'),
  /** IANA name of the time zone whose days are meant. */
  zone: z.string().max(64).default('UTC'),
  /** A key by id or name, or a role such as `local`; for the admin. */
  key: z.string().max(64).optional(),
  model: z.string().max(128).optional(),
});

/** `/api/stats`: what was used over a time, for charts: one's own, or everybody's for the admin. */
export function addStatsRoutes(
  server: FastifyInstance,
  options: UsageRouteOptions,
  noteFullScope: (request: FastifyRequest) => void,
): void {
  const { reader, usageLog, keys, mode, now } = options;
  const nameOf = namer(keys);
  server.get(
    '/api/stats',
    {
      config: {
        access: 'callers',
        docs: {
          summary:
            'Show usage over time with its percentiles and causes of failure: your own, everybody’s for the admin',
          query: statsQuery,
          answers: { 200: statsAnswer },
        },
      },
    },
    async (request): Promise<z.input<typeof statsAnswer>> => {
      const { hours, by, zone, key, model } = parseWith(statsQuery, request.query);
      if (!isZone(zone)) throw new OcpError('invalid_request', 'There is no such time zone.', { param: 'zone' });
      const to = (Math.floor(now() / HOUR_MS) + 1) * HOUR_MS;
      const from = to - hours * HOUR_MS;
      const account = ownOrAll(callerOf(request), key, mode, keys);
      if (account === undefined) noteFullScope(request);
      const scope: UsageScope = {
        from,
        to,
        ...(account === undefined ? {} : { account }),
        ...(model === undefined ? {} : { model }),
      };
      usageLog.flush();
      const starts = by === 'day' ? dayStarts(from, to, zone) : undefined;
      const [hoursUsed, firstEvents, errors, byKey, byModel] = await Promise.all([
        reader.ask('byHour', [scope]),
        reader.ask('firstEvents', [scope]),
        reader.ask('errors', [scope]),
        reader.ask('byAccount', [scope]),
        reader.ask('byModel', [scope]),
      ]);
      const buckets = inBuckets(hoursUsed, from, to, (hour) => starts?.get(hour) ?? hour);
      const points = buckets.map((bucket) => ({ at: bucket.at, ...amountsView(bucket) }));
      const totals = total(points);
      return {
        from,
        to,
        by,
        zone,
        points,
        totals,
        ...sharesOf(totals),
        firstToken: firstTokenView(firstEvents),
        errors: [...errors],
        byKey: byKey.map((row) => ({ account: row.account, name: nameOf(row), ...amountsView(row) })),
        byModel: byModel.map((row) => ({ model: row.model, ...amountsView(row) })),
      };
    },
  );
  server.get(
    '/api/stats/keys',
    {
      config: {
        access: 'admin',
        docs: {
          summary: `Show each key's requests by day, of the last ${ACTIVITY_DAYS}`,
          answers: { 200: activityAnswer },
        },
      },
    },
    async () => {
      usageLog.flush();
      const found = [...(await reader.ask('activity', [ACTIVITY_DAYS, now()]))];
      return {
        keys: found.flatMap(([account, days]) => {
          const id = keyIdOf(account);
          return id === undefined ? [] : [{ id, days }];
        }),
      };
    },
  );
}
