import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { untilHealth, workerHealth } from '../support/health.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { assistant, chat, user, workerProcesses } from '../support/turns.ts';

suite('conversations that nobody goes on with', () => {
  test('lose their process after their time, and go on all the same', async (t) => {
    // Only the look for old conversations uses an interval that has to pass.
    t.mock.timers.enable({ apis: ['setInterval'] });
    const ttlMs = 60_000;
    let ahead = 0;
    await using ocp = await startOcp({
      config: { sessionTtl: ttlMs },
      now: () => Date.now() + ahead,
    });
    await chat(ocp, '[[text:Hello]]');
    await untilHealth(ocp, ({ workers }) => workers.conversations === 1);
    t.mock.timers.tick(15_000);
    assert.equal((await workerHealth(ocp)).workers.conversations, 1);
    ahead = ttlMs + 1;
    t.mock.timers.tick(15_000);
    await untilHealth(ocp, ({ workers }) => workers.conversations === 0);
    const history = [user('[[text:Hello]]'), assistant('Hello'), user('[[text:Again]]')];
    assert.equal((await chat(ocp, history)).text, 'Again');
    assert.equal((await workerHealth(ocp)).workers.origins.live, 0);
  });

  test('never take more memory than the budget, and leave room for spares', async () => {
    await using ocp = await startOcp({ env: { CLAUDE_BIN: fakeClaudeBinary }, config: { sparesMemoryMb: 400 } });
    for (let index = 0; index < 5; index += 1) {
      // Each has a set-up of its own, so that no worker can be emptied for the next.
      await chat(ocp, [{ role: 'system', content: `Set-up ${index}` }, user('Hello')]);
      const { workers } = await workerHealth(ocp);
      assert.ok(workers.conversations + workers.spares <= 4);
    }
    await untilHealth(ocp, ({ workers }) => workers.busy === 0 && workers.spares === 2 && workers.conversations === 2);
    await until(() => workerProcesses().size === 4, 15_000);
  });
});
