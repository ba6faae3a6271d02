import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createRunFolder } from '../../src/claude/run-folder.ts';
import { packMessages } from '../../src/claude/packed/pack-messages.ts';
import type { Setup } from '../../src/claude/setup.ts';
import { packSetup } from '../../src/claude/setup.ts';
import { WorkerFactory } from '../../src/claude/worker-factory.ts';
import type { RunningTurn } from '../../src/claude/workforce.ts';
import { StartGate } from '../../src/claude/start-gate.ts';
import { Workforce } from '../../src/claude/workforce.ts';
import type { Message } from '../../src/wire/anthropic/request.ts';
import type { Scenario } from '../support/fake-claude/scenario.ts';
import { fakeClaude, writeScenario } from '../support/fake-claude.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { Outcome } from './support.ts';
import { model, outcomeOf, userMessage } from './support.ts';

/** A set-up with this system prompt. */
export const saying = (system: string): Setup => packSetup({ model, system: [system], tools: [] });

export const setup: Setup = saying('Be brief.');
const never = new AbortController().signal;

/** A workforce of scripted workers. */
export interface Company {
  readonly workforce: Workforce;
  /** What workers do that start from now on. */
  readonly change: (scenario: Scenario) => void;
  /** Processes that it has started and not yet missed. */
  readonly pids: () => Promise<readonly number[]>;
  readonly ask: (owner: string, question: string, how?: Asking) => Promise<RunningTurn>;
}

interface Asking {
  readonly signal?: AbortSignal;
  readonly setup?: Setup;
  /** What was said before. */
  readonly past?: readonly Message[];
}

/** Starts a workforce with this memory budget in processes; it ends with the test. */
export async function company(t: TestContext, scenario: Scenario, maxIdle: number): Promise<Company> {
  const cli = fakeClaude(t, scenario);
  const parent = temporaryFolder(t);
  const runFolder = await createRunFolder(parent);
  const factory = new WorkerFactory({
    binary: () => cli.binary,
    env: cli.env,
    runFolder,
    workFolder: parent,
    onPlan: () => {},
    onFailure: () => {},
    starts: new StartGate(2),
    now: Date.now,
  });
  const workforce = new Workforce({ factory, maxIdle: () => maxIdle, conversationTtlMs: () => 60_000, now: Date.now });
  t.after(async () => {
    await workforce.close();
    await runFolder.close();
  });
  return {
    workforce,
    change: (next) => writeScenario(cli.configDir, next),
    pids: async () => markedProcesses(parent),
    ask: async (owner, question, how = {}) =>
      workforce.begin(
        {
          owner,
          setup: how.setup ?? setup,
          settings: {},
          messages: packMessages([...(how.past ?? []), userMessage(question)]),
        },
        how.signal ?? never,
      ),
  };
}

/** Reads a turn to its end and keeps its worker, as the gateway does. */
export async function finish(running: RunningTurn): Promise<Outcome> {
  const outcome = await outcomeOf(running.turn);
  running.keep(outcome.answer);
  return outcome;
}

/** The processes that the run folder would sweep. */
async function markedProcesses(parent: string): Promise<readonly number[]> {
  const pids: number[] = [];
  for (const file of await readdir(parent, { recursive: true })) {
    if (!/\d+\.json$/u.test(file)) continue;
    const text = await readFile(join(parent, file), 'utf8').catch(() => '');
    if (text !== '') pids.push((JSON.parse(text) as { readonly pid: number }).pid);
  }
  return pids;
}
