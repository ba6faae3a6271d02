import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

/** Whether there is a process of this id that still runs; one that only waits to be collected does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/u.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Resolves once the process is gone: a signal's effect has no event of its own. */
export async function gone(pid: number): Promise<void> {
  await until(() => !isAlive(pid));
}

/** Resolves once the condition holds, for what has no event; asks every few ms. Rejects after `timeoutMs`. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
    await pause(5);
  }
}

/** A process that has ended and that its parent never collects; it goes with the test. */
export async function uncollected(t: TestContext): Promise<number> {
  // The shell becomes a program that does not wait for the child that it finds.
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  t.after(() => process.kill(-(parent.pid ?? Number.NaN), 'SIGKILL'));
  const [told] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(told.toString('utf8'));
  // As long as it is a shell, it may collect what has ended.
  await until(() => textOf(`/proc/${parent.pid}/comm`).trim() === 'sleep');
  process.kill(pid, 'SIGKILL');
  await until(() => /\) Z /u.test(textOf(`/proc/${pid}/stat`)));
  return pid;
}

/** Ids of the processes whose command line or environment names that folder; this process does not count. */
export function processesOf(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid && isAlive(Number(name)))
    .filter((name) => ['cmdline', 'environ'].some((file) => textOf(`/proc/${name}/${file}`).includes(folder)))
    .map(Number);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended, or is another user's.
    return '';
  }
}
