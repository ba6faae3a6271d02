/** A process that has said nothing for so long no longer keeps the next one waiting, ms. */
const LONGEST_START_MS = 5000;

/**
 * Lets only so many processes start at a time; the others wait in the order in which they came. A start takes most of a
 * second of a core: begun all at once, none of a crowd is there before the last, and OCP itself stands still meanwhile.
 */
export class StartGate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #starting = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Begins a process when its turn has come; `isUp` resolves once it has started, or has ended. Rejects with what `begin`
   * raises, and with the signal's reason when that is aborted before.
   */
  async start<T>(begin: () => Promise<T>, isUp: (started: T) => Promise<unknown>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#starting < this.#limit) this.#starting += 1;
    else await this.#turn(signal);
    let started: T;
    try {
      started = await begin();
    } catch (error) {
      this.#leave();
      throw error;
    }
    let hasLeft = false;
    const leaveOnce = (): void => {
      clearTimeout(timer);
      if (!hasLeft) this.#leave();
      hasLeft = true;
    };
    const timer = setTimeout(leaveOnce, LONGEST_START_MS);
    timer.unref();
    void isUp(started).then(leaveOnce, leaveOnce);
    return started;
  }

  /** Resolves with the place of one that has left. */
  async #turn(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1);
        reject(signal?.reason as Error);
      };
      const admit = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#waiting.push(admit);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Gives the place to the next one, if somebody waits. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#starting -= 1;
    else next();
  }
}
