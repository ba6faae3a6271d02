import { PassThrough } from 'node:stream';
import type { Command, CommandIo } from '../../src/cli/command.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { packageRoot } from './ocp.ts';

/** How a command of `ocp` ended. */
export interface CommandRun {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process, with exactly the environment given, as in a pipe. */
export async function runCommand(
  commands: Readonly<Record<string, Command>>,
  env: Readonly<Record<string, string | undefined>>,
  ...argv: readonly string[]
): Promise<CommandRun> {
  const out: string[] = [];
  const err: string[] = [];
  const io: CommandIo = {
    stdout: (line) => void out.push(`${line}\n`),
    write: (text) => void out.push(text),
    stderr: (line) => void err.push(`${line}\n`),
    input: new PassThrough().end(),
    signal: new AbortController().signal,
  };
  const status = await dispatch(argv, commands, { env, packageRoot, io });
  return { status, out: out.join(''), err: err.join('') };
}
