import type { DatabaseSync } from 'node:sqlite';
import type { UsageScope } from './usage-query.ts';
import { HOUR_MS } from './usage-row.ts';

const DAY_HOURS = 24;
/** Up to so many hours times to the first event are read by the hour, beyond it by whole UTC days. */
const FINE_HOURS = 72;

/** How often something went wrong. */
export interface ErrorCount {
  /** The code of the error. */
  readonly outcome: string;
  readonly requests: number;
}

/** Questions that the sums by hour do not answer, from roll-ups of their own. Times are taken as whole hours. */
export class UsageStatistics {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Failed requests by cause, the most frequent first. */
  errors(scope: UsageScope): readonly ErrorCount[] {
    const [start, end] = hoursOf(scope);
    const sql = `
      SELECT outcome, sum(requests) AS requests FROM usage_errors
      WHERE hour >= :start AND hour < :end ${filter(scope)} GROUP BY outcome ORDER BY 2 DESC, 1`;
    return this.#database
      .prepare(sql)
      .all({ start, end, ...named(scope) })
      .map((row) => ({ outcome: String(row['outcome']), requests: Number(row['requests']) }));
  }

  /** How many first events came how soon, by step (see `percentile`). */
  firstEvents(scope: UsageScope): ReadonlyMap<number, number> {
    const [startHour, endHour] = hoursOf(scope);
    const isFine = endHour - startHour <= FINE_HOURS;
    const [start, end] = isFine
      ? [startHour, endHour]
      : [Math.floor(startHour / DAY_HOURS), Math.ceil(endHour / DAY_HOURS)];
    const sql = `
      SELECT step, sum(requests) AS requests FROM usage_first_events
      WHERE period = '${isFine ? 'hour' : 'day'}' AND start >= :start AND start < :end ${filter(scope)} GROUP BY step`;
    const rows = this.#database.prepare(sql).all({ start, end, ...named(scope) });
    return new Map(rows.map((row) => [Number(row['step']), Number(row['requests'])]));
  }

  /** Requests of each account in each of the last `days` times 24 hours, the oldest first. `now` is Unix ms. */
  activity(days: number, now: number): ReadonlyMap<string, readonly number[]> {
    const end = Math.floor(now / HOUR_MS) + 1;
    const start = end - days * DAY_HOURS;
    const sql = `
      SELECT account, CAST((hour - :start) / ${DAY_HOURS} AS INTEGER) AS day, sum(requests) AS requests
      FROM usage_hours WHERE hour >= :start AND hour < :end GROUP BY 1, 2`;
    const found = new Map<string, number[]>();
    for (const row of this.#database.prepare(sql).all({ start, end })) {
      const account = String(row['account']);
      const counts = found.get(account) ?? Array.from({ length: days }, () => 0);
      found.set(account, counts);
      counts[Number(row['day'])] = Number(row['requests']);
    }
    return found;
  }
}

function hoursOf({ from, to }: UsageScope): readonly [number, number] {
  return [Math.floor(from / HOUR_MS), Math.ceil(to / HOUR_MS)];
}

function filter({ account, model }: UsageScope): string {
  return `${account === undefined ? '' : 'AND account = :account'} ${model === undefined ? '' : 'AND model = :model'}`;
}

function named({ account, model }: UsageScope): Record<string, string> {
  return { ...(account === undefined ? {} : { account }), ...(model === undefined ? {} : { model }) };
}
