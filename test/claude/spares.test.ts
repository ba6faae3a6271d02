import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { untilHealth, workerHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { chat, processOf, workerOf, workerProcesses } from '../support/turns.ts';

suite('spares', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await startOcp({ config: { sparesMemoryMb: 800 } });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  test('are there before anybody has asked, and cost no call of the API', async () => {
    await untilHealth(ocp, ({ workers }) => workers.spares === 2);
    // The process that was asked for the CLI's models at the start is just leaving.
    await until(() => workerProcesses().size === 2);
    assert.deepEqual(ocp.simulator.log.messages(), []);
  });

  test('are replaced when they die', async () => {
    const [first] = workerProcesses();
    assert.ok(first);
    process.kill(first[1], 'SIGKILL');
    await untilHealth(ocp, ({ workers }) => workers.spares === 1);
    await untilHealth(ocp, ({ workers }) => workers.spares === 2);
    assert.equal(workerProcesses().has(first[0]), false);
  });

  test('answer the next request, and are replaced', async () => {
    const spares = new Set(workerProcesses().keys());
    assert.equal((await chat(ocp, '[[text:Hello]]')).text, 'Hello');
    assert.ok(spares.has(workerOf(ocp.simulator.log.messages().at(-1))), 'the request did not get a spare');
    assert.deepEqual((await workerHealth(ocp)).workers.origins, {
      live: 0,
      spare: 1,
      recycled: 0,
      started: 0,
      retries: 0,
    });
    await untilHealth(ocp, ({ workers }) => workers.spares === 2);
  });

  test('are kept for every model that was asked for, and only used for theirs', async () => {
    await chat(ocp, 'Hello', { body: { model: 'haiku' } });
    assert.equal((await workerHealth(ocp)).workers.origins.started, 1);
    // Two of the model that was used last, one of every other: of sonnet there are two already.
    await untilHealth(ocp, ({ workers }) => workers.spares === 4);
    await chat(ocp, 'Hello again', { body: { model: 'haiku' } });
    const { origins } = (await workerHealth(ocp)).workers;
    assert.deepEqual([origins.spare, origins.started], [2, 1]);
    const asked = ocp.simulator.log.messages().map((record) => (record.body as { model: string }).model);
    assert.match(String(asked.at(-1)), /haiku/);
    assert.match(String(asked[0]), /sonnet/);
  });

  test('that died unnoticed are not given out', async () => {
    await untilHealth(ocp, ({ workers }) => workers.spares === 4);
    for (const pid of workerProcesses().values()) process.kill(pid, 'SIGKILL');
    assert.equal((await chat(ocp, '[[text:Still here]]')).text, 'Still here');
    assert.ok(processOf(ocp.simulator.log.messages().at(-1)) > 0);
  });
});
