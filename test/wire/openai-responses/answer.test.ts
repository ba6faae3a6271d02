import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopReason } from '../../../src/wire/anthropic/events.ts';
import type { ResponsesReply } from '../../../src/wire/openai-responses/reply.ts';
import type { CompleteResponse } from '../../../src/wire/openai-responses/response.ts';
import { completeResponse } from '../../../src/wire/openai-responses/response.ts';
import { assembled, stream } from '../anthropic/streams.ts';
import type { Written } from '../anthropic/streams.ts';
import { clientAnswered, context, replyTo } from './support.ts';

const id = context.replyId;
const said = { type: 'text', text: 'hello' } as const;

function answer(blocks: readonly Written[], reply: ResponsesReply, stopReason?: StopReason): CompleteResponse {
  const options = stopReason === undefined ? {} : { stopReason };
  return completeResponse(assembled(stream(blocks, options)), reply, context);
}

test('a text is a message, read by the official client', async () => {
  const body = answer([said], replyTo({ model: 'alias' }));
  assert.deepEqual(body.output, [
    {
      id: `msg_${id}0`,
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'hello', annotations: [], logprobs: [] }],
    },
  ]);
  assert.deepEqual([body.id, body.model, body.status], [`resp_${id}`, 'claude-test', 'completed']);
  const client = clientAnswered(JSON.stringify(body), 'application/json');
  const response = await client.responses.create({ model: 'm', input: 'hi' });
  assert.equal(response.output_text, 'hello');
});

test('usage counts what was read from and written to the cache as input', () => {
  const message = assembled(stream([said]));
  const usage = {
    input_tokens: 1,
    output_tokens: 10,
    cache_read_input_tokens: 5,
    cache_creation_input_tokens: 3,
    output_tokens_details: { thinking_tokens: 4 },
  };
  assert.deepEqual(completeResponse({ ...message, usage }, replyTo({}), context).usage, {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
    output_tokens: 10,
    output_tokens_details: { reasoning_tokens: 4 },
    total_tokens: 19,
  });
});

test('calls go out under the client’s names: functions, those of a namespace, freeform tools', () => {
  const tools = [
    { type: 'namespace', name: 'agents', tools: [{ type: 'function', name: 'spawn' }] },
    { type: 'custom', name: 'patch' },
  ];
  const use = { type: 'tool_use', id: 'toolu_01A_b' } as const;
  const { output } = answer(
    [
      { ...use, name: 'agents__spawn', json: '{"a": 1}' },
      { ...use, name: 'patch', json: '{"input":"*** Begin\\n"}' },
      { ...use, name: 'unheard', json: '{}' },
    ],
    replyTo({ tools }),
  );
  const call = { status: 'completed', call_id: 'calltoolu01Ab' };
  assert.deepEqual(output, [
    { id: `fc_${id}0`, type: 'function_call', ...call, name: 'spawn', namespace: 'agents', arguments: '{"a": 1}' },
    { id: `ctc_${id}1`, type: 'custom_tool_call', ...call, name: 'patch', input: '*** Begin\n' },
    { id: `fc_${id}2`, type: 'function_call', ...call, name: 'unheard', arguments: '{}' },
  ]);
});

test('thinking shows as a summary and travels encrypted, each where it was asked for', () => {
  const thinking: Written = { type: 'thinking', thinking: 'hm', signature: 'sig' };
  const shown = (body: Record<string, unknown>) => answer([thinking, said], replyTo(body)).output[0];
  const item = { id: `rs_${id}0`, type: 'reasoning' };
  assert.deepEqual(shown({}), { ...item, summary: [] });
  assert.deepEqual(shown({ reasoning: { summary: 'auto' } }), {
    ...item,
    summary: [{ type: 'summary_text', text: 'hm' }],
  });
  const encrypted = shown({ include: ['reasoning.encrypted_content'] });
  assert.ok(encrypted?.type === 'reasoning' && /^ocp1\.[\w-]+$/.test(encrypted.encrypted_content ?? ''));
});

test('an answer that was cut off is incomplete, and so is its last item', () => {
  for (const stopReason of ['max_tokens', 'model_context_window_exceeded']) {
    const { status, incomplete_details: details, output } = answer([said, said], replyTo({}), stopReason);
    assert.deepEqual([status, details], ['incomplete', { reason: 'max_output_tokens' }]);
    assert.deepEqual(
      output.map((item) => 'status' in item && item.status),
      ['completed', 'incomplete'],
    );
  }
});

test('a refusal is an incomplete answer, or where JSON was asked for a refusal part', async () => {
  const free = answer([said], replyTo({}), 'refusal');
  assert.deepEqual([free.status, free.incomplete_details], ['incomplete', { reason: 'content_filter' }]);

  const structured = replyTo({ text: { format: { type: 'json_object' } } });
  const refusal = (blocks: Written[]) => {
    const { status, output } = answer(blocks, structured, 'refusal');
    const last = output.at(-1);
    assert.ok(last?.type === 'message');
    return [status, output.length, last.content];
  };
  assert.deepEqual(refusal([{ type: 'text', text: 'I will not.' }]), [
    'completed',
    1,
    [{ type: 'refusal', refusal: 'I will not.' }],
  ]);
  const declined = [{ type: 'refusal', refusal: 'The model declined to answer.' }];
  assert.deepEqual(refusal([{ type: 'text', text: '{"a": "hal' }]), ['completed', 1, declined]);
  assert.deepEqual(refusal([]), ['completed', 1, declined]);
  assert.deepEqual(refusal([{ type: 'redacted_thinking', data: 'x' }]), ['completed', 2, declined]);

  const body = JSON.stringify(answer([{ type: 'text', text: '{"a": "hal' }], structured, 'refusal'));
  const parsed = await clientAnswered(body, 'application/json').responses.parse({
    model: 'm',
    input: 'hi',
    text: { format: { type: 'json_object' } },
  });
  assert.equal(parsed.output_parsed, null);
});
