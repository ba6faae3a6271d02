import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createRunFolder } from '../../src/claude/run-folder.ts';
import type { RunningTurn } from '../../src/claude/workforce.ts';
import { Workforce } from '../../src/claude/workforce.ts';
import { WorkerFactory } from '../../src/claude/worker-factory.ts';
import type { Scenario } from '../support/fake-claude/scenario.ts';
import { fakeClaude } from '../support/fake-claude.ts';
import { until } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { Outcome } from './support.ts';
import { model, outcomeOf, userMessage } from './support.ts';

const never = new AbortController().signal;
const setup = { model, system: ['Be brief.'], tools: [] };

test('an emptied worker serves the same owner again and knows nothing of before', async (t) => {
  const { ask } = await company(t, { text: 'transcript' }, 1);
  await finish(await ask('ada', 'The secret word is canary.'));
  const second = await ask('ada', 'Hello');
  assert.equal(second.origin, 'recycled');
  const { text } = await finish(second);
  assert.match(text, /Hello/u);
  assert.doesNotMatch(text, /canary/u);
});

test('a worker that does not confirm that it is empty is never used again', async (t) => {
  const { ask } = await company(t, { text: 'transcript', clear: 'refused' }, 1);
  await finish(await ask('ada', 'The secret word is canary.'));
  const second = await ask('ada', 'Hello');
  assert.equal(second.origin, 'started');
  assert.doesNotMatch((await finish(second)).text, /canary/u);
});

test('a worker that dies while it is emptied is replaced', async (t) => {
  const { ask } = await company(t, { exit: { at: 'clear', signal: 'SIGKILL' } }, 1);
  await finish(await ask('ada', 'Hello'));
  const second = await ask('ada', 'Hello again');
  assert.deepEqual([second.origin, (await finish(second)).text], ['started', '0 1 2 3 4 ']);
});

test('a worker never serves another owner', async (t) => {
  const { ask } = await company(t, { text: 'transcript' }, 1);
  await finish(await ask('ada', 'The secret word is canary.'));
  const other = await ask('bob', 'Hello');
  assert.equal(other.origin, 'started');
  assert.doesNotMatch((await finish(other)).text, /canary/u);
});

test('a request waits for no process that does not take it', { timeout: 10_000 }, async (t) => {
  const { ask, workforce } = await company(t, { ignores: ['initialize'] }, 1);
  const abort = new AbortController();
  const begun = ask('ada', 'Hello', abort.signal);
  abort.abort();
  await assert.rejects(begun, { code: 'worker_lost' });
  assert.equal(workforce.busy, 0);
});

test('a process that does not answer at its start is given up', { timeout: 10_000 }, async (t) => {
  const { ask } = await company(t, { ignores: ['initialize'] }, 1);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const begun = ask('ada', 'Hello');
  const ticking = setInterval(() => t.mock.timers.tick(1000), 1);
  t.after(() => clearInterval(ticking));
  await assert.rejects(begun, { code: 'worker_lost' });
});

test('stopping waits for no spare that does not answer', { timeout: 10_000 }, async (t) => {
  const { workforce, pids } = await company(t, { ignores: ['control'] }, 2);
  workforce.spares.want(model);
  await until(async () => (await pids()).length > 0);
  await workforce.close();
});

test('a spare that has died is replaced before anybody asks', { timeout: 10_000 }, async (t) => {
  const { ask, workforce, pids } = await company(t, {}, 1);
  workforce.spares.want(model);
  await until(() => workforce.spares.count() === 1);
  for (const pid of await pids()) process.kill(pid, 'SIGKILL');
  await until(() => workforce.spares.count() === 0);
  await until(() => workforce.spares.count() === 1);
  const running = await ask('ada', 'Hello');
  assert.deepEqual([running.origin, (await finish(running)).text], ['spare', '0 1 2 3 4 ']);
});

interface Company {
  readonly workforce: Workforce;
  /** Processes that it has started and not yet missed. */
  readonly pids: () => Promise<readonly number[]>;
  readonly ask: (owner: string, question: string, signal?: AbortSignal) => Promise<RunningTurn>;
}

async function company(t: TestContext, scenario: Scenario, maxIdle: number): Promise<Company> {
  const cli = fakeClaude(t, scenario);
  const parent = temporaryFolder(t);
  const runFolder = await createRunFolder(parent);
  const factory = new WorkerFactory({
    binary: cli.binary,
    env: cli.env,
    runFolder,
    workFolder: parent,
    onPlan: () => {},
    onFailure: () => {},
    now: Date.now,
  });
  const workforce = new Workforce({ factory, maxIdle: () => maxIdle, conversationTtlMs: () => 60_000, now: Date.now });
  t.after(async () => {
    await workforce.close();
    await runFolder.close();
  });
  return {
    workforce,
    pids: async () => markedProcesses(parent),
    ask: async (owner, question, signal = never) =>
      workforce.begin({ owner, setup, settings: {}, messages: [userMessage(question)] }, signal),
  };
}

/** Reads a turn to its end and keeps its worker, as the gateway does. */
async function finish(running: RunningTurn): Promise<Outcome> {
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
