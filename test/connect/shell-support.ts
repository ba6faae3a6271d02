import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { packageRoot } from '../support/ocp.ts';

export const script = join(packageRoot, 'ocp-connect');

/** All that the script calls; anything else would be missing on somebody's machine. */
const tools = 'cat cmp cp curl cut grep mkdir mktemp mv readlink rm rmdir sed sha256sum stty tr uname'.split(' ');

/** Finds a program as the test itself would. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** The shells that the script is run with here. */
export const shells = ['dash', 'bash'].map((name) => ({ name, path: findProgram(name) ?? '' }));

/** Why a test with this program is skipped; false where it is not. */
export function without(name: string): string | false {
  return findProgram(name) === undefined ? `there is no ${name} here` : false;
}

/** A folder with the tools of a bare machine, and what else is named. */
export function machine(folder: string, programs: Readonly<Record<string, string>> = {}): string {
  const path = join(folder, 'programs');
  mkdirSync(path, { recursive: true });
  const found = tools.map((name) => [name, findProgram(name)] as const);
  for (const [name, target] of [...found, ...Object.entries(programs)]) {
    if (target !== undefined) symlinkSync(target, join(path, name));
  }
  return path;
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellRun {
  readonly shell: string;
  /** A file; the text of `input` is run where there is none. */
  readonly file?: string;
  readonly input?: string;
  readonly args?: readonly string[];
  readonly home: string;
  readonly path: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a script with nothing of the test's own environment, in a session of its own, which has no terminal. */
export async function runShell({ shell, file, input, args = [], home, path, env }: ShellRun): Promise<Outcome> {
  const child = spawn(shell, [...(file === undefined ? ['-s', '--'] : [file]), ...args], {
    env: { HOME: home, PATH: path, ...env },
    cwd: home,
    detached: true,
  });
  // A script that has ended reads no more of itself.
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status: code ?? -1, stdout, stderr };
}

/** Makes a home folder, whose name has a space and a quote, with these files. */
export function homeOf(folder: string, files: Readonly<Record<string, string>> = {}): string {
  const home = join(folder, "some body's home");
  mkdirSync(home, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), content);
  }
  return home;
}

/** What a file of a home folder holds; undefined where there is none. */
export function contentOf(home: string, path: string): string | undefined {
  const file = join(home, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
