import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { CliCommand } from '../../src/claude/cli-process.ts';
import { workerArguments } from '../../src/claude/arguments.ts';
import type { Scenario } from './fake-claude/scenario.ts';
import { temporaryFolder } from './temporary.ts';

/** The scripted CLI with a scenario of its own. */
export interface FakeClaude {
  /** What CLAUDE_BIN has to be. */
  readonly binary: string;
  /** The whole environment that it needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its scenario lies, and what it leaves behind. */
  readonly configDir: string;
  /** A worker of it, for driving it directly. */
  readonly command: CliCommand;
}

/** Path of the scripted CLI. */
export const fakeClaudeBinary: string = join(import.meta.dirname, 'fake-claude', 'claude');

/** Prepares a scripted CLI that behaves as the scenario says; its folder goes with the test. */
export function fakeClaude(t: TestContext, scenario: Scenario): FakeClaude {
  const configDir = temporaryFolder(t);
  writeScenario(configDir, scenario);
  const env = { PATH: '/usr/bin:/bin', HOME: configDir, CLAUDE_CONFIG_DIR: configDir };
  const command = { path: fakeClaudeBinary, args: workerArguments('claude-sonnet-4-6'), env, cwd: configDir };
  return { binary: fakeClaudeBinary, env, configDir, command };
}

/** Gives the scripted CLI of this folder a scenario; processes that run already keep theirs. */
export function writeScenario(configDir: string, scenario: Scenario): void {
  writeFileSync(join(configDir, 'scenario.json'), JSON.stringify(scenario));
}

/** The process that a scenario with `grandchild` has started. */
export function grandchildPid(configDir: string): number {
  return Number(readFileSync(join(configDir, 'grandchild.pid'), 'utf8'));
}
