import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packSetup } from '../../src/claude/setup.ts';
import { ask, model, outcomeOf, scriptedWorker } from './support.ts';

test('what the CLI says a turn cost counts again after a turn that called tools', async (t) => {
  const { worker } = scriptedWorker(t, { costUsd: 0.25, calls: [{ name: 'look', input: {} }] });
  const tools = [{ name: 'look', input_schema: { type: 'object', properties: {} } }] as const;
  await worker.initialize(packSetup({ model, system: [], tools }));
  const { answer } = await outcomeOf(ask(worker, 'Look'));
  const call = answer.content.find((block) => block.type === 'tool_use');
  assert.ok(call !== undefined);
  const json = Buffer.from('{"content":[{"type":"text","text":"seen"}],"isError":false}');
  const { end: second } = await outcomeOf(worker.continueTurn(new Map([[call.id, { id: call.id, json }]]), {}));
  assert.equal(second.costUsd, undefined, 'one report for two turns tells the cost of neither');
  const { end: third } = await outcomeOf(ask(worker, 'And now?'));
  assert.equal(third.costUsd, 0.25);
});
