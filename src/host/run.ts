import { execFile } from 'node:child_process';

/** How a program of the machine ended. */
export interface RunOutcome {
  /** The exit code; undefined when it could not be started, was killed, or took too long. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Runs a program that answers and ends, such as `git` or `systemctl`. Never rejects for what the program does. */
export type Run = (program: string, args: readonly string[], options: RunOptions) => Promise<RunOutcome>;

const LARGEST_OUTPUT = 4_194_304;

/** Runs it on this machine, without a shell and with an empty input. */
export const runProgram: Run = async (program, args, { cwd, env, timeoutMs, signal }) =>
  new Promise((resolve) => {
    const options = {
      cwd,
      env: { ...env },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: LARGEST_OUTPUT,
      ...(signal === undefined ? {} : { signal }),
    } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end();
  });
