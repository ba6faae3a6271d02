import { execFileSync } from 'node:child_process';
import type { Journal } from '../files/journal.ts';
import type { Variable } from './variables.ts';

/** Runs `launchctl` with these words. Raises an Error where that fails. */
export type Launchctl = (...words: readonly string[]) => void;

export const launchctl: Launchctl = (...words) => {
  execFileSync('/bin/launchctl', words, { stdio: 'ignore', timeout: 10_000 });
};

/** Gives macOS's programs the variables until the next start of the machine; notes the names, so that they can be taken back. */
export function setForSession(run: Launchctl, journal: Journal, variables: readonly Variable[]): void {
  journal.noteLaunchctl([...new Set([...journal.launchctl(), ...variables.map(([name]) => name)])]);
  for (const [name, value] of variables) run('setenv', name, value);
}

/** Takes back what `setForSession` gave. */
export function unsetForSession(run: Launchctl, journal: Journal): readonly string[] {
  const names = journal.launchctl();
  for (const name of names) run('unsetenv', name);
  if (names.length > 0) journal.noteLaunchctl([]);
  return names;
}
