import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OcpError } from '../wire/errors.ts';
import { Recent } from './recent.ts';

export interface ThrottleRules {
  /** Wrong keys of one place that cost it nothing. */
  readonly free: number;
  /** The delay after the next one, ms; it doubles with every further one. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Wrong keys of one place after which it is refused at once. */
  readonly most: number;
  /** One wrong key is forgotten in this time, ms. */
  readonly forgetOneInMs: number;
  /** Wrong keys of all places after which secrets that people chose are tried only where they were right before. */
  readonly mostOfAll: number;
  /** One of those is forgotten in this time, ms. */
  readonly forgetOneOfAllInMs: number;
  /** Places that are remembered; beyond it the one that failed least lately is forgotten. */
  readonly places: number;
  /** Wrong keys that are known again, by place; and over all places. */
  readonly keysOfPlace: number;
  readonly keysOfAll: number;
  /** Answers that may be held back at the same time, for one place and over all; beyond it failures are refused at once. */
  readonly waitingOfPlace: number;
  readonly waiting: number;
}

export const usualThrottle: ThrottleRules = {
  free: 5,
  firstDelayMs: 250,
  longestDelayMs: 5000,
  most: 20,
  forgetOneInMs: 30_000,
  mostOfAll: 500,
  forgetOneOfAllInMs: 2000,
  places: 10_000,
  keysOfPlace: 32,
  keysOfAll: 4096,
  waitingOfPlace: 20,
  waiting: 200,
};

/** Where it is kept, over a restart, which secret was right at which place: as digests of both together. */
export interface KnownPlaces {
  has(digest: string): boolean;
  add(digest: string): void;
}

export interface LoginThrottleOptions extends ThrottleRules {
  readonly known: KnownPlaces;
  /** Monotonic clock, ms. */
  readonly now: () => number;
  /** Waits, for tests; rejects when the signal is aborted. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** What a request with wrong keys has to expect. */
export interface Tried {
  readonly place: string;
  readonly delayMs: number;
  /** Set where there were too many: after how many seconds the next one is looked at. */
  readonly retryAfterSeconds: number | undefined;
}

/** A number that goes down with time. */
interface Level {
  level: number;
  /** When that was so, ms. */
  at: number;
}

interface Place extends Level {
  /** How often each wrong key came again. */
  readonly keys: Recent<Level>;
  waiting: number;
}

/**
 * Slows down whoever tries keys. What counts are *different* wrong keys: a tool that goes on with an old key pays for itself
 * alone, because behind one address there may be a household. Keys that OCP makes cannot be guessed and are looked up
 * whatever happened; secrets that people chose are not even compared where too many wrong keys came from, unless the same
 * secret was right there before. Wrong keys are remembered by digests, and never more than a fixed number.
 */
export class LoginThrottle {
  readonly #options: LoginThrottleOptions;
  readonly #places: Recent<Place>;
  readonly #keysOfAll: Recent<true>;
  readonly #ofAll: Level = { level: 0, at: 0 };
  #waiting = 0;

  constructor(options: LoginThrottleOptions) {
    this.#options = options;
    this.#places = new Recent(options.places);
    this.#keysOfAll = new Recent(options.keysOfAll);
  }

  /** How many places are remembered. */
  get size(): number {
    return this.#places.size;
  }

  /** Whether a secret that somebody chose may be compared with a key from this place. `secret` is its digest. */
  mayTry(place: string, secret: Buffer): boolean {
    return !this.#isOver(place) || this.#options.known.has(knownAs(place, secret));
  }

  /** Remembers that a secret was right at this place. */
  succeeded(place: string, secret: Buffer): void {
    this.#options.known.add(knownAs(place, secret));
  }

