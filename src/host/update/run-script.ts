import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { processStart } from '../../claude/process-start.ts';
import { UpdateError, firstLine } from './error.ts';

/**
 * Runs one of the scripts to its end. It is in a session of its own: neither Ctrl-C nor the end of this process stops it
 * half-way. Raises UpdateError with the first line of what it said when it fails.
 */
export async function runScript(
  script: string,
  args: readonly string[],
  log: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const output = openSync(log, 'w', 0o600);
  try {
    const code = await new Promise<number | null>((resolve) => {
      const child = spawn('/bin/sh', [script, ...args], {
        detached: true,
        stdio: ['ignore', output, output],
        env: { ...env },
        cwd: '/',
      });
      child.once('error', () => resolve(null));
      child.once('close', resolve);
    });
    if (code !== 0) {
      const said = firstLine(readFileSync(log, 'utf8'));
      throw new UpdateError(said === '' ? `${script} ended with ${code ?? 'a signal'}` : said);
    }
  } finally {
    closeSync(output);
  }
}

/** Longer than a switch takes; behind that, the number belongs to another process by now. */
const LONGEST_SWITCH_MS = 60_000;

/** Waits for a switch that outlived the update that began it. */
export async function switchEnded(workshop: string): Promise<void> {
  const file = join(workshop, 'switch.pid');
  for (let waited = 0; waited < LONGEST_SWITCH_MS; waited += 50) {
    const pid = pidIn(file);
    if (pid === undefined || (await processStart(pid)) === undefined) break;
    await setTimeout(50);
  }
  rmSync(file, { force: true });
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
