import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopReason } from '../../../src/wire/anthropic/events.ts';
import type { AssembledMessage } from '../../../src/wire/anthropic/message.ts';
import { OcpError } from '../../../src/wire/errors.ts';
import { toCompletion } from '../../../src/wire/openai-chat/completion.ts';
import { openAiChat } from '../../../src/wire/openai-chat/surface.ts';
import { context, plain } from './support.ts';

const usage = {
  input_tokens: 10,
  output_tokens: 20,
  cache_read_input_tokens: 300,
  cache_creation_input_tokens: 4000,
  output_tokens_details: { thinking_tokens: 7 },
};

function message(content: AssembledMessage['content'], stopReason: StopReason | null = 'end_turn'): AssembledMessage {
  return { id: 'msg_1', model: 'claude-real', content, stopReason, stopSequence: null, usage };
}

test('a text answer has the shape of a chat completion', () => {
  const content = [
    { type: 'thinking', thinking: 'hm', signature: 's' },
    { type: 'redacted_thinking', data: 'x' },
    { type: 'text', text: ' a\n' },
    { type: 'text', text: 'b ' },
  ] as const;
  assert.deepEqual(openAiChat.complete(message(content), plain, context), {
    id: 'chatcmpl-abcdefghijklmnopqrstuvwx',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'claude-real',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: ' a\nb ', refusal: null, reasoning_content: 'hm' },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 4310,
      completion_tokens: 20,
      total_tokens: 4330,
      prompt_tokens_details: { cached_tokens: 300, cache_write_tokens: 4000 },
      completion_tokens_details: { reasoning_tokens: 7 },
    },
  });
});

test('usage without cache or thinking counts them as zero, and a nameless model is the one asked for', () => {
  const bare = {
    ...message([]),
    model: '',
    usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: null },
  };
  const completion = toCompletion(bare, plain, context);
  assert.equal(completion.model, 'asked');
  assert.deepEqual(completion.usage, {
    prompt_tokens: 1,
    completion_tokens: 2,
    total_tokens: 3,
    prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  });
});

test('calls are given in the shape in which their tools were offered, with ids of letters and digits', () => {
  const content = [
    { type: 'tool_use', id: 'toolu_01Ab', name: 'read', input: { path: 'a' } },
    { type: 'tool_use', id: 'toolu_02', name: 'patch', input: { input: '*** x\n' } },
  ] as const;
  const answered = message(content, 'tool_use');
  const [choice] = toCompletion(answered, { ...plain, customTools: new Set(['patch']) }, context).choices;
  assert.equal(choice?.finish_reason, 'tool_calls');
  assert.deepEqual(choice.message, {
    role: 'assistant',
    content: null,
    refusal: null,
    tool_calls: [
      { id: 'calltoolu01Ab', type: 'function', function: { name: 'read', arguments: '{"path":"a"}' } },
      { id: 'calltoolu02', type: 'custom', custom: { name: 'patch', input: '*** x\n' } },
    ],
  });

  const [legacy] = toCompletion(answered, { ...plain, legacyFunctions: true }, context).choices;
  assert.equal(legacy?.finish_reason, 'function_call');
  assert.deepEqual(legacy.message.function_call, { name: 'read', arguments: '{"path":"a"}' });
  assert.equal(legacy.message.tool_calls, undefined);
});

const reasons: readonly (readonly [StopReason | null, string])[] = [
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['pause_turn', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content_filter'],
  ['something_new', 'stop'],
  [null, 'stop'],
];

for (const [stopReason, finish] of reasons) {
  test(`an answer that ended with ${stopReason} finished with ${finish}`, () => {
    const text = [{ type: 'text', text: 'a' }] as const;
    assert.equal(toCompletion(message(text, stopReason), plain, context).choices[0]?.finish_reason, finish);
  });
}

test('a refusal where a schema was asked for is told apart from an answer', () => {
  const structured = { ...plain, structured: true };
  const [choice] = toCompletion(message([{ type: 'text', text: 'No.' }], 'refusal'), structured, context).choices;
  assert.deepEqual([choice?.message.content, choice?.message.refusal, choice?.finish_reason], [null, 'No.', 'stop']);
  const [silent] = toCompletion(message([], 'refusal'), structured, context).choices;
  assert.notEqual(silent?.message.refusal, '');
});

test('an error has the shape of the OpenAI API', () => {
  const error = new OcpError('unsupported_parameter', 'No.', { param: 'n' });
  assert.deepEqual(openAiChat.errorBody(error, context), {
    error: { message: 'No.', type: 'invalid_request_error', param: 'n', code: 'unsupported_parameter' },
  });
});
