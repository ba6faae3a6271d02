import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAiResponses } from '../../../src/wire/openai-responses/surface.ts';
import { parse, refuses, replyTo } from './support.ts';

test('limits, effort, parallel calls and the answer’s format', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const { request, reply } = parse({
    max_output_tokens: 32_000,
    reasoning: { effort: 'minimal', summary: 'auto' },
    parallel_tool_calls: false,
    text: { format: { type: 'json_schema', name: 'x', strict: true, schema }, verbosity: 'low' },
  });
  assert.equal(request.maxTokens, 32_000);
  assert.equal(request.effort, 'low');
  assert.equal(request.parallelToolUse, false);
  assert.deepEqual(request.outputSchema, schema);
  assert.deepEqual([reply.structured, reply.reasoningSummary], [true, true]);
});

test('defaults', () => {
  const { request, stream, ignored, reply } = parse({ text: {}, tools: null, reasoning: null, include: [] });
  assert.deepEqual(request, {
    model: 'm',
    system: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    tools: [],
    toolChoice: { type: 'auto' },
    parallelToolUse: true,
    stopSequences: [],
  });
  assert.deepEqual([stream, ignored], [false, []]);
  assert.deepEqual([reply.store, reply.structured, reply.reasoningSummary], [true, false, false]);
});

test('json_object, and each effort', () => {
  assert.deepEqual(parse({ text: { format: { type: 'json_object' } } }).request.outputSchema, { type: 'object' });
  for (const effort of ['none', 'low', 'medium', 'high', 'xhigh', 'max']) {
    assert.equal(parse({ reasoning: { effort } }).request.effort, effort);
  }
});

test('what has no effect is named, what would change the meaning is refused', () => {
  const { ignored } = parse({
    temperature: 0,
    top_p: 1,
    top_logprobs: 0,
    service_tier: 'auto',
    text: { verbosity: 'low' },
    client_metadata: { a: 'b' },
    include: ['reasoning.encrypted_content', 'file_search_call.results'],
    'bad\r\nname': 1,
    metadata: { a: 'b' },
    user: 'u',
  });
  assert.deepEqual(ignored.toSorted(), [
    'bad__name',
    'client_metadata',
    'include (file_search_call.results)',
    'temperature',
    'text.verbosity',
  ]);
  refuses({ background: true }, 'unsupported_parameter', 'background');
  refuses({ prompt: { id: 'p' } }, 'unsupported_parameter', 'prompt');
  refuses({ top_logprobs: 2 }, 'unsupported_parameter', 'top_logprobs');
  refuses({ include: ['message.output_text.logprobs'] }, 'unsupported_parameter', 'include[0]');
});

test('malformed fields are named', () => {
  refuses({ model: undefined }, 'invalid_request', 'model');
  refuses({ max_output_tokens: 0 }, 'invalid_request', 'max_output_tokens');
  refuses({ reasoning: { effort: 'huge' } }, 'invalid_request', 'reasoning.effort');
  refuses({ text: { format: { type: 'json_schema' } } }, 'invalid_request', 'text.format.schema');
  refuses({ text: { format: { type: 'xml' } } }, 'invalid_request', 'text.format.type');
  refuses({ truncation: 'maybe' }, 'invalid_request', 'truncation');
});

test('the conversation’s name: never the cache key, which many conversations share', () => {
  const id = (body: object, headers = {}) =>
    openAiResponses.parse({ model: 'm', input: 'hi', ...body }, headers).conversationId;
  assert.equal(id({}), undefined);
  assert.equal(id({ prompt_cache_key: 'k' }), undefined);
  assert.equal(id({ prompt_cache_key: 'k' }, { 'x-session-id': 's' }), 's');
  assert.equal(id({ conversation: { id: 'c' }, prompt_cache_key: 'k' }, { 'x-conversation-id': 's' }), 'c');
  assert.equal(id({ session_id: 'a', conversation: 'c' }), 'a');
  refuses({ session_id: 'x'.repeat(257) }, 'invalid_request', 'session_id');
});

test('what the answer repeats of the request', () => {
  const tools = [{ type: 'web_search' }, { type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }];
  const whole = [tools[0], { ...tools[1], description: null }];
  const { echo } = replyTo({ instructions: 'i', tools, tool_choice: 'none', metadata: { a: 'b' }, temperature: 0.5 });
  assert.deepEqual([echo.instructions, echo.tools, echo.tool_choice], ['i', whole, 'none']);
  assert.deepEqual(
    [echo.metadata, echo.temperature, echo.text],
    [{ a: 'b' }, 0.5, { format: { type: 'text' }, verbosity: 'medium' }],
  );
});

test('a Response has every member that Open Responses requires, whole and in every event of its life', () => {
  const required = (
    'id object created_at completed_at status incomplete_details model previous_response_id instructions output error tools tool_choice truncation ' +
    'parallel_tool_calls text top_p presence_penalty frequency_penalty top_logprobs temperature reasoning usage max_output_tokens max_tool_calls store ' +
    'background service_tier metadata safety_identifier prompt_cache_key user conversation'
  ).split(' ');
  const { reply } = openAiResponses.parse({ model: 'm', input: 'q' }, {});
  const context = { replyId: 'abcdefghijklmnopqrstuvwx', created: 5, now: () => 9 };
  const encoder = openAiResponses.encoder(reply, context);
  const responses = encoder
    .end()
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => (JSON.parse(line.slice(6)) as { response: Record<string, unknown> }).response);
  assert.equal(responses.length, 3);
  for (const response of responses) {
    for (const name of required) assert.notEqual(response[name], undefined, name);
    const { temperature, top_p: topP, completed_at: at, status } = response;
    assert.deepEqual([temperature, topP, at], [1, 1, status === 'completed' ? 9 : null]);
  }
});
