import { setTimeout as sleep } from 'node:timers/promises';
import { OcpError } from '../wire/errors.ts';

export interface ThrottleRules {
  /** Failures of one address that cost it nothing. */
  readonly free: number;
  /** The delay after the next one, ms; it doubles with every further one. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Failures of one address after which it is refused at once. */
  readonly most: number;
  /** One failure is forgotten in this time, ms. */
  readonly forgetOneInMs: number;
  /** Addresses that are remembered; beyond it the one that failed least lately is forgotten. */
  readonly addresses: number;
  /** Answers that may be held back at the same time, over all addresses; beyond it failures are refused at once. */
  readonly waiting: number;
}

export const usualThrottle: ThrottleRules = {
  free: 5,
  firstDelayMs: 250,
  longestDelayMs: 5000,
  most: 20,
  forgetOneInMs: 30_000,
  addresses: 10_000,
  waiting: 200,
};

export interface LoginThrottleOptions extends ThrottleRules {
  /** Clock, ms. */
  readonly now: () => number;
  /** Waits, for tests; rejects when the signal is aborted. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

interface Failures {
  /** How many are not forgotten. */
  level: number;
  /** When that was so, ms. */
  at: number;
}

/**
 * Slows down whoever tries keys. Only failures wait: a right key is answered at once wherever it comes from, because behind
 * one address there may be many people, and one tool with an old key must not lock them all out.
 */
export class LoginThrottle {
  readonly #options: LoginThrottleOptions;
  readonly #failures = new Map<string, Failures>();
  #waiting = 0;

  constructor(options: LoginThrottleOptions) {
    this.#options = options;
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#failures.size;
  }

  /**
   * Counts a failure and resolves when its answer may be sent; at once when the client has gone. Rejects with OcpError
   * `rate_limit_exceeded` when there were too many.
   */
  async failed(address: string, signal: AbortSignal): Promise<void> {
    const { free, firstDelayMs, longestDelayMs, most, forgetOneInMs, waiting } = this.#options;
    const level = this.#count(placeOf(address));
    if (level > most || this.#waiting >= waiting) throw tooMany(Math.max(1, level - most) * forgetOneInMs);
    if (level <= free) return;
    const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** (Math.ceil(level - free) - 1));
    const wait = this.#options.wait ?? (async (ms, signal) => sleep(ms, undefined, { signal }));
    this.#waiting += 1;
    try {
      await wait(delay, signal);
    } catch {
      // The client has gone.
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Failures beyond the most count no further, so that an address comes free again in a known time. */
  #count(place: string): number {
    const { now, most, forgetOneInMs, addresses } = this.#options;
    const before = this.#failures.get(place);
    const left = before === undefined ? 0 : Math.max(0, before.level - (now() - before.at) / forgetOneInMs);
    const level = Math.min(left + 1, most + 1);
    this.#failures.delete(place);
    this.#failures.set(place, { level, at: now() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > addresses && oldest !== undefined) this.#failures.delete(oldest);
    return level;
  }
}

/** Whoever has one IPv6 address has at least the 2^64 beside it. */
function placeOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [start = '', end] = (address.split('%', 1)[0] ?? '').split('::', 2);
  const groups = start === '' ? [] : start.split(':');
  const rest = end === undefined || end === '' ? [] : end.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}

function tooMany(ms: number): OcpError {
  return new OcpError('rate_limit_exceeded', 'Too many requests with a wrong API key came from this address.', {
    retryAfterSeconds: Math.ceil(ms / 1000),
  });
}
