import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcpError } from '../../../src/wire/errors.ts';
import { isObject } from '../../../src/wire/json.ts';
import { completeResponse } from '../../../src/wire/openai-responses/response.ts';
import { openAiResponses } from '../../../src/wire/openai-responses/surface.ts';
import type { Written } from '../anthropic/streams.ts';
import { assembled, stream } from '../anthropic/streams.ts';
import { clientAnswered, collected, context, encode, frames, replyTo } from './support.ts';
import type { EventShapes } from './twins.ts';

const lifecycle = { type: true, sequence_number: true, response: true } as const;
const ofItem = { type: true, sequence_number: true, output_index: true, item: true } as const;
const inItem = { type: true, sequence_number: true, output_index: true, item_id: true } as const;
const inPart = { ...inItem, content_index: true } as const;
const inSummary = { ...inItem, summary_index: true } as const;

const shapes = {
  'response.created': lifecycle,
  'response.in_progress': lifecycle,
  'response.completed': lifecycle,
  'response.incomplete': lifecycle,
  'response.failed': lifecycle,
  'response.output_item.added': ofItem,
  'response.output_item.done': ofItem,
  'response.content_part.added': { ...inPart, part: true },
  'response.content_part.done': { ...inPart, part: true },
  'response.output_text.delta': { ...inPart, delta: true, logprobs: true },
  'response.output_text.done': { ...inPart, text: true, logprobs: true },
  'response.refusal.delta': { ...inPart, delta: true },
  'response.refusal.done': { ...inPart, refusal: true },
  'response.reasoning_summary_part.added': { ...inSummary, part: true },
  'response.reasoning_summary_part.done': { ...inSummary, part: true },
  'response.reasoning_summary_text.delta': { ...inSummary, delta: true },
  'response.reasoning_summary_text.done': { ...inSummary, text: true },
  'response.function_call_arguments.delta': { ...inItem, delta: true },
  'response.function_call_arguments.done': { ...inItem, arguments: true },
  'response.custom_tool_call_input.delta': { ...inItem, delta: true },
  'response.custom_tool_call_input.done': { ...inItem, input: true },
} as const;

/** The compiler refuses this when a shape above is not the published one. */
export const published: EventShapes<keyof typeof shapes> = shapes;

const tools = [
  { type: 'function', name: 'read', parameters: { type: 'object' } },
  { type: 'custom', name: 'patch' },
];
const everything: Written[] = [
  { type: 'thinking', thinking: 'let me see', signature: 'sig' },
  { type: 'redacted_thinking', data: 'xyz' },
  { type: 'text', text: 'hello world' },
  { type: 'tool_use', id: 'toolu_01', name: 'read', json: '{"path":"a"}' },
  { type: 'tool_use', id: 'toolu_02', name: 'patch', json: '{"input":"a\\nb"}' },
];
const halves = (text: string) => [text.slice(0, 3), text.slice(3)];
const full = replyTo({ tools, reasoning: { summary: 'auto' }, include: ['reasoning.encrypted_content'] });

test('the events of an answer, in order, each with the members that the published types ask for', () => {
  const sent = frames(encode(stream(everything, { split: halves }), full));
  assert.deepEqual(
    sent.map(({ type }) => type.replace('response.', '')),
    [
      'created in_progress',
      'output_item.added reasoning_summary_part.added',
      'reasoning_summary_text.delta reasoning_summary_text.delta',
      'reasoning_summary_text.done reasoning_summary_part.done output_item.done',
      'output_item.added output_item.done',
      'output_item.added content_part.added output_text.delta output_text.delta',
      'output_text.done content_part.done output_item.done',
      'output_item.added function_call_arguments.delta function_call_arguments.delta',
      'function_call_arguments.done output_item.done',
      'output_item.added custom_tool_call_input.delta',
      'custom_tool_call_input.done output_item.done',
      'completed',
    ].flatMap((line) => line.split(' ')),
  );
  for (const frame of sent) {
    const shape = Object.entries(shapes).find(([type]) => type === frame.type)?.[1] ?? assert.fail(frame.type);
    assert.deepEqual(Object.keys(frame).toSorted(), Object.keys(shape).toSorted());
  }
});

