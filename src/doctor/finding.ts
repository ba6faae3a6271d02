import type { ActionKind } from './action-kinds.ts';

/** FAIL: something does not work. WARN: it works, but not as it should, or not for long. INFO: worth knowing. */
export const levels = ['PASS', 'INFO', 'WARN', 'FAIL'] as const;
export type Level = (typeof levels)[number];

/** What a check found, in words for this machine. No text holds a secret. */
export interface Verdict {
  readonly level: Level;
  /** What is so, in one line. */
  readonly message: string;
  /** Why it is so, as far as is known. */
  readonly cause?: string;
  /** What to do about it, in one line. */
  readonly fix?: string;
  /** Commands of the fix that a program may run as they are, in this order. */
  readonly commands?: readonly string[];
  /** Steps of the fix that only a person can take. */
  readonly human?: readonly string[];
  /** What `ocp doctor --fix` does about it: only what loses nothing. */
  readonly repair?: Repair;
  /** What has to be done, where it is not what the check says. */
  readonly kind?: ActionKind;
}

export interface Repair {
  /** Does it, and tells in one line what was done. Rejects when it could not be done. */
  readonly run: () => Promise<string>;
  /** A running server knows of it only after a restart. */
  readonly needsRestart?: true;
}

export interface Finding extends Verdict {
  readonly id: string;
  /** What has to be done about it, as a kind of `next_action`. */
  readonly kind: ActionKind;
}

/** One thing that can go wrong, as the command, the server and the documentation know it. */
export interface Check<Bench> {
  /** Kept from version to version: programs look for it. */
  readonly id: string;
  /** What is looked at, and what goes wrong without it. For the documentation. */
  readonly means: string;
  /** What to do when it fails, on any machine. For the documentation. */
  readonly remedy: string;
  readonly kind: ActionKind;
  /** Looks at it. `undefined`: there is nothing to look at on this machine. */
  readonly run: (bench: Bench) => Promise<Verdict | undefined> | Verdict | undefined;
}

/** Looks at everything at the same time; the findings are in the order of the checks. A check that breaks is one that warns. */
export async function runChecks<Bench>(checks: readonly Check<Bench>[], bench: Bench): Promise<readonly Finding[]> {
  const found = await Promise.all(
    checks.map(async (check): Promise<Finding | undefined> => {
      const verdict = await verdictOf(check, bench);
      return verdict === undefined ? undefined : { id: check.id, kind: check.kind, ...verdict };
    }),
  );
  return found.filter((finding) => finding !== undefined);
}

async function verdictOf<Bench>(check: Check<Bench>, bench: Bench): Promise<Verdict | undefined> {
  try {
    return await check.run(bench);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    return { level: 'WARN', message: 'this could not be looked at', cause: reason };
  }
}
