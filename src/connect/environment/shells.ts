import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { environmentQuote, fishQuote, shQuote } from '../../edit/quote.ts';
import type { BlockChange } from '../files/change.ts';
import type { Machine } from '../machine.ts';
import { configHome, findProgram, folderFrom } from '../machine.ts';
import type { Variable } from './variables.ts';

/** Whose changes these are in the journal. */
export const shellClient = 'shell';

/** What the shells of this user read when they start, with the variables in it. */
export function shellChanges(machine: Machine, variables: readonly Variable[]): readonly BlockChange[] {
  const lines = variables.map(([name, value]) => `export ${name}=${shQuote(value)}`);
  const posix = startFiles(machine).map((path): BlockChange => ({ path, format: 'block', lines }));
  if (!usesFish(machine)) return posix;
  const fish = variables.map(([name, value]) => `set -gx ${name} ${fishQuote(value)}`);
  return [...posix, { path: fishConfig(machine), format: 'block', lines: fish }];
}

/** Files of bash and zsh: those that are there, and that of the user's own shell in any case. */
function startFiles(machine: Machine): readonly string[] {
  const bash = join(machine.home, '.bashrc');
  const zsh = join(folderFrom(machine.env['ZDOTDIR'], machine.home) ?? machine.home, '.zshrc');
  const shell = loginShell(machine);
  const present = [bash, zsh].filter(
    (path) => existsSync(path) || (path === zsh && shell === 'zsh') || (path === bash && shell === 'bash'),
  );
  // Terminals of macOS start login shells, of which bash reads this file only.
  const login = ['.bash_profile', '.bash_login', '.profile'].map((name) => join(machine.home, name));
  const profile =
    machine.platform === 'darwin' && shell === 'bash' ? login.find((path) => existsSync(path)) : undefined;
  const all = profile === undefined ? present : [...present, profile];
  if (all.length > 0) return all;
  return machine.platform === 'darwin' ? [zsh] : [bash];
}

function loginShell(machine: Machine): string {
  return basename(machine.env['SHELL'] ?? '');
}

function fishConfig(machine: Machine): string {
  return join(configHome(machine), 'fish', 'config.fish');
}

function usesFish(machine: Machine): boolean {
  return (
    loginShell(machine) === 'fish' ||
    (findProgram(machine, 'fish') !== undefined && existsSync(join(configHome(machine), 'fish')))
  );
}

/** How the user's own shell reads its file anew. */
export function reloadCommand(machine: Machine, changes: readonly BlockChange[]): string | undefined {
  const shell = loginShell(machine);
  const endings: Readonly<Record<string, string>> = { zsh: '.zshrc', fish: 'config.fish', bash: '.bashrc' };
  const own = changes.find(({ path }) => path.endsWith(endings[shell] ?? '.bashrc')) ?? changes[0];
  return own === undefined ? undefined : `source ${shQuote(own.path)}`;
}

/** What systemd gives the programs of a graphical session and the user's services, from the next login on. */
export function sessionChange(machine: Machine, variables: readonly Variable[]): BlockChange | undefined {
  if (machine.platform !== 'linux') return undefined;
  const lines = variables.map(([name, value]) => `${name}=${environmentQuote(value)}`);
  return { path: join(configHome(machine), 'environment.d', 'ocp.conf'), format: 'block', lines };
}
