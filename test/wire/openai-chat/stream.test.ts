import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamEvent } from '../../../src/wire/anthropic/events.ts';
import { OcpError } from '../../../src/wire/errors.ts';
import { openAiChat } from '../../../src/wire/openai-chat/surface.ts';
import { splitter, stream } from '../anthropic/streams.ts';
import { chunks, collect, context, encode, plain } from './support.ts';

const head = {
  id: 'chatcmpl-abcdefghijklmnopqrstuvwx',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'claude-test',
};

function chunk(delta: object, finish: string | null = null): object {
  return { ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] };
}

test('a text answer streams as role, pieces, finish reason and end', () => {
  const events = stream(
    [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'text', text: 'Hi!' },
    ],
    {
      split: splitter(new Set([1])),
    },
  );
  assert.deepEqual(chunks(encode(events)), [
    chunk({ role: 'assistant', content: '' }),
    chunk({ reasoning_content: 'h' }),
    chunk({ reasoning_content: 'm' }),
    chunk({ content: 'H' }),
    chunk({ content: 'i!' }),
    chunk({}, 'stop'),
  ]);
});

test('the usage comes in a chunk of its own when asked for, and every other chunk says that it has none', () => {
  const all = chunks(encode(stream([{ type: 'text', text: 'a' }]), { ...plain, includeUsage: true }));
  const last = all.pop();
  assert.deepEqual(last, {
    ...head,
    choices: [],
    usage: {
      prompt_tokens: 10,
      completion_tokens: 20,
      total_tokens: 30,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
  });
  assert.ok(all.length > 2);
  for (const one of all) assert.equal(one.usage, null);
});

test('calls stream their id and name first and then their arguments piece by piece, counted among themselves', () => {
  const events = stream(
    [
      { type: 'text', text: 'x' },
      { type: 'tool_use', id: 'toolu_1', name: 'read', json: '{"a":"b"}' },
      { type: 'tool_use', id: 'toolu_2', name: 'now', json: '' },
    ],
    { split: splitter(new Set([5])) },
  );
  assert.deepEqual(chunks(encode(events)).slice(2), [
    chunk({
      tool_calls: [{ index: 0, id: 'calltoolu1', type: 'function', function: { name: 'read', arguments: '' } }],
    }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '"b"}' } }] }),
    chunk({ tool_calls: [{ index: 1, id: 'calltoolu2', type: 'function', function: { name: 'now', arguments: '' } }] }),
    chunk({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }),
    chunk({}, 'tool_calls'),
  ]);
});

test('a custom call gives its text without the JSON around it', () => {
  const json = JSON.stringify({ input: '*** Begin\n"x"' });
  const events = stream([{ type: 'tool_use', id: 'toolu_1', name: 'patch', json }], {
    split: splitter(new Set([3, 9])),
  });
  const { message } = collect(chunks(encode(events, { ...plain, customTools: new Set(['patch']) })));
  assert.deepEqual(message.tool_calls, [
    { id: 'calltoolu1', type: 'custom', custom: { name: 'patch', input: '*** Begin\n"x"' } },
  ]);
});

test('a legacy function call is given in its own shape, once', () => {
  const call = { type: 'tool_use', id: 'toolu_1', name: 'f', json: '{"a":1}' } as const;
  const { message, finishReasons } = collect(
    chunks(encode(stream([call, { ...call, id: 'toolu_2', name: 'g' }]), { ...plain, legacyFunctions: true })),
  );
  assert.deepEqual(message.function_call, { name: 'f', arguments: '{"a":1}' });
  assert.equal(message.tool_calls, undefined);
  assert.deepEqual(finishReasons, ['function_call']);
});

test('there is exactly one finish reason, wherever the events stop', () => {
  const events = stream([
    { type: 'text', text: 'a' },
    { type: 'tool_use', id: 'toolu_1', name: 'f', json: '{}' },
  ]);
  for (let length = 0; length <= events.length; length += 1) {
    const { finishReasons } = collect(chunks(encode(events.slice(0, length))));
    const called = events.slice(0, length).some((event) => event.type === 'content_block_start' && event.index === 1);
    assert.deepEqual(finishReasons, [called ? 'tool_calls' : 'stop'], `after ${length} events`);
  }
});

test('a stream without a message still begins with the role and names the model asked for', () => {
  assert.deepEqual(chunks(encode([])), [
    { ...chunk({ role: 'assistant', content: '' }), model: 'asked' },
    { ...chunk({}, 'stop'), model: 'asked' },
  ]);
});

test('a refusal where a schema was asked for ends with its text as refusal', () => {
  const events = stream([{ type: 'text', text: 'No.' }], { stopReason: 'refusal' });
  const { message, finishReasons } = collect(chunks(encode(events, { ...plain, structured: true })));
  assert.deepEqual([message.refusal, finishReasons], ['No.', ['stop']]);
  assert.deepEqual(collect(chunks(encode(events))).finishReasons, ['content_filter']);
});

test('an error within the stream is a frame of its own before the end', () => {
  const encoder = openAiChat.encoder(plain, context);
  for (const event of stream([{ type: 'text', text: 'a' }]).slice(0, 3)) encoder.event(event);
  const request_id = `req_${context.replyId}`;
  const error = { message: 'Gone.', type: 'server_error', param: null, code: 'worker_lost', request_id };
  assert.equal(
    encoder.error(new OcpError('worker_lost', 'Gone.')),
    `data: ${JSON.stringify({ error })}\n\ndata: [DONE]\n\n`,
  );
});

test('text that a line splitter or a broken surrogate pair could harm arrives unchanged', () => {
  const text = 'a\u2028b\u2029c\u0085d\r\n"e\\u2028\u0000 😀';
  for (let at = 1; at < text.length; at += 1) {
    const sse = encode(stream([{ type: 'text', text }], { split: splitter(new Set([at])) }));
    assert.doesNotMatch(sse, /[\u0085\u2028\u2029\r]/);
    assert.ok(sse.isWellFormed());
    assert.equal(collect(chunks(sse)).message.content, text);
  }
});

test('text, thinking and input that come whole with the start of their block are not lost', () => {
  const whole: StreamEvent[] = [
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: 'hm', signature: '' } },
    { type: 'content_block_start', index: 1, content_block: { type: 'text', text: 'a' } },
    { type: 'content_block_start', index: 2, content_block: { type: 'tool_use', id: 'i', name: 'f', input: { a: 1 } } },
    { type: 'content_block_stop', index: 2 },
  ];
  const events = stream([]);
  const { message } = collect(chunks(encode([...events.slice(0, 1), ...whole, ...events.slice(1)])));
  assert.deepEqual(
    [message.reasoning_content, message.content, message.tool_calls?.[0]],
    ['hm', 'a', { id: 'calli', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
  );
});
