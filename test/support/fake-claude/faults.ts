import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import process from 'node:process';
import type { Exit, Scenario } from './scenario.ts';

const STDERR = 2;
/** Longer than any test. */
const STAY_SECONDS = '600';

/** Ends this process if the scenario wants that here. */
export function maybeExit(scenario: Scenario, at: Exit['at'], configDir: string): void {
  const { exit } = scenario;
  if (exit?.at !== at || !isDue(exit, configDir)) return;
  if (exit.signal === undefined) process.exit(exit.code ?? 1);
  process.kill(process.pid, exit.signal);
}

/** Counts over all processes of the folder: a file can be created only once. */
function isDue(exit: Exit, configDir: string): boolean {
  if (exit.times === undefined) return true;
  for (let count = 1; count <= exit.times; count += 1) {
    try {
      closeSync(openSync(`${configDir}/exit-${count}`, 'wx'));
      return true;
    } catch {
      // This time is used up.
    }
  }
  return false;
}

export function complain(scenario: Scenario): void {
  if (scenario.stderr !== undefined) writeSync(STDERR, `${scenario.stderr}\n`);
}

/** Starts the process that stays behind, in this one's group. */
export async function startGrandchild(scenario: Scenario, configDir: string): Promise<void> {
  if (scenario.grandchild === undefined) return;
  const { spawn } = await import('node:child_process');
  const stdout = scenario.grandchild === 'holding' ? 'inherit' : 'ignore';
  const child = spawn('sleep', [STAY_SECONDS], { stdio: ['ignore', stdout, 'ignore'] });
  child.unref();
  writeFileSync(`${configDir}/grandchild.pid`, String(child.pid));
}
