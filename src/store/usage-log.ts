import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Slices } from './slices.ts';
import { inTransaction } from './transaction.ts';
import { rollUps } from './usage-roll-ups.ts';
import type { UsageRow } from './usage-row.ts';
import { HOUR_MS, requestColumns, requestValues } from './usage-row.ts';

/** Rows are written together, at most this long after their requests ended, ms. */
const WRITE_AFTER_MS = 500;
/** While that fails, it is tried again after this time, ms. */
const TRY_AGAIN_MS = 1000;
/** Rows that wait at most, so that a transaction is short. */
const MOST_WAITING = 500;
/** Rows that are kept for another try while the database cannot be written, such as on a full disk. */
const MOST_UNWRITTEN = 20_000;
/** Rows that one statement of a sweep removes: a long one would hold up every request. */
const REMOVED_AT_ONCE = 250;
const DAY_MS = 24 * HOUR_MS;
/** How long times to the first event are kept by hour, ms. */
const FINE_TIMES_MS = 8 * DAY_MS;
/** How long sums by hour are kept, ms. */
const SUMS_MS = 3 * 365 * DAY_MS;

export interface UsageLogOptions {
  /** The quick connection. */
  readonly database: DatabaseSync;
  /** Told of rows that could not be written; requests do not fail for it. */
  readonly onError: (error: unknown) => void;
}

interface Entry {
  row: UsageRow;
  /** The row's id once it is written. */
  id: number | undefined;
}

/** Sums of one hour of one account, for counting on after a start. */
export interface HourOfAccount {
  /** Begin of the hour, Unix ms. */
  readonly at: number;
  readonly account: string;
  /** Requests that count towards quotas. */
  readonly counted: number;
  /** Those of them that the cache answered. */
  readonly countedCached: number;
  readonly tokens: number;
  readonly usd: number;
}

/**
 * Every request, and its sums by hour, account and model. Rows wait in memory for less than a second, off the way of the
 * request; what was written survives the end of the process, however it comes.
 */
export class UsageLog {
  readonly #options: UsageLogOptions;
  readonly #add: StatementSync;
  readonly #rollUp: ReturnType<typeof rollUps>;
  readonly #price: StatementSync;
  readonly #priceHour: StatementSync;
  readonly #removals: Readonly<Record<keyof typeof removals, StatementSync>>;
  readonly #sweeping: Slices;
  /** What a sweep removes ended before these times, Unix ms. */
  #oldest = { requests: 0, fineTimes: 0, sums: 0 };
  #waiting: Entry[] = [];
  #corrections: { readonly entry: Entry; readonly usd: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isFailing = false;
  #dropped = 0;

