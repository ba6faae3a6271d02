import { execFile } from 'node:child_process';

/** How a short run of the CLI ended. */
export interface CommandOutcome {
  /** The exit code, or undefined when the command could not be started, was killed, or took too long. */
  readonly code: number | undefined;
  readonly stdout: string;
}

const longestRun = 10_000;
const largestOutput = 1_048_576;

/**
 * Runs one command of the CLI that answers and ends (not a worker), for at most 10 s, with exactly the environment given.
 * Never rejects for what the command does; rejects with the signal's reason when it is aborted.
 */
export async function runClaudeCommand(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  signal.throwIfAborted();
  const outcome = await new Promise<CommandOutcome>((resolve) => {
    const options = { env, signal, timeout: longestRun, killSignal: 'SIGKILL', maxBuffer: largestOutput } as const;
    const child = execFile(path, args, options, (error, stdout) => {
      if (error === null) resolve({ code: 0, stdout });
      else resolve({ code: typeof error.code === 'number' ? error.code : undefined, stdout });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end();
  });
  signal.throwIfAborted();
  return outcome;
}
