import type { Terminal } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { packageRoot } from './ocp.ts';

export interface CommandRun {
  readonly status: number;
  /** All that went to the standard output. */
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** None: the output goes to a pipe. */
  readonly terminal?: Terminal;
  readonly signal?: AbortSignal;
  /** The folder of the OCP that is meant; this one, unless given. */
  readonly packageRoot?: string;
  /** Told of each piece of the standard output when it comes. */
  readonly onOut?: (text: string) => void;
}

/** Runs a command line of `ocp` in this process, with nothing of the test's own environment. */
export async function runOcp(argv: readonly string[], options: CommandOptions = {}): Promise<CommandRun> {
  const { env = {}, terminal, signal = new AbortController().signal, onOut = () => {} } = options;
  const root = options.packageRoot ?? packageRoot;
  let out = '';
  let err = '';
  const write = (text: string): void => {
    out += text;
    onOut(text);
  };
  const io = {
    stdout: (line: string) => write(`${line}\n`),
    write,
    stderr: (line: string) => void (err += `${line}\n`),
    signal,
    terminal,
  };
  const status = await dispatch(argv, commands, { env: { HOME: '/nonexistent', ...env }, packageRoot: root, io });
  return { status, out, err };
}

/** A terminal of this width. */
export function terminal(columns: number, colours = false): Terminal {
  return { columns: () => columns, colours, interactive: false };
}