  constructor(options: UsageLogOptions) {
    this.#options = options;
    const { database } = options;
    this.#add = database.prepare(insertRequest);
    this.#rollUp = rollUps(database);
    this.#price = database.prepare('UPDATE usage_requests SET usd = usd + ? WHERE id = ?');
    this.#priceHour = database.prepare(
      'UPDATE usage_hours SET usd = usd + ? WHERE hour = ? AND account = ? AND model = ?',
    );
    const prepared = Object.entries(removals).map(([name, sql]) => [name, database.prepare(sql)]);
    this.#removals = Object.fromEntries(prepared) as Record<keyof typeof removals, StatementSync>;
    this.#sweeping = new Slices(() => this.#removeOld(), options.onError);
  }

  /** Takes a row; the function that comes back corrects its price, should it be known better a moment later. */
  add(row: UsageRow): (usd: number) => void {
    const entry: Entry = { row, id: undefined };
    this.#waiting.push(entry);
    if (this.#waiting.length > MOST_UNWRITTEN) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    // While the database cannot be written, each try holds everybody up: then only the timer tries.
    if (this.#waiting.length >= MOST_WAITING && !this.#isFailing) this.#writeSome();
    else this.#timer ??= setTimeout(() => this.#writeSome(), WRITE_AFTER_MS).unref();
    return (usd) => this.#correct(entry, usd);
  }

  /** Rows that wait to be written, and those that were lost because too many waited. */
  get backlog(): { readonly waiting: number; readonly dropped: number } {
    return { waiting: this.#waiting.length, dropped: this.#dropped };
  }

  /** Writes what waits. */
  flush(): void {
    do this.#writeSome();
    while (!this.#isFailing && this.#waiting.length > 0);
  }

  #writeSome(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = this.#waiting.slice(0, MOST_WAITING);
    const corrections = this.#corrections;
    if (entries.length === 0 && corrections.length === 0) return;
    try {
      const ids = inTransaction(this.#options.database, () => {
        const written = entries.map(({ row }) => this.#write(row));
        for (const { entry, usd } of corrections) this.#reprice(entry, usd);
        return written;
      });
      for (const [index, entry] of entries.entries()) entry.id = ids[index];
      this.#waiting.splice(0, entries.length);
      this.#corrections = [];
      this.#isFailing = false;
      if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#writeSome(), 0).unref();
    } catch (error) {
      this.#corrections.splice(0, this.#corrections.length - MOST_UNWRITTEN);
      this.#timer = setTimeout(() => this.#writeSome(), TRY_AGAIN_MS).unref();
      // Once for each time that it begins to fail.
      if (!this.#isFailing) this.#options.onError(error);
      this.#isFailing = true;
    }
  }

  /**
   * Forgets single requests that ended before a time (Unix ms), some at a time. Their sums by hour stay for three years;
   * times to the first event stay by day.
   */
  sweep(before: number, now: number): void {
    this.#oldest = { requests: before, fineTimes: now - FINE_TIMES_MS, sums: now - SUMS_MS };
    this.#sweeping.begin();
  }

  /** Ends what goes on in slices. */
  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    this.#sweeping.close();
  }

  /** The hours of every account in the 31 days before `now` (Unix ms), the oldest first. */
  *lastHours(now: number): Generator<HourOfAccount, void> {
    const first = Math.floor((now - 31 * DAY_MS) / HOUR_MS);
    for (const row of this.#options.database.prepare(hoursOfAccounts).iterate(first)) {
      yield {
        at: Number(row['hour']) * HOUR_MS,
        account: String(row['account']),
        counted: Number(row['counted']),
        countedCached: Number(row['counted_cached']),
        tokens: Number(row['tokens']),
        usd: Number(row['usd']),
      };
    }
  }

  #removeOld(): boolean {
    const { requests, fineTimes, sums } = this.#oldest;
    const oldest: Record<keyof typeof removals, number> = {
      requests,
      fineTimes: Math.floor(fineTimes / HOUR_MS),
      dailyTimes: Math.floor(sums / DAY_MS),
      hours: Math.floor(sums / HOUR_MS),
      errors: Math.floor(sums / HOUR_MS),
    };
    const names = Object.keys(removals) as (keyof typeof removals)[];
    return names.some((name) => Number(this.#removals[name].run(oldest[name], REMOVED_AT_ONCE).changes) > 0);
  }

  #write(row: UsageRow): number {
    const id = Number(this.#add.run(...requestValues(row)).lastInsertRowid);
    this.#rollUp(id, { isError: row.outcome !== 'ok', hasFirstEvent: row.firstEventMs !== null });
    return id;
  }

  #correct(entry: Entry, usd: number): void {
    const difference = usd - entry.row.usd;
    if (difference === 0) return;
    const isWritten = entry.id !== undefined;
    entry.row = { ...entry.row, usd };
    if (!isWritten) return;
    this.#corrections.push({ entry, usd: difference });
    this.#timer ??= setTimeout(() => this.#writeSome(), WRITE_AFTER_MS).unref();
  }

  #reprice({ id, row }: Entry, difference: number): void {
    this.#price.run(difference, id ?? null);
    this.#priceHour.run(difference, Math.floor(row.at / HOUR_MS), row.account, row.modelAnswered ?? '');
  }
}

/** What a sweep removes, the cheapest way to find each first. */
const removals = {
  requests: 'DELETE FROM usage_requests WHERE id IN (SELECT id FROM usage_requests WHERE at < ? ORDER BY at LIMIT ?)',
  fineTimes: removal('usage_first_events', "period = 'hour' AND start < ?", 'period, start, account, model, step'),
  dailyTimes: removal('usage_first_events', "period = 'day' AND start < ?", 'period, start, account, model, step'),
  hours: removal('usage_hours', 'hour < ?', 'hour, account, model'),
  errors: removal('usage_errors', 'hour < ?', 'hour, account, model, outcome'),
} as const;

function removal(table: string, where: string, key: string): string {
  return `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT ?)`;
}

export const insertRequest = `
  INSERT INTO usage_requests (${requestColumns.join(', ')}) VALUES (${requestColumns.map(() => '?').join(', ')})`;

const hoursOfAccounts = `
  SELECT hour, account, sum(counted) AS counted, sum(counted_cached) AS counted_cached, sum(usd) AS usd,
    sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens) AS tokens
  FROM usage_hours WHERE hour >= ? GROUP BY hour, account ORDER BY hour`;
