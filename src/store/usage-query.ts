import type { DatabaseSync } from 'node:sqlite';
import type { UsageRow, UsageSums } from './usage-row.ts';
import { HOUR_MS, requestRow, sumNames, sums } from './usage-row.ts';

/** Rows of an export that are read at a time. */
const PAGE = 1000;

/** Which requests are asked about. */
export interface UsageScope {
  /** Unix ms; from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
  /** Absent = everybody's. */
  readonly account?: string;
}

/** What one account used. */
export interface AccountUsage extends UsageSums {
  readonly account: string;
  /** A name under which it was recorded. */
  readonly caller: string;
  /** Unix ms. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What was used in one hour. */
export interface HourUsage extends UsageSums {
  /** Begin of the hour, Unix ms. */
  readonly at: number;
}

/** The questions about recorded usage. What waits to be written is not in the answers: flush the log first. */
export class UsageQuery {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** By account, whoever sent most first. */
  byAccount(scope: UsageScope): readonly AccountUsage[] {
    const sql = `
      WITH parts AS (${parts(scope)})
      SELECT account, caller, max(last_at) AS last_at, min(first_at) AS first_at, ${totals}
      FROM parts GROUP BY account ORDER BY requests DESC, account`;
    return this.#database
      .prepare(sql)
      .all(parameters(scope))
      .map((row) => ({
        ...sumsOf(row),
        account: String(row['account']),
        caller: String(row['caller']),
        firstAt: Number(row['first_at']),
        lastAt: Number(row['last_at']),
      }));
  }

  /** By hour, the oldest first; hours without a request are left out. */
  byHour(scope: UsageScope): readonly HourUsage[] {
    const sql = `WITH parts AS (${parts(scope)}) SELECT hour, ${totals} FROM parts GROUP BY hour ORDER BY hour`;
    return this.#database
      .prepare(sql)
      .all(parameters(scope))
      .map((row) => ({ ...sumsOf(row), at: Number(row['hour']) * HOUR_MS }));
  }

  /** The newest requests, newest first. */
  newest(scope: UsageScope, limit: number): readonly UsageRow[] {
    return this.#page(scope, limit, startOf(scope)).map(({ row }) => row);
  }

  /** Every request, newest first, at most `limit`; read in pages, so that other work comes in between. */
  *each(scope: UsageScope, limit: number): Generator<readonly UsageRow[], void> {
    let left = limit;
    let place = startOf(scope);
    while (left > 0) {
      const size = Math.min(left, PAGE);
      const page = this.#page(scope, size, place);
      if (page.length > 0) yield page.map(({ row }) => row);
      const last = page.at(-1);
      if (last === undefined || page.length < size) return;
      left -= page.length;
      place = { until: last.row.at, before: last.id };
    }
  }

  #page({ from, account }: UsageScope, limit: number, { until, before }: Place): readonly NumberedRow[] {
    const sql = `
      SELECT * FROM usage_requests
      WHERE at >= :from AND at <= :until AND (at < :until OR id < :before) ${filter(account)}
      ORDER BY at DESC, id DESC LIMIT :limit`;
    const values = { from, until, before, limit, ...(account === undefined ? {} : { account }) };
    return this.#database
      .prepare(sql)
      .all(values)
      .map((row) => ({ id: Number(row['id']), row: requestRow(row) }));
  }
}

/** Where a page begins: with what ended at `until` before the row of an id, and whatever ended earlier. */
interface Place {
  readonly until: number;
  readonly before: number;
}

interface NumberedRow {
  readonly id: number;
  readonly row: UsageRow;
}

function startOf({ to }: UsageScope): Place {
  return { until: to - 1, before: Number.MAX_SAFE_INTEGER };
}

/** Whole hours come from the sums, what is cut off at either end from the single requests. */
function parts({ account }: UsageScope): string {
  const of = filter(account);
  const single = `
    SELECT at / ${HOUR_MS} AS hour, account, caller, at AS first_at, at AS last_at,
      ${sumNames.map((name) => `${sums[name]} AS ${name}`).join(', ')}
    FROM usage_requests`;
  return `
    SELECT hour, account, caller, first_at, last_at, ${sumNames.join(', ')}
    FROM usage_hours WHERE hour >= :firstHour AND hour < :endHour ${of}
    UNION ALL ${single} WHERE at >= :from AND at < :headEnd ${of}
    UNION ALL ${single} WHERE at >= :tailStart AND at < :to ${of}`;
}

function filter(account: string | undefined): string {
  return account === undefined ? '' : 'AND account = :account';
}

function parameters({ from, to, account }: UsageScope): Record<string, string | number> {
  const firstHour = Math.ceil(from / HOUR_MS);
  const endHour = Math.max(firstHour, Math.floor(to / HOUR_MS));
  const headEnd = Math.min(to, firstHour * HOUR_MS);
  return {
    firstHour,
    endHour,
    from,
    headEnd,
    tailStart: Math.max(headEnd, endHour * HOUR_MS),
    to,
    ...(account === undefined ? {} : { account }),
  };
}

const totals = sumNames.map((name) => `sum(${name}) AS ${name}`).join(', ');

function sumsOf(row: Readonly<Record<string, unknown>>): UsageSums {
  return Object.fromEntries(sumNames.map((name) => [name, Number(row[name])])) as unknown as UsageSums;
}
