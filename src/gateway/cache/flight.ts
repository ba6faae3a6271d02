import type { StreamEvent } from '../../wire/anthropic/events.ts';

export interface FlightHooks {
  /** Called once, when nobody can join any more. */
  readonly onEnd: () => void;
  /** The last reader has gone before the end: whatever makes the answer is to stop. */
  readonly abandon: () => void;
}

/**
 * One answer in the making that several identical requests read. Each reader sees every event from the first one on, at
 * its own pace; the fastest one pulls the answer along. It ends early only when nobody reads any more.
 */
export class Flight {
  readonly #source: AsyncIterator<StreamEvent, void>;
  readonly #events: StreamEvent[] = [];
  readonly #hooks: FlightHooks;
  #readers = 0;
  #pulling: Promise<void> | undefined;
  #end: { readonly error?: unknown } | undefined;

  constructor(source: AsyncIterator<StreamEvent, void>, hooks: FlightHooks) {
    this.#source = source;
    this.#hooks = hooks;
  }

  get readers(): number {
    return this.#readers;
  }

  /** A reader of its own; leaving early (`return`, or the signal) lets the others read on. */
  async *read(signal: AbortSignal): AsyncGenerator<StreamEvent, void> {
    this.#readers += 1;
    try {
      for (let next = 0; ; next += 1) {
        while (next >= this.#events.length && this.#end === undefined) await untilAborted(this.#pull(), signal);
        const event = this.#events[next];
        if (event === undefined) {
          if (this.#end?.error !== undefined) throw this.#end.error;
          return;
        }
        yield event;
      }
    } finally {
      this.#readers -= 1;
      if (this.#readers === 0) this.#abandon();
    }
  }

  /** Gets the next event for everybody; readers that ask at the same time wait for the same one. */
  async #pull(): Promise<void> {
    this.#pulling ??= this.#advance().finally(() => {
      this.#pulling = undefined;
    });
    return this.#pulling;
  }

  async #advance(): Promise<void> {
    try {
      const result = await this.#source.next();
      if (result.done === true) this.#finish({});
      else this.#events.push(result.value);
    } catch (error) {
      this.#finish({ error });
    }
  }

  #finish(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#hooks.onEnd();
  }

  #abandon(): void {
    if (this.#end !== undefined) return;
    this.#finish({});
    this.#hooks.abandon();
    void this.#source.return?.();
  }
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let abort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
