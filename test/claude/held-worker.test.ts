import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toolAnswer } from '../../simulator/index.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { chat, user, workerOf, workerProcesses } from '../support/turns.ts';

const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }];

suite("a worker that waits for its client's tools", () => {
  test('is ended without another call of the API, when its place is needed and when OCP stops', async () => {
    await using ocp = await startOcp();
    ocp.simulator.setScript([{ when: { hasTools: true }, reply: toolAnswer('look_up') }]);
    await chat(ocp, [user('First')], { body: { tools } });
    const held = workerOf(ocp.simulator.log.messages()[0]);
    assert.ok(workerProcesses().has(held));
    await chat(ocp, [user('Something else')]);
    await until(() => !workerProcesses().has(held));
    await chat(ocp, [user('Second')], { body: { tools } });
    await ocp.stop();
    assert.equal(ocp.simulator.log.messages().length, 3);
    assert.deepEqual([...workerProcesses()], []);
  });
});
