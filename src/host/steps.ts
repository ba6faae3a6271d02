import { lstatSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writePrivateFile } from '../config/private-file.ts';
import { shellWord } from '../doctor/shell-word.ts';
import { HostError } from './error.ts';
import type { Machine } from './machine.ts';
import { makeFolders } from '../config/folder.ts';

/** One change to the machine. The same steps are carried out, or shown by `--dry-run`. */
export type Step =
  /** A file for its owner alone (0600), written as a whole. `shown` is what may be printed of it. */
  | { readonly kind: 'write'; readonly path: string; readonly text: string; readonly shown?: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'run';
      readonly program: string;
      readonly args: readonly string[];
      /** Its failure changes nothing that matters. */
      readonly mayFail?: true;
      /** How often it is tried, a second apart. */
      readonly tries?: number;
    }
  /** Anything else, with the words that tell of it. */
  | { readonly kind: 'act'; readonly says: string; readonly act: () => Promise<void> };

/** How long a program such as systemctl may take, ms: a service has 90 s to start. */
const PROGRAM_MS = 120_000;
const BETWEEN_TRIES_MS = 1000;

/** Carries out steps in their order. Raises HostError for a program that fails, and the system's errors. */
export async function perform(steps: readonly Step[], machine: Machine): Promise<void> {
  for (const step of steps) await performOne(step, machine);
}

/** Lines that tell what a step does, for `--dry-run`. */
export function describe(step: Step): string[] {
  switch (step.kind) {
    case 'write':
      return [
        `write ${step.path}`,
        ...(step.shown ?? step.text)
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`),
      ];
    case 'remove':
      return [`remove ${step.path}`];
    case 'link':
      return [`link ${step.path} -> ${step.target}`];
    case 'run':
      return [`run ${[step.program, ...step.args].map(shellWord).join(' ')}`];
    case 'act':
      return [step.says];
  }
}

/** A step that writes the file, unless it says exactly that already. */
export function writeStep(path: string, text: string, shown?: string): readonly Step[] {
  if (textOf(path) === text) return [];
  return [{ kind: 'write', path, text, ...(shown === undefined ? {} : { shown }) }];
}

/** A step that removes the file, where there is one. */
export function removeStep(path: string): readonly Step[] {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? [] : [{ kind: 'remove', path }];
}

/** What a file says; undefined where there is none that can be read. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function performOne(step: Step, machine: Machine): Promise<void> {
  switch (step.kind) {
    case 'write':
      writePrivateFile(step.path, step.text);
      return;
    case 'remove':
      rmSync(step.path, { recursive: true, force: true });
      return;
    case 'link':
      makeFolders(dirname(step.path));
      symlinkSync(step.target, step.path);
      return;
    case 'run':
      await runStep(step, machine);
      return;
    case 'act':
      await step.act();
  }
}

async function runStep(step: Extract<Step, { kind: 'run' }>, machine: Machine): Promise<void> {
  const { program, args, mayFail, tries = 1 } = step;
  for (let left = tries; left > 0; left -= 1) {
    const options = { env: machine.env, timeoutMs: PROGRAM_MS, signal: machine.signal };
    const { code, stderr, stdout } = await machine.run(program, args, options);
    machine.signal.throwIfAborted();
    if (code === 0 || mayFail === true) return;
    if (left > 1) {
      await delay(BETWEEN_TRIES_MS, undefined, { signal: machine.signal });
      continue;
    }
    const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').at(-1) ?? '';
    const what = code === undefined ? 'could not be run' : `failed (${code})`;
    throw new HostError(`${[program, ...args].join(' ')} ${what}${said === '' ? '' : `: ${said}`}`);
  }
}