test('the official client puts the stream together to what the whole answer says', async () => {
  const events = stream(everything, { split: halves });
  const { output_text, ...response } = await collected(encode(events, full));
  const whole = completeResponse(assembled(events), full, context);
  assert.deepEqual(withoutParsed(response), whole);
  assert.equal(output_text, 'hello world');
});

/** The client adds what it parsed of the answer. */
function withoutParsed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutParsed);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(
    ([key]) => key !== 'parsed' && key !== 'parsed_arguments' && key !== 'output_parsed',
  );
  return Object.fromEntries(entries.map(([key, member]) => [key, withoutParsed(member)]));
}

test('no thinking is shown that was not asked for', () => {
  const sse = encode(stream(everything), replyTo({ tools }));
  assert.equal(sse.includes('summary_text'), false);
  assert.equal(sse.includes('let me see'), false);
  assert.equal(sse.includes('encrypted_content'), false);
});

test('a cut-off answer ends with response.incomplete', () => {
  const sent = frames(encode(stream([{ type: 'text', text: 'hel' }], { stopReason: 'max_tokens' }), replyTo({})));
  const last = sent.at(-1);
  assert.equal(last?.type, 'response.incomplete');
  assert.ok(isObject(last['response']));
  assert.deepEqual(last['response']['incomplete_details'], { reason: 'max_output_tokens' });
  const item = sent.findLast(({ type }) => type === 'response.output_item.done')?.['item'];
  assert.ok(isObject(item) && item['status'] === 'incomplete');
});

test('a structured refusal reaches the official client, whatever was streamed before it', async () => {
  const structured = replyTo({ text: { format: { type: 'json_object' } } });
  const answers: Written[][] = [
    [],
    [{ type: 'text', text: '' }],
    [{ type: 'text', text: '{"a": "hal' }],
    [{ type: 'redacted_thinking', data: 'x' }],
  ];
  for (const blocks of answers) {
    const response = await collected(encode(stream(blocks, { stopReason: 'refusal' }), structured));
    const last = response.output.at(-1);
    assert.ok(last?.type === 'message');
    assert.deepEqual(withoutParsed(last.content), [{ type: 'refusal', refusal: 'The model declined to answer.' }]);
    assert.equal(response.status, 'completed');
  }
});

test('a failure ends the stream with response.failed and leaves a half-written call out', async () => {
  const encoder = openAiResponses.encoder(full, context);
  const events = stream(everything, { split: halves });
  const cut = events.findIndex((event) => event.type === 'content_block_start' && event.index === 3) + 2;
  const begun = events.slice(0, cut).map((event) => encoder.event(event));
  const sse = begun.join('') + encoder.error(new OcpError('rate_limit_exceeded', 'Slow down.'));
  const last = frames(sse).at(-1);
  assert.ok(last?.type === 'response.failed' && isObject(last['response']));
  const { status, error, output } = last['response'];
  assert.deepEqual(
    [status, error],
    ['failed', { code: 'rate_limit_exceeded', message: 'Slow down.', request_id: `req_${context.replyId}` }],
  );
  assert.ok(Array.isArray(output) && output.length === 3);
  assert.equal(frames(sse).filter(({ type }) => type === 'response.output_item.done').length, 3);

  const client = clientAnswered(sse, 'text/event-stream');
  const response = await client.responses.stream({ model: 'm', input: 'hi' }).finalResponse();
  assert.equal(response.status, 'failed');
});

test('a failure before the first event is a whole stream', () => {
  const codes = (['context_length_exceeded', 'worker_lost', 'quota_exceeded'] as const).map((code) => {
    const sent = frames(openAiResponses.encoder(full, context).error(new OcpError(code, 'No.')));
    assert.deepEqual(
      sent.map(({ type }) => type),
      ['response.created', 'response.in_progress', 'response.failed'],
    );
    const response = sent[2]?.['response'];
    return isObject(response) && isObject(response['error']) ? response['error']['code'] : undefined;
  });
  assert.deepEqual(codes, ['context_length_exceeded', 'server_error', 'quota_exceeded']);
});
