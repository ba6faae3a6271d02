import type { TestContext } from 'node:test';

/** What a test's helpers need of a test, outside of one: something that is run at the end. */
export class Scope {
  readonly #ends: (() => unknown)[] = [];

  /** The helpers of `test/support` take a test; all that they use of it is `after`. */
  get test(): TestContext {
    return this as unknown as TestContext;
  }

  after(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Runs what was put down, the latest first; a failure of one keeps no other from running. */
  async close(): Promise<void> {
    for (const end of this.#ends.splice(0).toReversed()) {
      try {
        await end();
      } catch {
        // A process that has gone already, mostly.
      }
    }
  }
}
