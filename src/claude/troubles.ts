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

  /** What requests were refused for during the last minute, in one line; undefined when nothing. */
  latest(): string | undefined {
    const recent = this.all().filter(
      // A clock that was set back makes none look new.
      ({ what, lastAt }) => what !== 'a worker was killed from outside' && Math.abs(this.#now() - lastAt) < RECENT_MS,
    );
    const [latest] = recent.toSorted((a, b) => b.lastAt - a.lastAt);
    if (latest === undefined) return undefined;
    const lacked = latest.what === 'a connection could not be accepted' ? '' : 'the machine lacked ';
    return `during the last minute ${lacked}${latest.what}`;
  }
}
