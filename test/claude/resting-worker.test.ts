import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { packSetup } from '../../src/claude/setup.ts';
import { Worker } from '../../src/claude/worker.ts';
import { fakeClaude } from '../support/fake-claude.ts';
import type { Scenario } from '../support/fake-claude/scenario.ts';
import type { TestContext } from 'node:test';
import { ask, model, outcomeOf } from './support.ts';

/** Whether a process is stopped, by the first letter of its state. */
const isAsleep = (worker: Worker): boolean =>
  execFileSync('ps', ['-o', 'stat=', '-p', String(worker.pid)], { encoding: 'utf8' }).startsWith('T');

async function falls(worker: Worker): Promise<void> {
  while (!isAsleep(worker)) await delay(5);
}

function restingWorker(t: TestContext, scenario: Scenario): Worker {
  const worker = new Worker({
    command: fakeClaude(t, scenario).command,
    model,
    onPlan: () => {},
    onSession: () => {},
    canOpen: () => true,
    onOpenedWrongly: () => {},
    now: Date.now,
    restAfterMs: 20,
  });
  t.after(async () => {
    worker.kill();
    await worker.ended;
  });
  return worker;
}

suite('a worker that has nothing to do', { timeout: 30_000 }, () => {
  test('sleeps as a spare and after each turn, and wakes for what it is told', async (t) => {
    const worker = restingWorker(t, { text: 'transcript' });
    await worker.started();
    await falls(worker);
    await worker.initialize(packSetup({ model, system: ['Be brief.'], tools: [] }));
    await falls(worker);
    for (const question of ['one', 'two']) {
      const { error, text } = await outcomeOf(ask(worker, question));
      assert.equal(error, undefined);
      assert.match(text, new RegExp(question, 'u'));
      await falls(worker);
    }
  });

  test('never sleeps in the middle of a turn', async (t) => {
    const worker = restingWorker(t, { text: 'numbers', tokens: 30, intervalMs: 10 });
    await worker.initialize(packSetup({ model, system: [], tools: [] }));
    const turn = ask(worker, 'count');
    for await (const event of turn.events) if (event.type === 'content_block_delta') assert.ok(!isAsleep(worker));
    assert.equal((await turn.ended).worker, 'idle');
  });

  test('ends as gently as one that is awake', async (t) => {
    const worker = restingWorker(t, {});
    await worker.started();
    await falls(worker);
    await worker.stop();
    assert.deepEqual((({ code, signal }) => ({ code, signal }))(await worker.ended), { code: 0, signal: null });
  });
});
