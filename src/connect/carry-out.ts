import { EditError } from '../edit/settings.ts';
import { isChange, isHindrance, makeChange } from './files/change.ts';
import type { Journal } from './files/journal.ts';
import type { Prepared } from './prepare.ts';

/** What became of one file. */
export interface FileOutcome {
  readonly path: string;
  readonly outcome: 'changed' | 'unchanged' | 'left';
  readonly problem?: string;
}

/** What became of a client. */
export interface ClientOutcome {
  readonly id: string;
  readonly name: string;
  readonly files: readonly FileOutcome[];
  readonly notes: readonly string[];
}

/** Writes what was prepared; a file that cannot be written is told about and holds up nothing else. */
export function carryOut(prepared: Prepared, journal: Journal): ClientOutcome {
  const { id, name, notes } = prepared;
  const files = prepared.changes.map((change): FileOutcome => {
    const { path } = change;
    if (isHindrance(change)) return { path, outcome: 'left', problem: change.problem };
    try {
      makeChange(change, journal);
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
      return { path, outcome: 'left', problem: error.message };
    }
    return { path, outcome: isChange(change) ? 'changed' : 'unchanged' };
  });
  return { id, name, files, notes };
}
