import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAiChat } from '../../../src/wire/openai-chat/surface.ts';
import { parse, refuses, request } from './support.ts';

const messages = [{ role: 'user', content: 'hi' }];

test('a bare request asks for nothing special', () => {
  assert.deepEqual(openAiChat.parse({ messages }, {}), {
    request: {
      model: '',
      system: [],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      tools: [],
      toolChoice: { type: 'auto' },
      parallelToolUse: true,
      stopSequences: [],
    },
    stream: false,
    ignored: [],
    reply: { model: '', includeUsage: false, legacyFunctions: false, customTools: new Set(), structured: false },
  });
});

test('null stands for absent', () => {
  const names = ['stream', 'stream_options', 'max_tokens', 'stop', 'reasoning_effort', 'tools', 'tool_choice', 'n'];
  const more = ['temperature', 'response_format', 'parallel_tool_calls', 'logprobs', 'audio', 'session_id', 'model'];
  const body = Object.fromEntries([...names, ...more].map((name) => [name, null]));
  assert.deepEqual(openAiChat.parse({ ...body, messages }, {}), openAiChat.parse({ messages }, {}));
});

test('limits, stop sequences and effort are carried over', () => {
  assert.equal(request({ max_tokens: 40 }).maxTokens, 40);
  assert.equal(request({ max_tokens: 40, max_completion_tokens: 50 }).maxTokens, 50);
  assert.deepEqual(request({ stop: 'a' }).stopSequences, ['a']);
  assert.deepEqual(request({ stop: ['a', '', 'b'] }).stopSequences, ['a', 'b']);
  assert.equal(request({ reasoning_effort: 'minimal' }).effort, 'low');
  for (const effort of ['none', 'low', 'medium', 'high', 'xhigh', 'max']) {
    assert.equal(request({ reasoning_effort: effort }).effort, effort);
    assert.equal(request({ reasoning: { effort } }).effort, effort);
  }
  assert.equal(parse({ stream: true }).stream, true);
  assert.equal(parse({ stream_options: { include_usage: true } }).reply.includeUsage, true);
});

test('the schema of the answer stays as the client wrote it', () => {
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties: { a: {} } };
  const format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } };
  assert.deepEqual(request({ response_format: format }).outputSchema, schema);
  assert.equal(parse({ response_format: format }).reply.structured, true);
  assert.deepEqual(request({ response_format: { type: 'json_object' } }).outputSchema, { type: 'object' });
  assert.deepEqual(request({ json_mode: true }).outputSchema, { type: 'object' });
  assert.equal(request({ response_format: { type: 'text' } }).outputSchema, undefined);
});

test('fields without effect are named, unless they ask for what happens anyway', () => {
  const ignored = {
    temperature: 0,
    top_p: 0.9,
    top_k: 5,
    seed: 1,
    presence_penalty: 1,
    frequency_penalty: -1,
    logit_bias: { 5: 1 },
    verbosity: 'low',
    service_tier: 'flex',
    prediction: { type: 'content', content: 'x' },
    store: true,
    web_search_options: {},
  };
  assert.deepEqual(new Set(parse(ignored).ignored), new Set(Object.keys(ignored)));
  const neutral = {
    top_p: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    logit_bias: {},
    service_tier: 'auto',
    store: false,
  };
  const bookkeeping = {
    n: 1,
    user: 'u',
    metadata: { a: 'b' },
    prompt_cache_key: 'k',
    safety_identifier: 's',
    logprobs: false,
  };
  assert.deepEqual(parse({ ...neutral, ...bookkeeping, invented: [] }).ignored, []);
  assert.deepEqual(parse({ 'in vented': [1], other: 'x' }).ignored, ['in_vented', 'other']);
});

const unsupported: readonly (readonly [string, unknown])[] = [
  ['n', 2],
  ['logprobs', true],
  ['top_logprobs', 3],
  ['audio', { voice: 'alloy', format: 'wav' }],
  ['modalities', ['text', 'audio']],
];

for (const [name, value] of unsupported) {
  test(`a field that would change the answer's meaning is refused: ${name}`, () => {
    refuses({ messages, [name]: value }, 'unsupported_parameter', name);
  });
}

const malformed: readonly (readonly [string, unknown, string])[] = [
  ['model', 4, 'model'],
  ['stream', 'yes', 'stream'],
  ['stream_options', { include_usage: 1 }, 'stream_options.include_usage'],
  ['max_tokens', 0, 'max_tokens'],
  ['max_completion_tokens', 1.5, 'max_completion_tokens'],
  ['stop', ['a', 1], 'stop[1]'],
  ['stop', Array.from({ length: 17 }, () => 'a'), 'stop'],
  ['reasoning_effort', 'extreme', 'reasoning_effort'],
  ['n', 0, 'n'],
  ['response_format', { type: 'xml' }, 'response_format.type'],
  ['response_format', { type: 'json_schema', json_schema: { schema: [] } }, 'response_format.json_schema.schema'],
  ['session_id', 'x'.repeat(257), 'session_id'],
];

for (const [name, value, param] of malformed) {
  test(`a malformed field is refused with its path: ${param} ${JSON.stringify(value).slice(0, 30)}`, () => {
    refuses({ messages, [name]: value }, 'invalid_request', param);
  });
}

test("the client's name for its conversation comes from the body before the headers, never from the cache key", () => {
  const headers = { 'x-session-id': 'c', 'x-conversation-id': ['d', 'e'] };
  const all = { session_id: 'a', conversation_id: 'b', prompt_cache_key: 'k' };
  const id = (body: object, given: Readonly<Record<string, string | string[]>>): string | undefined =>
    openAiChat.parse({ messages, ...body }, given).conversationId;
  assert.equal(id(all, headers), 'a');
  assert.equal(id({ ...all, session_id: '' }, headers), 'b');
  assert.equal(id({ prompt_cache_key: 'k' }, headers), 'c');
  assert.equal(id({}, { 'x-conversation-id': ['d', 'e'] }), 'd');
  assert.equal(id({ prompt_cache_key: 'k' }, {}), undefined);
  assert.throws(() => id({}, { 'x-session-id': 'x'.repeat(257) }), { param: 'x-session-id' });
});
