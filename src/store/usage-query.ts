import type { DatabaseSync } from 'node:sqlite';
import type { UsageRow, UsageSums } from './usage-row.ts';
import { HOUR_MS, requestRow, sumNames, sums } from './usage-row.ts';

/** Which requests are asked about. */
export interface UsageScope {
  /** Unix ms; from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
  /** Absent = everybody's. */
  readonly account?: string;
  /** The model that answered; absent = all, and requests that none answered. */
  readonly model?: string;
}

/** Which single requests are asked about. */
export interface RequestFilter extends UsageScope {
  /** The code of an error, `ok`, or `error` for any error; absent = all. */
  readonly outcome?: string;
}

/** Where a page begins: with what ended at `until` before the row of an id, and whatever ended earlier. */
export interface Place {
  /** Unix ms. */
  readonly until: number;
  readonly before: number;
}

/** A request with its number in the database. */
export interface NumberedRow {
  readonly id: number;
  readonly row: UsageRow;
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
    const found = this.#sumBy('account', scope).values();
    return [...found].toSorted((a, b) => b.requests - a.requests || (a.account < b.account ? -1 : 1));
  }

  /** By hour, the oldest first; hours without a request are left out. */
  byHour(scope: UsageScope): readonly HourUsage[] {
    const hours = [...this.#sumBy('hour', scope)];
    return hours.map(([hour, sums]) => ({ ...sums, at: Number(hour) * HOUR_MS })).toSorted((a, b) => a.at - b.at);
  }

  /** By the model that answered, whichever was used most first; requests that none answered under an empty name. */
  byModel(scope: UsageScope): readonly (UsageSums & { readonly model: string })[] {
    const found = [...this.#sumBy('model', scope)].map(([model, sums]) => ({ ...sums, model }));
    return found.toSorted((a, b) => b.requests - a.requests || (a.model < b.model ? -1 : 1));
  }

  /** One page of requests, newest first, from a place on. */
  page(filter: RequestFilter, limit: number, place: Place | undefined): readonly NumberedRow[] {
    return this.#page(filter, limit, place ?? startOf(filter));
  }

  /** The newest requests, newest first. */
  newest(scope: UsageScope, limit: number): readonly UsageRow[] {
    return this.#page(scope, limit, startOf(scope)).map(({ row }) => row);
  }

  /** Whole hours come from their sums, what is cut off at either end from the single requests. */
  #sumBy(group: Group, { from, to, ...filter }: UsageScope): ReadonlyMap<string, AccountUsage> {
    const firstHour = Math.ceil(from / HOUR_MS);
    const endHour = Math.max(firstHour, Math.floor(to / HOUR_MS));
    const headEnd = Math.min(to, firstHour * HOUR_MS);
    const found = new Map<string, AccountUsage>();
    for (const [table, start, end] of [
      ['usage_hours', firstHour, endHour],
      ['usage_requests', from, headEnd],
      ['usage_requests', Math.max(headEnd, endHour * HOUR_MS), to],
    ] as const) {
      if (start >= end) continue;
      for (const row of this.#database.prepare(sumSql(table, group, filter)).all({ start, end, ...filter })) {
        const name = String(row['name']);
        const before = found.get(name);
        const sums = accountUsage(row);
        found.set(name, before === undefined ? sums : together(before, sums));
      }
    }
    return found;
  }

  #page(filter: RequestFilter, limit: number, { until, before }: Place): readonly NumberedRow[] {
    const sql = `
      SELECT * FROM usage_requests
      WHERE at >= :from AND at <= :until AND (at < :until OR id < :before) ${conditions(filter)}
      ORDER BY at DESC, id DESC LIMIT :limit`;
    const { from, account, model, outcome } = filter;
    const named = {
      ...(account === undefined ? {} : { account }),
      ...(model === undefined ? {} : { model }),
      ...(outcome === undefined || outcome === 'error' ? {} : { outcome }),
    };
    return this.#database
      .prepare(sql)
      .all({ from, until, before, limit, ...named })
      .map((row) => ({ id: Number(row['id']), row: requestRow(row) }));
  }
}

/** Where the first page begins. */
export function startOf({ to }: UsageScope): Place {
  return { until: to - 1, before: Number.MAX_SAFE_INTEGER };
}

type Group = 'account' | 'hour' | 'model';
type Filter = Pick<RequestFilter, 'account' | 'model' | 'outcome'>;

function sumSql(table: 'usage_hours' | 'usage_requests', group: Group, filter: Filter): string {
  const isHours = table === 'usage_hours';
  const groups = isHours
    ? { hour: 'hour', account: 'account', model: 'model' }
    : { hour: `at / ${HOUR_MS}`, account: 'account', model: "ifnull(model_answered, '')" };
  const columns = sumNames.map((name) => `sum(${isHours ? name : sums[name]}) AS ${name}`);
  const [first, last] = isHours ? ['first_at', 'last_at'] : ['at', 'at'];
  return `
    SELECT ${groups[group]} AS name, account, max(caller) AS caller,
      min(${first}) AS first_at, max(${last}) AS last_at, ${columns.join(', ')}
    FROM ${table}
    WHERE ${isHours ? 'hour' : 'at'} >= :start AND ${isHours ? 'hour' : 'at'} < :end ${conditions(filter, isHours ? 'model' : 'model_answered')}
    GROUP BY 1`;
}

function conditions({ account, model, outcome }: Filter, modelColumn = 'model_answered'): string {
  return [
    account === undefined ? '' : 'AND account = :account',
    model === undefined ? '' : `AND ${modelColumn} = :model`,
    // The index of failed requests is used only where its own condition is repeated.
    outcome === undefined ? '' : outcome === 'ok' ? 'AND outcome = :outcome' : "AND outcome <> 'ok'",
    outcome === undefined || outcome === 'ok' || outcome === 'error' ? '' : 'AND outcome = :outcome',
  ].join(' ');
}

function accountUsage(row: Readonly<Record<string, unknown>>): AccountUsage {
  return {
    ...(Object.fromEntries(sumNames.map((name) => [name, Number(row[name])])) as unknown as UsageSums),
    account: String(row['account']),
    caller: String(row['caller']),
    firstAt: Number(row['first_at']),
    lastAt: Number(row['last_at']),
  };
}

function together(a: AccountUsage, b: AccountUsage): AccountUsage {
  return {
    ...a,
    ...(Object.fromEntries(sumNames.map((name) => [name, a[name] + b[name]])) as unknown as UsageSums),
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
  };
}
