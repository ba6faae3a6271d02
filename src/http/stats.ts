import type { RequestRecord } from '../gateway/record.ts';

/** How many failures `/health` shows. */
const RECENT_ERRORS = 5;

export interface RecentError {
  /** ISO 8601. */
  readonly time: string;
  readonly message: string;
}

/** Counts since the start, for `/health`. */
export class Stats {
  totalRequests = 0;
  errors = 0;
  timeouts = 0;
  readonly workers = { live: 0, spare: 0, recycled: 0, started: 0, retries: 0 };
  readonly recentErrors: RecentError[] = [];
  readonly #planUseRefused = new Map<string, number>();

  /** By family of clients, requests that Anthropic did not let draw on the plan. */
  get planUseRefused(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#planUseRefused);
  }

  /** A client that hangs up is no error, and what was refused before anything began is the client's own affair. */
  add(record: RequestRecord, now: Date): void {
    if (record.refused === true) return;
    this.totalRequests += 1;
    if (record.origin !== undefined) this.workers[record.origin] += 1;
    this.workers.retries += record.retries;
    if (record.outcome === 'ok' || record.outcome === 'client_closed') return;
    this.errors += 1;
    if (record.outcome === 'timeout') this.timeouts += 1;
    if (record.outcome === 'plan_use_refused') {
      this.#planUseRefused.set(record.client, (this.#planUseRefused.get(record.client) ?? 0) + 1);
    }
    this.recentErrors.push({ time: now.toISOString(), message: record.outcome });
    if (this.recentErrors.length > RECENT_ERRORS) this.recentErrors.shift();
  }
}
