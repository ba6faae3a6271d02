import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encryptReasoning } from '../../../src/wire/openai-responses/encrypted-reasoning.ts';
import { parse, refuses, request } from './support.ts';
import { aPdf } from '../../support/media.ts';
import { onePixel } from '../../support/recordings.ts';

const png = `data:image/png;base64,${onePixel}`;
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: onePixel } };
const text = (value: string) => ({ type: 'text', text: value });
const call = { type: 'function_call', call_id: 'c1', name: 'read', arguments: '{"path":"a"}' };
const output = { type: 'function_call_output', call_id: 'c1', output: 'ok' };

test('a string is one user message', () => {
  assert.deepEqual(parse({ input: 'hello' }).request.messages, [{ role: 'user', content: [text('hello')] }]);
});

test('instructions, and system messages before the conversation, are the system prompt; later ones keep their place', () => {
  const { system, messages } = parse({
    instructions: 'one',
    input: [
      { role: 'developer', content: 'two' },
      { role: 'user', content: 'hi' },
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'three' }] },
      { role: 'user', content: 'there' },
    ],
  }).request;
  assert.deepEqual(system, ['one', 'two']);
  const reminder = text('<system-reminder>\nthree\n</system-reminder>');
  assert.deepEqual(messages, [{ role: 'user', content: [text('hi'), reminder, text('there')] }]);
});

test('a system message that comes alone, or after the answer, is the question', () => {
  const alone = request({ role: 'developer', content: 'go' });
  assert.deepEqual([alone.system, alone.messages], [[], [{ role: 'user', content: [text('go')] }]]);
  const after = request(
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
    { role: 'system', content: 'c' },
  );
  assert.deepEqual(after.messages.at(-1), { role: 'user', content: [text('c')] });
});

