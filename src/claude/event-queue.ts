/** What the queue holds back when its reader is slow. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/**
 * Hands values from the CLI's output to one reader, in order. The bound is kept by pausing the source: nothing is dropped
 * and nothing grows beyond what one chunk of output holds.
 */
export class EventQueue<T> implements AsyncIterableIterator<T, undefined> {
  /** Resolves when the first value has come, or the end. */
  readonly first: Promise<void>;
  #resolveFirst: () => void = () => {};
  readonly #flow: Flow;
  readonly #limit: number;
  #values: T[] = [];
  #next = 0;
  #paused = false;
  #ended = false;
  #error: unknown;
  #waiting: { resolve: (result: IteratorResult<T, undefined>) => void; reject: (error: unknown) => void } | undefined;

  constructor(flow: Flow, limit = 256) {
    this.#flow = flow;
    this.#limit = limit;
    this.first = new Promise((resolve) => {
      this.#resolveFirst = resolve;
    });
  }

  push(value: T): void {
    if (this.#ended) return;
    this.#resolveFirst();
    if (this.#waiting !== undefined) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve({ done: false, value });
      return;
    }
    this.#values.push(value);
    if (!this.#paused && this.#values.length - this.#next >= this.#limit) {
      this.#paused = true;
      this.#flow.pause();
    }
  }

  /** Ends the sequence after what is already in it; with an error, the reader gets that error at the end. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#resolveFirst();
    this.#release();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(error);
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#next < this.#values.length) {
      const value = this.#values[this.#next] as T;
      this.#next += 1;
      if (this.#next === this.#values.length) {
        this.#values = [];
        this.#next = 0;
        this.#release();
      }
      return { done: false, value };
    }
    if (this.#ended) {
      if (this.#error !== undefined) throw this.#error;
      return { done: true, value: undefined };
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** The reader has had enough; what comes later is dropped. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    this.#values = [];
    this.#next = 0;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #release(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#flow.resume();
  }
}
