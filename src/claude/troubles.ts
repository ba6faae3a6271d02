import type { Shortage } from '../wire/shortage.ts';

/** What else can go wrong with the machine beneath the workers, as a clause. */
export type Mishap = 'a worker was killed from outside' | 'a connection could not be accepted';
export type TroubleKind = Shortage | Mishap;

export interface Trouble {
  readonly what: TroubleKind;
  readonly count: number;
  /** Unix time, ms. */
  readonly lastAt: number;
}

const MISHAPS: readonly TroubleKind[] = [
  'a worker was killed from outside',
  'a connection could not be accepted',
] satisfies readonly Mishap[];

/** How long after the last of its kind a trouble counts as there, ms. */
const RECENT_MS = 60_000;

/** What the machine lacked or did to the workers since the start: counts by kind, nothing that grows. */
export class Troubles {
  readonly #now: () => number;
  readonly #byKind = new Map<TroubleKind, Trouble>();

  constructor(now: () => number) {
    this.#now = now;
  }

  note(what: TroubleKind): void {
    const count = (this.#byKind.get(what)?.count ?? 0) + 1;
    this.#byKind.set(what, { what, count, lastAt: this.#now() });
  }

  all(): readonly Trouble[] {
    return [...this.#byKind.values()];
  }

  /** The latest trouble of the last minute, in one line; undefined when there was none. */
  latest(): string | undefined {
    const recent = this.all().filter(({ lastAt }) => Math.abs(this.#now() - lastAt) < RECENT_MS);
    const [latest] = recent.toSorted((a, b) => b.lastAt - a.lastAt);
    if (latest === undefined) return undefined;
    return `during the last minute ${MISHAPS.includes(latest.what) ? '' : 'the machine lacked '}${latest.what}`;
  }
}
