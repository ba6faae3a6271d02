import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a program ended. */
export interface Ended {
  /** Null when a signal ended it, or it could not be started. */
  readonly code: number | null;
  /** The lines of both outputs as they came. */
  readonly text: string;
}

/** A signal that a program gets when it says a line that begins so. */
export interface Strike {
  readonly at: string;
  readonly signal: NodeJS.Signals;
  /** All that it has started gets it as well, as by Ctrl-C. */
  readonly group?: true;
}

/** Runs a program to its end, with exactly this environment and no input. */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  strike?: Strike,
): Promise<Ended> {
  const isGroup = strike?.group === true;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: isGroup });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (strike === undefined || !line.startsWith(strike.at)) return;
      if (isGroup && child.pid !== undefined) process.kill(-child.pid, strike.signal);
      else child.kill(strike.signal);
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, text: error.message }));
    child.once('exit', (code) => {
      const end = (): void => resolve({ code, text: lines.join('\n') });
      // What a killed program has started goes on, and may hold its outputs open.
      if (code === null) end();
      else child.once('close', end);
    });
  });
}
