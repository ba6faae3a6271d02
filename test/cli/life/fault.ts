import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ActionKind } from '../../../src/doctor/action-kinds.ts';
import type { Place } from './place.ts';

/** What only a person can do about a fault. */
export type ByHand = () => Promise<void> | void;

/** One thing that goes wrong on a machine on which all was well. */
export interface Fault {
  readonly name: string;
  /** Breaks it. Gives what mends it where OCP cannot. */
  readonly make: (place: Place) => Promise<ByHand | void> | ByHand | void;
  /** The check that must name it, how, and in which words. */
  readonly check: string;
  readonly level: 'WARN' | 'FAIL';
  readonly says: RegExp;
  /** Checks that see it, too. */
  readonly also?: readonly string[];
  /** `fix`: `ocp doctor --fix` mends it; `commands`: what the finding says that a program may run. */
  readonly mend: 'fix' | 'commands' | 'hand';
}

/** Faults that are there at the same time, and what doctor says is to be done first. */
export interface Round {
  readonly faults: readonly Fault[];
  readonly action: ActionKind;
  /** Doctor has to ask the CLI, which takes a while. */
  readonly asksCli?: true;
  readonly turn?: true;
  /** Nothing else is looked at. */
  readonly only?: string;
  /** What is still wrong when it is mended, and the next round begins with. */
  readonly leaves?: string;
}

/** Puts values into config.json until it is mended. */
export function configured(values: Readonly<Record<string, string | undefined>>): Fault['make'] {
  return ({ configure }) => configure(values);
}

/** Changes the database, and back. */
export function database({ ocpHome }: Place, there: string, back: string): ByHand {
  const run = (sql: string): void => {
    using file = new DatabaseSync(join(ocpHome, 'ocp.db'), { timeout: 5000 });
    file.exec(sql);
  };
  run(there);
  return () => run(back);
}

/** config.json names a value that the definition of the service holds as well. */
export const definition = 'service_installed';
