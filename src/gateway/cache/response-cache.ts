import type { StreamEvent } from '../../wire/anthropic/events.ts';
import type { AssembledMessage } from '../../wire/anthropic/message.ts';
import { MessageAssembler } from '../../wire/anthropic/message.ts';
import { Flight } from './flight.ts';
import { replayMessage } from './replay.ts';

/** Where kept answers lie. Keys are SHA-256, hexadecimal; answers are JSON. */
export interface CacheStore {
  /** What was kept between two times (Unix ms). */
  get(key: string, notBefore: number, now: number): string | undefined;
  /** An answer for which there is no room is not kept. */
  put(owner: string, key: string, answer: string, now: number): void;
  /** Removes what was kept before this time (Unix ms), some at a time. */
  sweep(notBefore: number): void;
  /** Removes all and tells how many they were. */
  clear(): number;
  stats(): { readonly entries: number; readonly totalHits: number; readonly sizeBytes: number };
}

export interface ResponseCacheOptions {
  readonly store: CacheStore;
  /** For how long an answer is good, ms; 0 = the cache is off. */
  readonly ttlMs: () => number;
  readonly now: () => number;
}

/** Where a cached request's events came from. */
export type CacheOutcome = 'hit' | 'joined' | 'made';

export interface CachedAnswer {
  readonly events: AsyncGenerator<StreamEvent, void>;
  readonly outcome: CacheOutcome;
}

/** Stop reasons of answers that are whole. */
const WHOLE = new Set(['end_turn', 'stop_sequence', 'tool_use']);

/**
 * Keeps whole answers for a while, and lets identical requests share one answer while it is made. What an answer is made
 * from, and whose it is, is in its key.
 */
export class ResponseCache {
  readonly #options: ResponseCacheOptions;
  readonly #flights = new Map<string, Flight>();

  constructor(options: ResponseCacheOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#options.ttlMs() > 0;
  }

  /** The kept answer, the one in the making, or a new one: `make` is called with a signal that ends when nobody reads. */
  answer(
    owner: string,
    key: string,
    signal: AbortSignal,
    make: (signal: AbortSignal) => AsyncGenerator<StreamEvent, void>,
  ): CachedAnswer {
    const { store, now } = this.#options;
    const kept = store.get(key, now() - this.#options.ttlMs(), now());
    if (kept !== undefined) return { events: replayKept(kept), outcome: 'hit' };
    const inFlight = this.#flights.get(key);
    if (inFlight !== undefined) return { events: inFlight.read(signal), outcome: 'joined' };
    const everybodyLeft = new AbortController();
    const flight = new Flight(this.#keeping(owner, key, make(everybodyLeft.signal)), {
      onEnd: () => this.#flights.delete(key),
      abandon: () => everybodyLeft.abort(),
    });
    this.#flights.set(key, flight);
    return { events: flight.read(signal), outcome: 'made' };
  }

  sweep(): void {
    this.#options.store.sweep(this.#options.now() - this.#options.ttlMs());
  }

  clear(): number {
    return this.#options.store.clear();
  }

  /** `inflight` answers are being made now, for `requesters` requests. */
  stats(): Record<'entries' | 'totalHits' | 'sizeBytes' | 'inflight' | 'requesters', number> {
    const requesters = [...this.#flights.values()].reduce((sum, flight) => sum + flight.readers, 0);
    return { ...this.#options.store.stats(), inflight: this.#flights.size, requesters };
  }

  async *#keeping(
    owner: string,
    key: string,
    events: AsyncGenerator<StreamEvent, void>,
  ): AsyncGenerator<StreamEvent, void> {
    const assembler = new MessageAssembler();
    for await (const event of events) {
      assembler.push(event);
      yield event;
    }
    const message = assembler.message();
    if (!WHOLE.has(message.stopReason ?? '')) return;
    this.#options.store.put(owner, key, JSON.stringify(message), this.#options.now());
  }
}

async function* replayKept(kept: string): AsyncGenerator<StreamEvent, void> {
  yield* replayMessage(JSON.parse(kept) as AssembledMessage);
}
