import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenAI } from 'openai';
import type { ChatReply } from '../../../src/wire/openai-chat/reply.ts';
import { openAiChat } from '../../../src/wire/openai-chat/surface.ts';
import { assembled, splitter, stream } from '../anthropic/streams.ts';
import type { StreamOptions, Written } from '../anthropic/streams.ts';
import { context, encode } from './support.ts';

/** The official client, answered by this surface without any network. */
function client(blocks: readonly Written[], options: StreamOptions = {}): OpenAI {
  const events = stream(blocks, { split: splitter(new Set([1, 4])), ...options });
  const answer = (reply: ChatReply, streaming: boolean): Response => {
    if (streaming) return new Response(encode(events, reply), { headers: { 'content-type': 'text/event-stream' } });
    return Response.json(openAiChat.complete(assembled(events), reply, context));
  };
  return new OpenAI({
    apiKey: 'none',
    baseURL: 'http://ocp.invalid/v1',
    maxRetries: 0,
    fetch: async (url, init) => {
      const parsed = openAiChat.parse(await new Request(url, init).json(), {});
      return answer(parsed.reply, parsed.stream);
    },
  });
}

const messages = [{ role: 'user' as const, content: 'hi' }];
const tools = [
  { type: 'function' as const, function: { name: 'read', strict: true, parameters: { type: 'object' } } },
  { type: 'custom' as const, custom: { name: 'patch' } },
];
const calls: Written[] = [
  { type: 'text', text: 'Reading.' },
  { type: 'tool_use', id: 'toolu_1', name: 'read', json: '{"path":"a.txt"}' },
  { type: 'tool_use', id: 'toolu_2', name: 'patch', json: '{"input":"*** x"}' },
];

test('the official client puts a stream together as it reads a whole completion', async () => {
  const openai = client(calls);
  const whole = await openai.chat.completions.create({ model: 'm', messages, tools });
  const streaming = openai.chat.completions.stream({
    model: 'm',
    messages,
    tools,
    stream_options: { include_usage: true },
  });
  const streamed = await streaming.finalChatCompletion();
  assert.equal(streamed.choices[0]?.finish_reason, 'tool_calls');
  assert.equal(streamed.choices[0].message.content, 'Reading.');
  const shape = (completion: OpenAI.ChatCompletion): unknown =>
    completion.choices[0]?.message.tool_calls?.map((call) =>
      call.type === 'custom'
        ? [call.id, call.custom.name, call.custom.input]
        : [call.id, call.function.name, call.function.arguments],
    );
  assert.deepEqual(shape(streamed), shape(whole));
  assert.deepEqual(shape(whole), [
    ['calltoolu1', 'read', '{"path":"a.txt"}'],
    ['calltoolu2', 'patch', '*** x'],
  ]);
  assert.deepEqual(streamed.usage, whole.usage);
});

test('the official client reads structured answers and their refusals', async () => {
  const body = {
    model: 'm',
    messages,
    response_format: { type: 'json_schema' as const, json_schema: { name: 'x', schema: { type: 'object' } } },
  };
  const good = client([{ type: 'text', text: '{"a":1}' }]);
  assert.deepEqual((await good.chat.completions.parse(body)).choices[0]?.message.parsed, { a: 1 });
  assert.equal((await good.chat.completions.stream(body).finalMessage()).content, '{"a":1}');
  const refused = client([{ type: 'text', text: '{"a": ' }], { stopReason: 'refusal' });
  assert.equal((await refused.chat.completions.parse(body)).choices[0]?.message.refusal, '{"a": ');
  assert.equal((await refused.chat.completions.stream(body).finalMessage()).refusal, '{"a": ');
});
