import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** No command of a test takes longer, ms. */
const LONGEST_MS = 30_000;

const program = '/usr/bin/script';

/** Why tests that need a terminal are left out on this machine; false where they run. */
export const noTerminal =
  process.platform === 'linux' && existsSync(program) ? false : 'script of util-linux is not there to make a terminal';

/** What somebody types when the terminal shows something. */
export interface Typed {
  readonly at: string;
  readonly text: string;
}

/** Runs a command line in a terminal of its own, with exactly this environment; gives what the terminal showed. */
export async function inTerminal(
  line: string,
  env: Readonly<Record<string, string>>,
  typed: readonly Typed[] = [],
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const child = spawn(program, ['-qefc', `stty cols 100 rows 40; ${line}`, '/dev/null'], {
    env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
  });
  const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  let shown = '';
  const left = [...typed];
  // Without a size the terminal has no columns.
  const look = (piece: Buffer): void => {
    shown += piece.toString('utf8');
    const [next] = left;
    if (next === undefined || !shown.includes(next.at)) return;
    left.shift();
    child.stdin.write(next.text);
  };
  child.stdout.on('data', look);
  child.stderr.on('data', look);
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  clearTimeout(late);
  return { code, shown };
}