test('images and files of a user message', () => {
  const { messages } = request({
    role: 'user',
    content: [
      { type: 'input_image', image_url: png, detail: 'high' },
      { type: 'input_image', image_url: 'https://example.com/a.png' },
      { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${aPdf}` },
      { type: 'input_file', filename: 'a.txt', file_data: 'data:text/plain;base64,aGk=' },
      { type: 'input_file', file_url: 'https://example.com/b.pdf' },
    ],
  });
  assert.deepEqual(messages[0]?.content, [
    image,
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: aPdf },
      title: 'a.pdf',
    },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' }, title: 'a.txt' },
    { type: 'document', source: { type: 'url', url: 'https://example.com/b.pdf' } },
  ]);
});

test('uploaded files, and parts that a role cannot have, are named', () => {
  for (const type of ['input_image', 'input_file']) {
    const user = (part: object) => ({ input: [{ role: 'user', content: [text('x'), part] }] });
    refuses(user({ type, file_id: 'file_1' }), 'unsupported_parameter', 'input[0].content[1].file_id');
    refuses(user({ type }), 'invalid_request', 'input[0].content[1]');
  }
  refuses(
    { input: [{ role: 'user', content: [{ type: 'input_audio' }] }] },
    'invalid_request',
    'input[0].content[0].type',
  );
  const spoken = [
    { role: 'assistant', content: [{ type: 'input_image', image_url: png }] },
    { role: 'user', content: 'x' },
  ];
  refuses({ input: spoken }, 'invalid_request', 'input[0].content[0].type');
});

test('reasoning, text and calls that follow one another are one assistant message, thinking unchanged', () => {
  const thinking = { type: 'thinking', thinking: 'hm \uD800', signature: 'sig==' } as const;
  const redacted = { type: 'redacted_thinking', data: 'xyz' } as const;
  const { messages } = request(
    { role: 'user', content: 'a' },
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: encryptReasoning(thinking) },
    { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: encryptReasoning(redacted) },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'b', annotations: [] }] },
    call,
    output,
  );
  assert.deepEqual(messages, [
    { role: 'user', content: [text('a')] },
    {
      role: 'assistant',
      content: [thinking, redacted, text('b'), { type: 'tool_use', id: 'c1', name: 'read', input: { path: 'a' } }],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: [text('ok')] }] },
  ]);
});

test('another server’s reasoning is left out and named', () => {
  for (const encrypted_content of ['gAAAAABo', 'ocp1.!!', 'ocp2.eyJ9', 'ocp1.eyJ0eXBlIjoidGV4dCJ9', null]) {
    const { request: inner, ignored } = parse({
      input: [
        { type: 'reasoning', summary: [], encrypted_content },
        { role: 'user', content: 'a' },
      ],
    });
    assert.deepEqual(inner.messages, [{ role: 'user', content: [text('a')] }]);
    assert.deepEqual(ignored, ['input[0] (reasoning)']);
  }
});

test('a tool’s output may be parts with images, and user messages may stand between it and its call', () => {
  const parts = {
    ...output,
    output: [
      { type: 'input_text', text: 'see' },
      { type: 'input_image', image_url: png },
    ],
  };
  const { messages } = request({ role: 'user', content: 'a' }, call, { role: 'user', content: 'b' }, parts);
  assert.deepEqual(messages.at(-1), {
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: 'c1', content: [text('see'), image] }, text('b')],
  });
});

test('an output without its call is named, and so is a call without its output', () => {
  refuses({ input: [{ role: 'user', content: 'a' }, output] }, 'invalid_request', 'input[1].call_id');
  refuses({ input: [{ role: 'user', content: 'a' }, call] }, 'invalid_request', 'input[1]');
  const others = [
    { ...call, call_id: 'other' },
    { role: 'user', content: 'b' },
  ];
  refuses({ input: [{ role: 'user', content: 'a' }, call, output, ...others] }, 'invalid_request', 'input[3]');
});

test('arguments that are no JSON object reach the model as it wrote them', () => {
  const { messages } = request({ role: 'user', content: 'a' }, { ...call, arguments: '{"pa' }, output);
  const [use] = messages[1]?.content ?? [];
  assert.ok(use?.type === 'tool_use');
  assert.deepEqual(Object.values(use.input), ['{"pa']);
});

test('items of hosted tools, compaction and unknown kinds are left out and named once a kind', () => {
  const { request: inner, ignored } = parse({
    input: [
      { role: 'user', content: 'a' },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'web_search_call', id: 'ws_2', status: 'completed' },
      { type: 'local_shell_call', call_id: 'x', action: {} },
      { type: 'local_shell_call_output', id: 'x', output: '' },
      { type: 'compaction', encrypted_content: 'x' },
      { type: 'näw', anything: 1 },
    ],
  });
  assert.deepEqual(inner.messages, [{ role: 'user', content: [text('a')] }]);
  assert.deepEqual(ignored, [
    'input[1] (web_search_call x2)',
    'input[3] (local_shell_call)',
    'input[4] (local_shell_call_output)',
    'input[5] (compaction)',
    'input[6] (n_w)',
  ]);
});

test('a conversation must have something to answer', () => {
  refuses({ input: [] }, 'invalid_request', 'input');
  refuses({ input: null }, 'invalid_request', 'input');
  refuses({ input: ' ' }, 'invalid_request', 'input');
  refuses(
    {
      input: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    },
    'invalid_request',
    'input[1]',
  );
});

test('malformed items are named by their path', () => {
  refuses({ input: [1] }, 'invalid_request', 'input[0]');
  refuses({ input: [{ text: 'a' }] }, 'invalid_request', 'input[0].type');
  refuses({ input: [{ role: 'tool', content: 'a' }] }, 'invalid_request', 'input[0].role');
  refuses({ input: [{ role: 'user', content: 5 }] }, 'invalid_request', 'input[0].content');
  refuses({ input: [{ ...call, name: '' }] }, 'invalid_request', 'input[0].name');
  refuses({ input: [call, { ...output, call_id: undefined }] }, 'invalid_request', 'input[1].call_id');
});
