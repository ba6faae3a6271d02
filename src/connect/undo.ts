import { launchctl as systemLaunchctl, unsetForSession } from './environment/launchctl.ts';
import type { Launchctl } from './environment/launchctl.ts';
import { shellClient } from './environment/shells.ts';
import { openJournal } from './files/journal.ts';
import type { UndoneFile } from './files/undo.ts';
import { undoFile } from './files/undo.ts';
import type { Machine } from './machine.ts';

export interface Undone {
  readonly files: readonly UndoneFile[];
  /** Variables taken back from the graphical session of macOS. */
  readonly launchctl: readonly string[];
}

/**
 * Puts back what was in the files of this user before `ocp connect`. What somebody changed since stays, without OCP's own
 * settings. `only` are ids of clients, or `shell`; all of them unless given. Raises ConnectError when the journal is damaged.
 */
export function undoConnect(
  machine: Machine,
  only?: readonly string[],
  launchctl: Launchctl = systemLaunchctl,
): Undone {
  const journal = openJournal(machine.ocpHome);
  const entries = journal.entries().filter(({ client }) => only === undefined || only.includes(client));
  // The newest first: two links to one file are undone in the order in which they were made.
  const files = entries.toReversed().map((entry) => undoFile(entry, journal));
  const isShell = only === undefined || only.includes(shellClient);
  return { files, launchctl: isShell ? unsetForSession(launchctl, journal) : [] };
}

/** Whether there is anything to undo. */
export function isConnected(machine: Machine): boolean {
  const journal = openJournal(machine.ocpHome);
  return journal.entries().length > 0 || journal.launchctl().length > 0;
}
