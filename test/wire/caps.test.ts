import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anthropicMessages } from '../../src/wire/anthropic/surface.ts';
import { caps } from '../../src/wire/caps.ts';
import { OcpError } from '../../src/wire/errors.ts';
import { listed } from '../../src/wire/name-list.ts';
import { openAiChat } from '../../src/wire/openai-chat/surface.ts';
import { openAiResponses } from '../../src/wire/openai-responses/surface.ts';
import type { ParsedRequest } from '../../src/wire/surface.ts';

type Fields = Readonly<Record<string, unknown>>;

const user = { role: 'user', content: 'x' };
const chat = (fields: Fields): ParsedRequest<unknown> =>
  openAiChat.parse({ model: 'm', messages: [user], ...fields }, {});
const messages = (fields: Fields): ParsedRequest<unknown> =>
  anthropicMessages.parse({ model: 'm', max_tokens: 9, messages: [user], ...fields }, {});
const responses = (fields: Fields): ParsedRequest<unknown> =>
  openAiResponses.parse({ model: 'm', input: 'x', ...fields }, {});

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const tool = (index: number): Fields => ({ type: 'function', function: { name: `t${index}` } });
const keys = (count: number): Fields => Object.fromEntries(many(count, (index) => [`k${index}`, 'v']));

const lists: readonly (readonly [
  string,
  (fields: Fields) => unknown,
  string,
  (count: number) => unknown,
  number,
  string,
])[] = [
  ['stop sequences of Chat', chat, 'stop', (count) => many(count, String), caps.chatStops, 'items'],
  ['stop sequences of Messages', messages, 'stop_sequences', (count) => many(count, String), caps.stops, 'items'],
  ['tools of Chat', chat, 'tools', (count) => many(count, tool), caps.chatTools, 'items'],
  ['functions', chat, 'functions', (count) => many(count, (i) => ({ name: `f${i}` })), caps.chatTools, 'items'],
  ['metadata', responses, 'metadata', keys, caps.metadataKeys, 'keys'],
  ['include', responses, 'include', (count) => many(count, () => 'a'), caps.include, 'items'],
];

for (const [name, parse, field, make, most, unit] of lists) {
  test(`${name}: as many as may be are taken, and one more is refused with the number`, () => {
    parse({ [field]: make(most) });
    assert.throws(
      () => parse({ [field]: make(most + 1) }),
      (error) =>
        error instanceof OcpError &&
        error.param === field &&
        error.message === `'${field}' must have at most ${most} ${unit}.`,
    );
  });
}

test('metadata has keys and values of a bounded length', () => {
  responses({ metadata: { ['k'.repeat(64)]: 'v'.repeat(512) } });
  assert.throws(() => responses({ metadata: { ['k'.repeat(65)]: '' } }), /a key may have at most 64 characters/);
  assert.throws(() => responses({ metadata: { a: 'v'.repeat(513) } }), /must have at most 512 characters/);
});

test('a text that holds JSON counts as what is in it', () => {
  const call = (text: string): Fields => ({
    messages: [
      user,
      { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: text } }] },
      { role: 'tool', tool_call_id: 'a', content: 'y' },
    ],
  });
  const inputOf = (text: string): unknown => {
    const [block] = chat(call(text)).request.messages[1]?.content ?? [];
    return block?.type === 'tool_use' ? block.input : undefined;
  };
  assert.deepEqual(inputOf('{"a":[1,"],[",2]}'), { a: [1, '],[', 2] });
  const wide = `{"a":[${'{},'.repeat(200_000)}0]}`;
  assert.deepEqual(inputOf(wide), { _raw: wide });
  const deep = `{"a":${'['.repeat(201)}${']'.repeat(201)}}`;
  assert.deepEqual(inputOf(deep), { _raw: deep });
});

test('a pattern that is left out of a schema is named', () => {
  const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
  const format = { type: 'json_schema', json_schema: { name: 'n', schema } };
  assert.deepEqual(chat({ response_format: format }).ignored, ['response_format.json_schema.schema (pattern)']);
  const output = { format: { type: 'json_schema', schema } };
  assert.deepEqual(messages({ output_config: output }).ignored, ['output_config.format.schema (pattern)']);
  assert.deepEqual(responses({ text: { format: { type: 'json_schema', name: 'n', schema } } }).ignored, [
    'text.format.schema (pattern)',
  ]);
  const tools = [{ name: 'f', input_schema: schema }];
  assert.deepEqual(messages({ tools, tool_choice: { type: 'any' } }).ignored, ['tools (pattern)']);
  assert.deepEqual(messages({ tools }).ignored, []);
});

test('a list of names says how many it leaves out', () => {
  assert.equal(listed(['a', 'b']), 'a, b');
  assert.equal(listed(many(25, String), 3), '0, 1, 2, and 22 more');
  assert.ok(listed(many(100_000, () => 'n'.repeat(1000))).length < 4000);
});
