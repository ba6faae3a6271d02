import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamEvent } from '../../../src/wire/anthropic/events.ts';
import { createSingleCallFilter } from '../../../src/wire/anthropic/single-call.ts';

const call = (index: number): StreamEvent[] => [
  {
    type: 'content_block_start',
    index,
    content_block: { type: 'tool_use', id: `toolu_${index}`, name: 'f', input: {} },
  },
  { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: '{}' } },
  { type: 'content_block_stop', index },
];

function run(events: readonly StreamEvent[]): { out: StreamEvent[]; cut: boolean } {
  const out: StreamEvent[] = [];
  const filter = createSingleCallFilter();
  for (const event of events) filter.push(event, (emitted) => out.push(emitted));
  return { out, cut: filter.cut };
}

test('a second call ends the message in front of it, as a message that calls a tool', () => {
  const { out, cut } = run([...call(0), ...call(1)]);
  assert.ok(cut);
  assert.deepEqual(out.slice(0, 3), call(0));
  assert.deepEqual(
    out.slice(3).map((event) => event.type),
    ['message_delta', 'message_stop'],
  );
});

test('one call passes unchanged', () => {
  const { out, cut } = run(call(0));
  assert.equal(cut, false);
  assert.deepEqual(out, call(0));
});