  /** Counts the keys of a request that opened nothing, by their digests. */
  tried(place: string, wrong: readonly Buffer[]): Tried {
    const { most, forgetOneInMs, forgetOneOfAllInMs, mostOfAll, keysOfPlace } = this.#options;
    const from = this.#places.get(place) ?? {
      level: 0,
      at: this.#now,
      keys: new Recent<Level>(keysOfPlace),
      waiting: 0,
    };
    this.#places.set(place, from);
    // What is not compared is no wrong key yet: known again, it would be tried for nothing once the place comes free.
    const isCompared = !this.#isOver(place);
    let again = 0;
    let isNew = false;
    for (const digest of wrong) {
      const key = digest.toString('base64url', 0, 12);
      const before = from.keys.get(key);
      // One that comes again is bounded by itself, and is never too many.
      if (before !== undefined) again = Math.max(again, this.#raise(before, forgetOneInMs, most));
      else {
        isNew = true;
        this.#raise(from, forgetOneInMs, most + 1);
        if (this.#keysOfAll.get(key) === undefined) this.#raise(this.#ofAll, forgetOneOfAllInMs, mostOfAll + 1);
        if (isCompared) this.#keysOfAll.set(key, true);
      }
      if (before !== undefined || isCompared) from.keys.set(key, before ?? { level: 1, at: this.#now });
    }
    const delayMs = Math.max(this.#delayOf(again), isNew ? this.#delayOf(from.level) : 0);
    return { place, delayMs, retryAfterSeconds: this.#isOver(place) ? this.#waitOf(from) : undefined };
  }

  /**
   * Resolves when the answer to a request with wrong keys may be sent; at once when the client has gone. Rejects with OcpError
   * `rate_limit_exceeded` when there were too many.
   */
  async holdBack(tried: Tried, signal: AbortSignal): Promise<void> {
    if (tried.retryAfterSeconds !== undefined) throw tooMany(tried.retryAfterSeconds);
    if (tried.delayMs === 0) return;
    const from = this.#places.get(tried.place);
    const { waiting, waitingOfPlace } = this.#options;
    if (from === undefined || this.#waiting >= waiting || from.waiting >= waitingOfPlace)
      throw tooMany(Math.max(1, Math.ceil(tried.delayMs / 1000)));
    const wait = this.#options.wait ?? (async (ms, signal) => sleep(ms, undefined, { signal }));
    this.#waiting += 1;
    from.waiting += 1;
    try {
      await wait(tried.delayMs, signal);
    } catch {
      // The client has gone.
    } finally {
      this.#waiting -= 1;
      from.waiting -= 1;
    }
  }

  get #now(): number {
    return this.#options.now();
  }

  #isOver(place: string): boolean {
    const { most, mostOfAll, forgetOneInMs, forgetOneOfAllInMs } = this.#options;
    if (this.#left(this.#ofAll, forgetOneOfAllInMs) > mostOfAll) return true;
    const from = this.#places.peek(place);
    return from !== undefined && this.#left(from, forgetOneInMs) > most;
  }

  /** Seconds until a place, and everybody together, are below their limits. */
  #waitOf(from: Level): number {
    const { most, mostOfAll, forgetOneInMs, forgetOneOfAllInMs } = this.#options;
    const ofPlace = (this.#left(from, forgetOneInMs) - most) * forgetOneInMs;
    const ofAll = (this.#left(this.#ofAll, forgetOneOfAllInMs) - mostOfAll) * forgetOneOfAllInMs;
    return Math.max(1, Math.ceil(Math.max(ofPlace, ofAll) / 1000));
  }

  #left({ level, at }: Level, forgetOneInMs: number): number {
    return Math.max(0, level - (this.#now - at) / forgetOneInMs);
  }

  /** Beyond the most it goes no further, so that a place comes free again in a known time. */
  #raise(counted: Level, forgetOneInMs: number, most: number): number {
    counted.level = Math.min(this.#left(counted, forgetOneInMs) + 1, most);
    counted.at = this.#now;
    return counted.level;
  }

  #delayOf(level: number): number {
    const { free, firstDelayMs, longestDelayMs } = this.#options;
    if (level <= free) return 0;
    return Math.min(longestDelayMs, firstDelayMs * 2 ** (Math.ceil(level - free) - 1));
  }
}

function knownAs(place: string, secret: Buffer): string {
  return hash('sha256', `${place} ${secret.toString('hex')}`, 'hex');
}

function tooMany(seconds: number): OcpError {
  return new OcpError('rate_limit_exceeded', 'Too many different wrong API keys came from this address.', {
    retryAfterSeconds: seconds,
  });
}
