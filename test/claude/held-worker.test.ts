import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toolAnswer } from '../../simulator/index.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { chat, send, user, workerOf, workerProcesses } from '../support/turns.ts';

const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }];

interface Called {
  readonly choices: readonly [{ readonly message: { readonly tool_calls: readonly [{ readonly id: string }] } }];
}

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

  test('is ended when the CLI gives the call up by itself: the model never hears that it failed', async () => {
    const allowed = 'ANTHROPIC_BASE_URL,ANTHROPIC_API_KEY,MCP_TOOL_TIMEOUT';
    await using ocp = await startOcp({ env: { OCP_CLAUDE_ENV: allowed, MCP_TOOL_TIMEOUT: '1000' } });
    ocp.simulator.setScript([{ times: 1, reply: toolAnswer('look_up') }]);
    const first = await send(ocp, 'What is it?', { body: { tools } });
    const { choices } = (await first.json()) as Called;
    const held = workerOf(ocp.simulator.log.messages()[0]);
    await until(() => !workerProcesses().has(held));
    assert.equal(ocp.simulator.log.messages().length, 1);
    const result = { role: 'tool', tool_call_id: choices[0].message.tool_calls[0].id, content: 'It is blue.' } as const;
    const messages = [user('What is it?'), choices[0].message, result];
    assert.match((await chat(ocp, [], { body: { tools, messages } })).text, /It is blue\./);
    const [, second, ...more] = ocp.simulator.log.messages();
    assert.deepEqual(more, []);
    assert.notEqual(workerOf(second), held);
  });
});
