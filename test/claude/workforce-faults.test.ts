import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../src/wire/anthropic/request.ts';
import { until } from '../support/processes.ts';
import { company, finish } from './company.ts';
import { model, userMessage } from './support.ts';

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

test('a CLI that keeps the command which empties it serves one conversation with each worker', async (t) => {
  const { ask } = await company(t, { text: 'transcript', clear: 'residue' }, 1);
  for (const question of ['One', 'Two', 'Three']) {
    const begun = await ask('ada', question);
    assert.notEqual(begun.origin, 'recycled');
    await finish(begun);
  }
});

test('a CLI that cannot say how much is in it serves one conversation with each worker', async (t) => {
  const { ask } = await company(t, { text: 'transcript', oldContextUsage: true }, 1);
  await finish(await ask('ada', 'One'));
  assert.notEqual((await ask('ada', 'Two')).origin, 'recycled');
});

test('closing ends a worker whose answer came and was neither kept nor discarded', async (t) => {
  const { ask, workforce } = await company(t, { text: 'transcript' }, 1);
  const running = await ask('ada', 'One');
  await running.turn.ended;
  await workforce.close();
});

test('a worker that dies while it is emptied is replaced', async (t) => {
  const { ask } = await company(t, { exit: { at: 'clear', signal: 'SIGKILL' } }, 1);
  await finish(await ask('ada', 'Hello'));
  const second = await ask('ada', 'Hello again');
  assert.deepEqual([second.origin, (await finish(second)).text], ['started', '0 1 2 3 4 ']);
});

test('a worker that answers what it is only told is ended, and no other one is told it in that way', async (t) => {
  const { ask } = await company(t, { text: 'transcript', ignores: ['limit'] }, 1);
  const past: readonly Message[] = [
    userMessage('The first question.'),
    { role: 'assistant', content: [{ type: 'text', text: 'The first answer.' }] },
  ];
  assert.equal((await finish(await ask('ada', 'Hello', { past }))).error?.code, 'worker_lost');
  const { text } = await finish(await ask('ada', 'Hello', { past }));
  assert.match(text, /The first question.*The first answer.*Hello/u);
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
  const begun = ask('ada', 'Hello', { signal: abort.signal });
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
