import type { Random } from '../support/random.ts';
import type { Scope } from '../support/scope.ts';

/** One kind of trouble. Raises AssertionError, or any error, where an invariant does not hold. */
export interface Chaos {
  readonly name: string;
  /** What is done, for the documentation: one sentence. */
  readonly what: string;
  /** What has to hold, for the documentation: one sentence. */
  readonly holds: string;
  /** Rounds of a run for the record, and of the short form. */
  readonly rounds: { readonly full: number; readonly short: number };
  /** Resolves to figures for the report; to `skipped` with the reason where this machine cannot do it. */
  readonly run: (options: ChaosOptions) => Promise<Figures | Skipped>;
}

export interface ChaosOptions {
  readonly scope: Scope;
  readonly random: Random;
  readonly rounds: number;
}

export type Figures = Readonly<Record<string, number>>;

export interface Skipped {
  readonly skipped: string;
}

export function isSkipped(outcome: Figures | Skipped): outcome is Skipped {
  return typeof outcome['skipped'] === 'string';
}
