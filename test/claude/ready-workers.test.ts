import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/processes.ts';
import { company, finish, saying } from './company.ts';

const room = 6;

test('a set-up that comes again finds a worker that is ready for it and has heard nothing', async (t) => {
  const { ask, workforce } = await company(t, { text: 'transcript' }, room);
  await finish(await ask('ada', 'The secret word is canary.'));
  await finish(await ask('ada', 'One more conversation.'));
  await until(() => workforce.ready.size === 1);
  const third = await ask('ada', 'Hello');
  assert.equal(workforce.ready.size, 0, 'the ready worker was taken');
  assert.equal(third.origin, 'spare');
  const { text } = await finish(third);
  assert.match(text, /Be brief.*Hello/u);
  assert.doesNotMatch(text, /canary|One more/u);
});

test('a ready worker serves nobody but the owner and the set-up that it was made ready for', async (t) => {
  const { ask, workforce } = await company(t, { text: 'transcript' }, room);
  await finish(await ask('ada', 'Hello'));
  await finish(await ask('ada', 'Hello again'));
  await until(() => workforce.ready.size === 1);
  await finish(await ask('bob', 'Hello'));
  await finish(await ask('ada', 'Hello', { setup: saying('Be long.') }));
  assert.equal(workforce.ready.size, 1, 'it still waits');
});

test('a set-up that comes only once gets no worker of its own', async (t) => {
  const { ask, workforce } = await company(t, {}, room);
  for (const count of [1, 2, 3]) {
    await finish(await ask('ada', 'Hello', { setup: saying(`Be brief, number ${count}.`) }));
  }
  await finish(await ask('ada', 'Hello', { setup: saying('Be brief, number 2.') }));
  await until(() => workforce.ready.size > 0);
  await until(() => workforce.spares.count() === 2);
  assert.equal(workforce.ready.size, 1);
});

test('ready workers end with the conversations of their owner, and are not made again for an owner who is gone', async (t) => {
  const { ask, workforce, pids } = await company(t, {}, room);
  await finish(await ask('ada', 'Hello'));
  await finish(await ask('ada', 'Hello again'));
  await until(() => workforce.ready.size === 1 && workforce.spares.count() === 2);
  workforce.endConversations(({ owner }) => owner === 'ada');
  assert.equal(workforce.ready.size, 0);
  await until(async () => (await pids()).length === 2);
  assert.equal(workforce.spares.count(), 2, 'only the spares are left');
});

test('all idle workers together stay within their budget', async (t) => {
  const { ask, workforce, pids } = await company(t, {}, room);
  for (const owner of ['ada', 'bob', 'cyd', 'dan', 'eve']) {
    await finish(await ask(owner, 'Hello'));
    await finish(await ask(owner, 'Hello again'));
    await until(() => workforce.ready.size > 0 && workforce.spares.count() === 2);
    await until(async () => (await pids()).length <= room);
  }
});

test('a worker that cannot be made ready is given up, and its place is filled', async (t) => {
  const { ask, workforce, change } = await company(t, {}, room);
  await finish(await ask('ada', 'Hello'));
  change({ exit: { at: 'initialize', times: 1 } });
  await finish(await ask('ada', 'Hello again'));
  await until(() => workforce.spares.count() === 2);
  await finish(await ask('ada', 'And again'));
  await until(() => workforce.ready.size === 1);
});
