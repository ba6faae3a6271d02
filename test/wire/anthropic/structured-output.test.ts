import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { StreamEvent } from '../../../src/wire/anthropic/events.ts';
import type { Tool } from '../../../src/wire/anthropic/request.ts';
import { asContent, asToolCall, contentSchema, toolCallSchema } from '../../../src/wire/anthropic/structured-output.ts';
import type { StructuredFilter } from '../../../src/wire/anthropic/structured-turn.ts';
import { jsonObject, splits, textBlock, thinkingBlock } from './arbitraries.ts';
import type { StreamOptions, Written, WrittenCall } from './streams.ts';
import { assembled, filtered, stream } from './streams.ts';

const plain = { type: 'object', properties: { a: { type: 'string' } } };
const list = { type: 'array', items: { $ref: '#/$defs/A' }, $defs: { A: { type: 'string' } } };
const weather: Tool = { name: 'weather', description: 'Tells it', input_schema: plain };

function structured(json: string, id = 'toolu_1'): WrittenCall {
  return { type: 'tool_use', id, name: 'StructuredOutput', json };
}

/** One turn: its API messages one after another, then the CLI's result. */
function turn(filter: StructuredFilter, ...messages: readonly (readonly StreamEvent[])[]): StreamEvent[] {
  const out = filtered(filter, messages.flat());
  filter.finish((event) => out.push(event));
  return out;
}

function types(events: readonly StreamEvent[]): string[] {
  return events.map((event) => event.type);
}

const thinkings = fc.array(thinkingBlock, { maxLength: 2 });
const texts = fc.array(textBlock, { maxLength: 2 });

test('the structured answer becomes the text of the message, as it was written, for any split', () => {
  fc.assert(
    fc.property(thinkings, texts, jsonObject, splits, fc.boolean(), (thinking, text, value, split, hold) => {
      const json = JSON.stringify(value);
      const events = stream([...thinking, ...text, structured(json)], { split });
      const message = assembled(turn(asContent(plain, { hold }), events));
      const kept = assembled(stream(thinking)).content;
      assert.deepEqual(message, {
        ...assembled(events),
        content: [...kept, { type: 'text', text: json }],
        stopReason: 'end_turn',
      });
    }),
  );
});

test('an answer whose schema had to be wrapped comes out without the wrapper, for any split', () => {
  fc.assert(
    fc.property(fc.jsonValue(), splits, fc.constantFrom(undefined, 2), (value, split, space) => {
      const json = JSON.stringify({ answer: value }, undefined, space);
      const { content } = assembled(turn(asContent(list), stream([structured(json)], { split })));
      const [block] = content;
      assert.ok(block?.type === 'text' && content.length === 1);
      assert.deepEqual(JSON.parse(block.text), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the answer is streamed while it is written, its end waits for the check of the CLI', () => {
  const filter = asContent(plain);
  const events = stream([structured('{"a":"b"}')], { split: (text) => text.split('') });
  const out = filtered(filter, events);
  assert.deepEqual(types(out), types(events.slice(0, -2)));
  assert.equal(filter.complete, false);
  filter.finish((event) => out.push(event));
  assert.deepEqual(types(out), types(events));
});

test('no arguments at all are an empty object', () => {
  const { content } = assembled(turn(asContent({ type: 'object' }), stream([structured('')])));
  assert.deepEqual(content, [{ type: 'text', text: '{}' }]);
});

test("a forced call is a call of the client's tool", () => {
  const events = stream([{ type: 'text', text: 'Sure:' }, structured('{"a":"b"}', 'toolu_9')]);
  const message = assembled(turn(asToolCall(weather), events));
  assert.deepEqual(message.content, [{ type: 'tool_use', id: 'toolu_9', name: 'weather', input: { a: 'b' } }]);
  assert.equal(message.stopReason, 'tool_use');
});

test('several calls in one message are kept only where parallel calls are allowed', () => {
  const events = stream([structured('{"a":"1"}', 'x1'), structured('{"a":"2"}', 'x2')]);
  const count = (filter: StructuredFilter) => assembled(turn(filter, events)).content.length;
  assert.deepEqual(
    [count(asToolCall(weather)), count(asToolCall(weather, { parallel: false })), count(asContent(plain))],
    [2, 1, 1],
  );
});

const prose: Written = { type: 'text', text: 'Just text.' };

test('text in place of JSON is a refusal, and gone when the reminder of the CLI brings one', () => {
  const alone = turn(asContent(plain), stream([prose]), stream([{ type: 'text', text: 'Still text.' }]));
  assert.deepEqual(assembled(alone).content, [{ type: 'text', text: 'Still text.' }]);
  assert.equal(assembled(alone).stopReason, 'refusal');
  const reminded = turn(asContent(plain), stream([prose]), stream([structured('{"a":"b"}')]));
  assert.deepEqual(assembled(reminded).content, [{ type: 'text', text: '{"a":"b"}' }]);
  assert.deepEqual(assembled(reminded).usage, {
    input_tokens: 20,
    output_tokens: 40,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  });
  assert.equal(types(reminded).filter((type) => type === 'message_start').length, 1);
});

test('an attempt against the schema is replaced unseen when held, and known to the caller when it was streamed', () => {
  const attempts = [stream([structured('{"a":1}')]), stream([structured('{"a":"b"}')])];
  const held = asContent(plain, { hold: true });
  assert.deepEqual(assembled(turn(held, ...attempts)).content, [{ type: 'text', text: '{"a":"b"}' }]);
  assert.equal(held.rejected, false);
  const streamed = asContent(plain);
  const out = turn(streamed, ...attempts);
  assert.equal(streamed.rejected, true);
  assert.deepEqual(assembled(out).content, [{ type: 'text', text: '{"a":1}' }]);
  assert.equal(types(out).filter((type) => type === 'message_stop').length, 1);
});

test('an answer that was cut or refused ends the message at once, whatever the CLI would do next', () => {
  const cases: readonly (readonly [Written, StreamOptions, Written])[] = [
    [structured('{"a":"x'), { stopReason: 'max_tokens' }, { type: 'text', text: '{"a":"x' }],
    [prose, { stopReason: 'max_tokens' }, prose],
    [prose, { stopReason: 'refusal' }, prose],
  ];
  for (const [block, options, expected] of cases) {
    const filter = asContent(plain);
    const message = assembled(filtered(filter, [...stream([block], options), ...stream([structured('{}')])]));
    assert.equal(filter.complete, true);
    assert.deepEqual(message.content, [expected]);
    assert.equal(message.stopReason, options.stopReason);
  }
});

test("calls of the client's own tools pass, with the text before them", () => {
  const call: WrittenCall = { type: 'tool_use', id: 'toolu_2', name: 'weather', json: '{"a":"b"}' };
  const filter = asContent(plain);
  const events = stream([prose, call, structured('{"a":"c"}')]);
  const message = assembled(filtered(filter, events));
  assert.deepEqual(message.content, [
    prose,
    { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { a: 'b' } },
    { type: 'text', text: '{"a":"c"}' },
  ]);
  assert.equal(message.stopReason, 'tool_use');
  assert.equal(filter.complete, true);
});

test('only a schema that no tool may have is wrapped, with its references moved along', () => {
  assert.deepEqual(contentSchema(plain), plain);
  assert.deepEqual(contentSchema(list), {
    type: 'object',
    properties: {
      answer: { type: 'array', items: { $ref: '#/properties/answer/$defs/A' }, $defs: { A: { type: 'string' } } },
    },
    required: ['answer'],
    additionalProperties: false,
  });
  assert.deepEqual(toolCallSchema(weather), { ...plain, description: 'Tells it' });
});
