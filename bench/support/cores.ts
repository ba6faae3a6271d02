import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from './sandbox.ts';

/**
 * Keeps programs from taking a core from each other (taskset of util-linux): on a small machine the client and the CLI that
 * a server wakes would else push it off its core, and the scheduler would be measured.
 */

/** A command that runs a program on one core alone. */
export function onCore(core: number, program: string, args: readonly string[]): readonly [string, ...string[]] {
  return ['taskset', '--cpu-list', String(core), program, ...args];
}

/** Binds this process, all its threads, to one core. */
export function bindToCore(core: number): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(process.pid)]);
}

/** Lets this process run anywhere again: `cores` is how many the machine has, which Node tells a bound process by `cpus` alone. */
export function unbind(cores: number): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', `0-${cores - 1}`, String(process.pid)]);
}

/** The path of a program that runs the given one on one core, whatever core it is started on. */
export function boundProgram(sandbox: Sandbox, core: number, program: string): string {
  const path = join(sandbox.workingDirectory(), 'bound');
  writeFileSync(path, `#!/bin/sh\nexec taskset --cpu-list ${core} '${program}' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}
