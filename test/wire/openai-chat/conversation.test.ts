import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../../src/wire/anthropic/request.ts';
import { refuses, request } from './support.ts';
import { aPdf } from '../../support/media.ts';
import { onePixel } from '../../support/recordings.ts';

const png = onePixel;
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } };
const imagePart = { type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'auto' } };
const question = { role: 'user', content: 'q' };

function text(value: string): { type: 'text'; text: string } {
  return { type: 'text', text: value };
}

function call(id: string, args: unknown = '{"a":1}'): object {
  return { id, type: 'function', function: { name: 'f', arguments: args } };
}

function use(id: string, input: unknown = { a: 1 }): object {
  return { type: 'tool_use', id, name: 'f', input };
}

function result(id: string, ...content: readonly unknown[]): object {
  return { type: 'tool_result', tool_use_id: id, content };
}

function messagesOf(...messages: readonly unknown[]): readonly Message[] {
  return request({ messages }).messages;
}

test('system and developer messages before the conversation become the system prompt, later ones keep their place', () => {
  const { system, messages } = request({
    messages: [
      { role: 'system', content: 'one', cache_control: { type: 'ephemeral' } },
      { role: 'developer', content: [text('two'), { ...text('three'), cache_control: { type: 'ephemeral' } }] },
      { role: 'system', content: ' ' },
      question,
      { role: 'system', content: 'four' },
    ],
  });
  assert.deepEqual(system, ['one', 'two\nthree']);
  const reminder = text('<system-reminder>\nfour\n</system-reminder>');
  assert.deepEqual(messages, [{ role: 'user', content: [text('q'), reminder] }]);
});

test('a system message that has the last word is the question', () => {
  const only = request({ messages: [{ role: 'system', content: 'say hi' }] });
  assert.deepEqual([only.system, only.messages], [[], [{ role: 'user', content: [text('say hi')] }]]);
  const { system, messages } = request({
    messages: [
      { role: 'system', content: 's' },
      question,
      { role: 'assistant', content: 'a' },
      { role: 'system', content: 'title?' },
    ],
  });
  assert.deepEqual(system, ['s']);
  assert.deepEqual(messages.at(-1), { role: 'user', content: [text('title?')] });
});

test('a user message keeps its parts, and messages of one role become one message', () => {
  const pdf = aPdf;
  assert.deepEqual(
    messagesOf(
      question,
      {
        role: 'user',
        name: 'ann',
        content: [text('see'), imagePart, { type: 'image_url', image_url: imagePart.image_url.url }],
      },
      {
        role: 'user',
        content: [{ type: 'file', file: { file_data: `data:application/pdf;base64,${pdf}`, filename: 'a.pdf' } }],
      },
    ),
    [
      {
        role: 'user',
        content: [
          text('q'),
          text('see'),
          image,
          image,
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf }, title: 'a.pdf' },
        ],
      },
    ],
  );
});

test('blank texts and the messages that they leave empty are dropped', () => {
  assert.deepEqual(
    messagesOf(
      question,
      { role: 'assistant', content: '' },
      { role: 'assistant', content: null },
      { role: 'user', content: [text(' \n'), text('go')] },
    ),
    [{ role: 'user', content: [text('q'), text('go')] }],
  );
});

test('an assistant message keeps its texts, its refusal and its calls, but not its unsigned reasoning', () => {
  const [, answer] = messagesOf(
    question,
    {
      role: 'assistant',
      name: 'model',
      reasoning_content: 'hm',
      content: [{ type: 'thinking', thinking: 'hm' }, text('a'), { type: 'refusal', refusal: 'b' }],
      refusal: 'c',
      tool_calls: [{ ...call('toolu_1'), cache_control: { type: 'ephemeral' } }],
    },
    { role: 'tool', tool_call_id: 'toolu_1', content: 'r' },
  );
  assert.deepEqual(answer, { role: 'assistant', content: [text('a'), text('b'), text('c'), use('toolu_1')] });
});

