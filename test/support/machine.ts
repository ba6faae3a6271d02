import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Machine } from '../../src/host/machine.ts';
import type { RunOutcome } from '../../src/host/run.ts';
import { packageRoot } from './ocp.ts';
import { temporaryFolder } from './temporary.ts';

/** A machine whose programs only write down that they were called. */
export interface RecordedMachine extends Machine {
  /** Command lines in their order. */
  readonly calls: readonly string[];
  readonly ocpHome: string;
}

export interface RecordedOptions {
  readonly platform?: NodeJS.Platform;
  readonly env?: Readonly<Record<string, string>>;
  /** What programs answer, by the beginning of their command line; anything else succeeds and says nothing. */
  readonly answers?: Readonly<Record<string, Partial<RunOutcome>>>;
}

/** Makes such a machine, with a home folder of its own. */
export function recordedMachine(t: TestContext, options: RecordedOptions = {}): RecordedMachine {
  const home = join(temporaryFolder(t), 'home of someone');
  mkdirSync(home);
  const calls: string[] = [];
  const answers = Object.entries(options.answers ?? {}).toSorted(([a], [b]) => b.length - a.length);
  return {
    platform: options.platform ?? 'linux',
    home,
    user: 'someone',
    uid: 501,
    env: { HOME: home, ...options.env },
    packageRoot,
    nodePath: '/opt/homebrew/Cellar/node/24.3.0/bin/node',
    totalMemory: 16 * 1_073_741_824,
    signal: new AbortController().signal,
    calls,
    ocpHome: join(home, '.ocp'),
    run: async (program, args) => {
      const line = [program, ...args].join(' ');
      calls.push(line);
      const [, answer] = answers.find(([beginning]) => line.startsWith(beginning)) ?? [];
      return { code: 0, stdout: '', stderr: '', ...answer };
    },
  };
}
