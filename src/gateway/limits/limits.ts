import type { KeyLimits } from '../../store/key-record.ts';
import type { Amounts } from './amounts.ts';
import { metrics, minus, nothing, plus } from './amounts.ts';
import type { Exceeded } from './limit-errors.ts';
import { concurrencyError, quotaError, rateError } from './limit-errors.ts';
import { Minute } from './minute.ts';
import type { QuotaWindow } from './types.ts';
import { quotaWindows } from './types.ts';
import type { Moment } from './usage-windows.ts';
import { UsageWindows } from './usage-windows.ts';

/** Accounts with nothing in them are looked for each time this many were added. */
const SWEEP_EVERY = 10_000;
/** When running requests will have given back what they reserved but did not use, ms. */
const SOON_MS = 10_000;

/** A request that was let in and is not over yet. */
export interface Reservation {
  /** Ends it: what was reserved is given back, what was used counts. Only the first call counts. */
  settle(used: Amounts): void;
}

interface Account {
  readonly windows: UsageWindows;
  readonly minute: Minute;
  /** What running requests may still use. */
  reserved: Amounts;
  running: number;
}

/**
 * Holds callers to their limits. What a request may use is reserved when it is let in, so that no burst of parallel
 * requests goes over a limit; what it did use counts once it is over. All of it is in memory: a check asks no database.
 */
export class Limits {
  readonly #accounts = new Map<string, Account>();
  readonly #now: () => number;
  readonly #steady: () => number;
  #added = 0;

  /** `now` is the wall clock, Unix ms; `steady` the monotonic one, ms. Without it no jump of the clock is noticed. */
  constructor(now: () => number, steady: () => number = now) {
    this.#now = now;
    this.#steady = steady;
  }

  /** Counts what an owner used before the start; called before the first request. */
  seed(owner: string, used: Amounts, at: number): void {
    this.#account(owner).windows.seed(used, at);
  }

  /**
   * Lets a request in, or raises OcpError `quota_exceeded` or `rate_limit_exceeded`, both with the time after which to try
   * again. `need` is what the request may use at most, as far as that can be known.
   */
  enter(owner: string, limits: KeyLimits, need: Amounts): Reservation {
    const now = this.#moment();
    const account = this.#account(owner);
    const exceeded = firstExceeded(account, limits, need, now);
    if (exceeded !== undefined) throw quotaError(exceeded, now.wall);
    return this.#enter(account, limits, need);
  }

  /**
   * The same for what uses nothing of a quota, such as counting tokens: raises what `enter` raises when a quota is used up,
   * and for rate and concurrency.
   */
  enterFree(owner: string, limits: KeyLimits): Reservation {
    const now = this.#moment();
    const account = this.#account(owner);
    const exceeded = firstUsedUp(account, limits, now);
    if (exceeded !== undefined) throw quotaError(exceeded, now.wall);
    return this.#enter(account, limits, nothing);
  }

  /** Counts something without a request: what one cost more, or less, than was counted at its end. */
  correct(owner: string, difference: Amounts): void {
    this.#account(owner).windows.add(difference, this.#moment());
  }

  /** What an owner used in each window, without what running requests may still use. */
  used(owner: string): Readonly<Record<QuotaWindow, Amounts>> {
    return (
      this.#accounts.get(owner)?.windows.used(this.#moment()) ?? { daily: nothing, weekly: nothing, monthly: nothing }
    );
  }

  #moment(): Moment {
    return { wall: this.#now(), steady: this.#steady() };
  }

  #enter(account: Account, { requestsPerMinute, concurrentTurns }: KeyLimits, need: Amounts): Reservation {
    if (concurrentTurns !== null && account.running >= concurrentTurns) throw concurrencyError(concurrentTurns);
    if (requestsPerMinute !== null) {
      const at = this.#steady();
      const wait = account.minute.freeAt(requestsPerMinute, at) - at;
      if (wait > 0) throw rateError(requestsPerMinute, wait);
      account.minute.add(at);
    }
    return this.#reserve(account, need);
  }

  #reserve(account: Account, need: Amounts): Reservation {
    account.reserved = plus(account.reserved, need);
    account.running += 1;
    let isOpen = true;
    return {
      settle: (used) => {
        if (!isOpen) return;
        isOpen = false;
        account.running -= 1;
        // With nothing left the sum starts from nothing, so that fractions of a cent do not add up over time.
        account.reserved = account.running === 0 ? nothing : minus(account.reserved, need);
        account.windows.add(used, this.#moment());
      },
    };
  }

  #account(owner: string): Account {
    const known = this.#accounts.get(owner);
    if (known !== undefined) return known;
    this.#added += 1;
    if (this.#added % SWEEP_EVERY === 0) this.#sweep();
    const account = { windows: new UsageWindows(), minute: new Minute(), reserved: nothing, running: 0 };
    this.#accounts.set(owner, account);
    return account;
  }

  #sweep(): void {
    const at = this.#steady();
    for (const [owner, { windows, minute, running }] of this.#accounts) {
      if (running === 0 && windows.isUnused && minute.isEmpty(at)) this.#accounts.delete(owner);
    }
  }
}

/** The first quota of which nothing is left. */
function firstUsedUp(account: Account, limits: KeyLimits, now: Moment): Exceeded | undefined {
  const used = account.windows.used(now);
  for (const metric of metrics) {
    for (const period of quotaWindows) {
      const limit = limits[metric][period];
      const taken = used[period][metric];
      if (limit === null || taken < limit) continue;
      // A moment later than when there is room for the least that can be used.
      const freeAt = account.windows.freeAt(period, metric, limit - 1, now);
      return { period, metric, limit, used: taken, needed: 0, freeAt };
    }
  }
  return undefined;
}

function firstExceeded(account: Account, limits: KeyLimits, need: Amounts, now: Moment): Exceeded | undefined {
  const used = account.windows.used(now);
  for (const metric of metrics) {
    const needed = need[metric];
    for (const period of quotaWindows) {
      const limit = limits[metric][period];
      if (limit === null) continue;
      const taken = used[period][metric] + account.reserved[metric];
      if (taken + needed <= limit) continue;
      const isOnlyReserved = metric !== 'requests' && used[period][metric] + needed <= limit;
      const most = limit - needed - account.reserved[metric];
      const freeAt = isOnlyReserved ? now.wall + SOON_MS : account.windows.freeAt(period, metric, most, now);
      return { period, metric, limit, used: taken, needed, freeAt };
    }
  }
  return undefined;
}