test('arguments are an object, and what the model wrote amiss is kept as it wrote it', () => {
  const inputs = ['{"x":"\\ud800"}', '', null, { y: 1 }, '[1]', '{"cut', '"text"'].map((args) => {
    const [, message] = messagesOf(
      question,
      { role: 'assistant', tool_calls: [call('i', args)] },
      { role: 'tool', tool_call_id: 'i', content: '' },
    );
    const [block] = message?.content ?? [];
    return block?.type === 'tool_use' ? block.input : undefined;
  });
  assert.deepEqual(inputs, [{ x: '\ufffd' }, {}, {}, { y: 1 }, { _raw: '[1]' }, { _raw: '{"cut' }, { _raw: '"text"' }]);
});

test('results stand together behind their calls, before anything else that the user says', () => {
  assert.deepEqual(
    messagesOf(
      question,
      { role: 'assistant', content: null, tool_calls: [call('one'), call('two')] },
      { role: 'user', content: 'meanwhile' },
      { role: 'tool', tool_call_id: 'two', name: 'f', content: [text('2'), imagePart] },
      { role: 'tool', tool_call_id: 'one', content: '1' },
      { role: 'user', content: [text('context')] },
    ),
    [
      { role: 'user', content: [text('q')] },
      { role: 'assistant', content: [use('one'), use('two')] },
      {
        role: 'user',
        content: [result('one', text('1')), result('two', text('2'), image), text('meanwhile'), text('context')],
      },
    ],
  );
});

test('a call without a result is refused in OpenAI’s words, an empty result stays empty', () => {
  const calls = { role: 'assistant', tool_calls: [call('one'), call('two')] };
  const answer = { role: 'tool', tool_call_id: 'two', content: null };
  assert.throws(
    () => messagesOf(question, calls, answer),
    /must be followed by tool messages.*did not have response messages: one$/u,
  );
  const [, , results] = messagesOf(question, calls, { ...answer, tool_call_id: 'one' }, answer);
  assert.deepEqual(results?.content, [result('one'), result('two')]);
});

test('ids that come back are the ones that were issued; others are the CLI’s in the call and its result alike', () => {
  const turn = (id: string): object[] => [
    { role: 'assistant', tool_calls: [call(id)] },
    { role: 'tool', tool_call_id: id, content: id },
  ];
  const ids = messagesOf(
    question,
    ...['calltoolu01AbC', 'call_x', 'call_x', 'functions.f:0', ''].flatMap(turn),
  ).flatMap((message) =>
    message.content.flatMap((block) => {
      if (block.type === 'tool_use') return [block.id];
      return block.type === 'tool_result' ? [block.tool_use_id] : [];
    }),
  );
  const calls = ids.filter((_, index) => index % 2 === 0);
  assert.deepEqual(
    ids.filter((_, index) => index % 2 === 1),
    calls,
  );
  assert.deepEqual(calls.slice(0, 2), ['toolu_01AbC', 'call_x']);
  assert.equal(new Set(calls).size, calls.length);
  for (const id of calls) assert.match(id, /^[a-zA-Z0-9_-]+$/);
});

test('legacy function calls and custom calls are read', () => {
  const [, answer, results] = messagesOf(
    question,
    { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
    { role: 'function', name: 'f', content: 'r' },
  );
  const [block] = answer?.content ?? [];
  assert.ok(block?.type === 'tool_use');
  assert.deepEqual([block, ...(results?.content ?? [])], [use(block.id), result(block.id, text('r'))]);

  const [, custom] = messagesOf(
    question,
    { role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'patch', input: '*** x' } }] },
    { role: 'tool', tool_call_id: 'c', content: 'done' },
  );
  assert.deepEqual(custom?.content, [{ type: 'tool_use', id: 'c', name: 'patch', input: { input: '*** x' } }]);
});

test('a conversation may begin with the assistant, but not end with it', () => {
  const messages = messagesOf({ role: 'assistant', content: 'hello' }, question);
  assert.deepEqual(
    messages.map((message) => message.role),
    ['user', 'assistant', 'user'],
  );
  refuses(
    { messages: [question, { role: 'assistant', content: 'The' }, { role: 'user', content: ' ' }] },
    'invalid_request',
    'messages[1].role',
  );
  refuses(
    { messages: [question, { role: 'assistant', tool_calls: [call('x')] }] },
    'invalid_request',
    'messages[1].role',
  );
});

