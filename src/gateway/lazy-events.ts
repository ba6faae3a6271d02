import type { AnswerEvents } from './call.ts';

/**
 * Events that are made when the first one is read. Not a generator around another one: that would take three more promises
 * for every token.
 */
export class LazyEvents implements AnswerEvents {
  readonly #make: () => AnswerEvents;
  readonly #unread: () => void;
  #events: AnswerEvents | undefined;
  #isOver = false;

  /** An error that `make` raises comes out of the first `next`; `unread` is called instead when nobody reads any. */
  constructor(make: () => AnswerEvents, unread: () => void) {
    this.#make = make;
    this.#unread = unread;
  }

  next(): ReturnType<AnswerEvents['next']> {
    if (this.#events !== undefined) return this.#events.next();
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    this.#isOver = true;
    try {
      this.#events = this.#make();
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#events.next();
  }

  return(): ReturnType<AnswerEvents['return']> {
    if (this.#events !== undefined) return this.#events.return();
    if (!this.#isOver) this.#unread();
    this.#isOver = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
