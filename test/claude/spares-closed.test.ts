import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Spares } from '../../src/claude/spares.ts';
import { model, scriptedWorker } from './support.ts';

test('a worker that comes as a spare when OCP is stopping is ended', { timeout: 20_000 }, async (t) => {
  const { worker } = scriptedWorker(t, {});
  await worker.started();
  const spares = new Spares({
    start: async () => Promise.reject(new Error('no spare is to be started')),
    room: () => 1,
    waiting: () => 0,
    onFull: () => {},
    now: Date.now,
  });
  await spares.close();
  spares.adopt(model, worker);
  assert.equal((await worker.ended).signal, 'SIGKILL');
  assert.equal(spares.count(), 0);
});