test('what some clients send in place of messages is read', () => {
  const expected = [{ role: 'user', content: [text('q')] }];
  for (const body of [
    { input: 'q' },
    { prompt: 'q' },
    { input: [{ role: 'user', content: [{ type: 'input_text', text: 'q' }] }] },
  ]) {
    assert.deepEqual(request({ messages: undefined, ...body }).messages, expected);
  }
  const cursor = request({
    messages: undefined,
    instructions: 'be brief',
    input: [
      { role: 'developer', content: 'rules' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'q' },
          { type: 'input_image', image_url: imagePart.image_url.url },
        ],
      },
      { type: 'reasoning', summary: [] },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call_output', call_id: 'c1', output: 'r' },
    ],
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }],
    max_output_tokens: 9,
  });
  assert.deepEqual(cursor.system, ['be brief', 'rules']);
  assert.deepEqual(cursor.messages, [
    { role: 'user', content: [text('q'), image] },
    { role: 'assistant', content: [use('c1')] },
    { role: 'user', content: [result('c1', text('r'))] },
  ]);
  assert.deepEqual([cursor.tools.map((tool) => tool.name), cursor.maxTokens], [['f'], 9]);
});

const refusals: readonly (readonly [string, unknown, string | undefined])[] = [
  ['no object', 'hi', undefined],
  ['no messages', {}, 'messages'],
  ['empty messages', { messages: [] }, 'messages'],
  ['messages without content', { messages: [{ role: 'user', content: '' }] }, 'messages[0].content'],
  ['an empty prompt', { prompt: ' ' }, 'prompt'],
  ['an unknown item', { input: [question, { type: 'item_reference', id: 'x' }] }, 'input[1].type'],
  [
    'a wrong item',
    { input: [question, { type: 'function_call', call_id: 'x' }] },
    'input[1].tool_calls[0].function.name',
  ],
  ['no role', { messages: [{ content: 'x' }] }, 'messages[0].role'],
  ['an unknown role', { messages: [{ role: 'bot', content: 'x' }] }, 'messages[0].role'],
  ['user content of a wrong type', { messages: [{ role: 'user', content: 3 }] }, 'messages[0].content'],
  [
    'an image for the system',
    { messages: [question, { role: 'system', content: [imagePart] }] },
    'messages[1].content[0].type',
  ],
  [
    'a tool message without an id',
    { messages: [question, { role: 'tool', content: 'x' }] },
    'messages[1].tool_call_id',
  ],
  [
    'a result without a call',
    { messages: [question, { role: 'tool', tool_call_id: 'x', content: 'x' }] },
    'messages[1].tool_call_id',
  ],
  [
    'a function result without a call',
    { messages: [question, { role: 'function', name: 'f', content: 'x' }] },
    'messages[1].name',
  ],
  [
    'a call without its function',
    { messages: [question, { role: 'assistant', tool_calls: [{ id: 'x', type: 'function' }] }] },
    'messages[1].tool_calls[0].function',
  ],
  [
    'a bad image',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
    'messages[0].content[0].image_url.url',
  ],
  [
    'a file without data',
    { messages: [{ role: 'user', content: [{ type: 'file', file: {} }] }] },
    'messages[0].content[0].file.file_data',
  ],
];

for (const [name, body, param] of refusals) {
  test(`refused with the field's path: ${name}`, () => refuses(body, 'invalid_request', param));
}

test('content that Claude cannot take is refused as unsupported', () => {
  const body = (part: object): object => ({ messages: [{ role: 'user', content: [part] }] });
  refuses(
    body({ type: 'input_audio', input_audio: {} }),
    'unsupported_parameter',
    'messages[0].content[0].input_audio',
  );
  refuses(
    body({ type: 'file', file: { file_id: 'f' } }),
    'unsupported_parameter',
    'messages[0].content[0].file.file_id',
  );
});
