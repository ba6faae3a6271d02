import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The machine and the user whose tools are connected. */
export interface Machine {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** OCP's own folder of this user: the journal and the copies of changed files are there. */
  readonly ocpHome: string;
}

/** The machine as a process finds it; `home` is used where HOME says nothing. */
export function machineOf(env: Machine['env'], platform: NodeJS.Platform, userHome: string): Machine {
  const home = env['HOME'] ?? '';
  const known = isAbsolute(home) ? home : userHome;
  return { home: known, env, platform, ocpHome: folderFrom(env['OCP_HOME'], known) ?? join(known, '.ocp') };
}

/** A folder that a variable names, with `~` for the home; undefined where it names none. */
export function folderFrom(value: string | undefined, home: string): string | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const path = value === '~' || value.startsWith('~/') ? join(home, value.slice(1)) : value;
  return isAbsolute(path) ? path : undefined;
}

/** `~/.config`, or where XDG_CONFIG_HOME says. */
export function configHome(machine: Machine): string {
  return folderFrom(machine.env['XDG_CONFIG_HOME'], machine.home) ?? join(machine.home, '.config');
}

/** Where applications of this user keep their settings on this system: VS Code and its relatives. */
export function applicationData(machine: Machine): string {
  return machine.platform === 'darwin' ? join(machine.home, 'Library', 'Application Support') : configHome(machine);
}

/** The path of a program on the PATH. */
export function findProgram(machine: Machine, name: string): string | undefined {
  const folders = (machine.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first of these that is there: paths as they are, bare names as programs. */
export function firstFound(machine: Machine, candidates: readonly string[]): string | undefined {
  for (const candidate of candidates) {
    if (!isAbsolute(candidate)) {
      const program = findProgram(machine, candidate);
      if (program !== undefined) return program;
    } else if (existsSync(candidate)) return candidate;
  }
  return undefined;
}

/** The first of these files that exists, else the first. */
export function existingOr(paths: readonly [string, ...string[]]): string {
  return paths.find((path) => existsSync(path)) ?? paths[0];
}

/** A path for people: with `~` for the home. */
export function homely(machine: Pick<Machine, 'home'>, path: string): string {
  return path === machine.home || path.startsWith(`${machine.home}/`) ? `~${path.slice(machine.home.length)}` : path;
}
