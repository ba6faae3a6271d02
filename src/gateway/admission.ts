import { OcpError } from '../wire/errors.ts';

export interface FairQueueOptions {
  /** How many turns may run at once; read anew each time. */
  readonly maxRunning: () => number;
  /** How many may wait. */
  readonly maxQueued: number;
  /** Seconds that a turned-away client is told to wait. */
  readonly retryAfterSeconds: number;
}

interface Waiting {
  readonly caller: string;
  /** The round that was being served when it came. */
  readonly since: number;
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Places for running turns. Whoever finds none waits; the next place goes to the caller with the fewest running turns, and
 * among equals they take turns in rounds, so that one person's hundred requests do not stand before another's first.
 */
export class FairQueue {
  readonly #options: FairQueueOptions;
  readonly #running = new Map<string, number>();
  /** The round in which each caller was served last. */
  readonly #served = new Map<string, number>();
  #round = 0;
  #runningTotal = 0;
  #queue: Waiting[] = [];
  #rejections = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#runningTotal;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** How many were turned away since the start. */
  get rejections(): number {
    return this.#rejections;
  }

  /**
   * Resolves with the function that gives the place back. Rejects with OcpError `queue_full`, or with the signal's reason
   * when the caller gives up.
   */
  async enter(caller: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#runningTotal < this.#options.maxRunning() && this.#queue.length === 0)
      return this.#occupy(caller, this.#round);
    if (this.#queue.length >= this.#options.maxQueued) this.#turnAway(caller);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue = this.#queue.filter((entry) => entry !== waiting);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        caller,
        since: this.#round,
        admit: () => {
          signal.removeEventListener('abort', leave);
          resolve(this.#occupy(caller, waiting.since));
        },
        refuse: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiting);
      this.#admitNext();
    });
  }

  #occupy(caller: string, since: number): () => void {
    // Waiting earns no more than being next: a round that was missed is not made up for.
    this.#round = Math.max(this.#round, this.#roundOf({ caller, since }));
    this.#served.set(caller, this.#round);
    this.#runningTotal += 1;
    this.#running.set(caller, (this.#running.get(caller) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#runningTotal -= 1;
      const left = (this.#running.get(caller) ?? 1) - 1;
      if (left === 0) this.#running.delete(caller);
      else this.#running.set(caller, left);
      this.#admitNext();
      if (this.#runningTotal === 0) this.#served.clear();
    };
  }

  /** Looks anew at how many turns may run, so that a raised number counts for those who wait already. */
  refresh(): void {
    this.#admitNext();
  }

  #admitNext(): void {
    while (this.#runningTotal < this.#options.maxRunning()) {
      const next = this.#queue.reduce<Waiting | undefined>(
        (best, entry) => (best === undefined || this.#goesBefore(entry, best) ? entry : best),
        undefined,
      );
      if (next === undefined) return;
      this.#queue = this.#queue.filter((entry) => entry !== next);
      next.admit();
    }
  }

  #goesBefore(entry: Waiting, other: Waiting): boolean {
    const [load, otherLoad] = [this.#running.get(entry.caller) ?? 0, this.#running.get(other.caller) ?? 0];
    return load < otherLoad || (load === otherLoad && this.#roundOf(entry) < this.#roundOf(other));
  }

  /** The round in which a caller's next request is due: one after their last, and none that was over when it came. */
  #roundOf({ caller, since }: Pick<Waiting, 'caller' | 'since'>): number {
    return Math.max(since, (this.#served.get(caller) ?? -1) + 1);
  }

  /** Makes room by turning away the newest request of whoever waits with the most; raises if that is this caller. */
  #turnAway(caller: string): void {
    const counts = new Map<string, number>([[caller, 1]]);
    for (const entry of this.#queue) counts.set(entry.caller, (counts.get(entry.caller) ?? 0) + 1);
    const [greediest, most] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
    this.#rejections += 1;
    const error = new OcpError('queue_full', 'OCP is busy: too many requests are waiting. Try again in a moment.', {
      retryAfterSeconds: this.#options.retryAfterSeconds,
    });
    const victim = this.#queue.findLast((entry) => entry.caller === greediest);
    if (victim === undefined || (counts.get(caller) ?? 0) >= most) throw error;
    this.#queue = this.#queue.filter((entry) => entry !== victim);
    victim.refuse(error);
  }
}
