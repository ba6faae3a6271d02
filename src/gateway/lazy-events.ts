import type { AnswerEvents } from './call.ts';

/**
 * Events that are made when the first one is read. Not a generator around another one: that would take three more promises
 * for every token.
 */
export class LazyEvents implements AnswerEvents {
  readonly #make: () => AnswerEvents;
  #events: AnswerEvents | undefined;
  #isOver = false;

  /** An error that `make` raises comes out of the first `next`. */
  constructor(make: () => AnswerEvents) {
    this.#make = make;
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
    this.#isOver = true;
    return this.#events === undefined ? Promise.resolve({ done: true, value: undefined }) : this.#events.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
