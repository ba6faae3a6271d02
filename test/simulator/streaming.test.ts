import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Anthropic from '@anthropic-ai/sdk';
import { startSimulator, textAnswer, thinkingAnswer, toolAnswer } from '../../simulator/index.ts';
import { asking, client, textOf } from './support.ts';

async function eventsOf(stream: AsyncIterable<Anthropic.MessageStreamEvent>): Promise<Anthropic.MessageStreamEvent[]> {
  const events: Anthropic.MessageStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** A model of which no limit is published. */
const unlimited = 'claude-next';

test('a streamed text has the events of the API in their order, and the final counts at the end', async () => {
  await using simulator = await startSimulator({ script: [{ reply: 'one two three' }] });
  const response = await fetch(`${simulator.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'x-api-key': 'k' },
    body: JSON.stringify({ ...asking('hi'), stream: true }),
  });
  const body = await response.text();
  const names = [...body.matchAll(/^event: (.*)$/gm)].map((match) => match[1]);
  assert.deepEqual(names, [
    'message_start',
    'ping',
    'content_block_start',
    'content_block_delta',
    'content_block_delta',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.match(response.headers.get('request-id') ?? '', /^req_/);
  assert.match(body, /"stop_reason":"end_turn"/);
  assert.match(body, /"output_tokens":3[,}]/);
});

test('the exact pieces of an answer are its deltas, whatever they cut through', async () => {
  const pieces = ['He', 'llo 👩‍', '👧', '\n\n', '{"a":', '🎉'];
  await using simulator = await startSimulator({ script: [{ reply: textAnswer(pieces) }] });
  const stream = await client(simulator).messages.create({ ...asking('hi'), stream: true });
  const deltas = (await eventsOf(stream)).flatMap((event) =>
    event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? [event.delta.text] : [],
  );
  assert.deepEqual(deltas, pieces);
});

test('thinking comes before the text with its signature, streamed and whole alike', async () => {
  await using simulator = await startSimulator({ script: [{ reply: thinkingAnswer('let me see', 'yes', 'sig-1') }] });
  const streamed = await client(simulator).messages.stream(asking('hi')).finalMessage();
  const whole = await client(simulator).messages.create(asking('hi'));
  for (const message of [streamed, whole]) {
    const [thinking, text] = message.content;
    assert.deepEqual(
      [thinking?.type === 'thinking' && [thinking.thinking, thinking.signature], text?.type === 'text' && text.text],
      [['let me see', 'sig-1'], 'yes'],
    );
    assert.equal(message.usage.output_tokens, 4);
  }
});

test('parallel tool calls have their own blocks, ids and arguments, and stop the message with tool_use', async () => {
  const reply = toolAnswer({ name: 'add', input: { a: 1, b: 'x y' } }, { name: 'add', input: { a: 2 } });
  await using simulator = await startSimulator({ script: [{ reply }] });
  const message = await client(simulator).messages.stream(asking('hi')).finalMessage();
  const calls = message.content.filter((block) => block.type === 'tool_use');
  assert.deepEqual(
    calls.map((call) => call.input),
    [{ a: 1, b: 'x y' }, { a: 2 }],
  );
  assert.equal(new Set(calls.map((call) => call.id)).size, 2);
  assert.equal(message.stop_reason, 'tool_use');
});

test('max_tokens cuts the answer after so many tokens', async () => {
  await using simulator = await startSimulator({ script: [{ reply: 'one two three four' }] });
  const message = await client(simulator).messages.create({ ...asking('hi'), max_tokens: 2 });
  assert.deepEqual([textOf(message), message.stop_reason, message.usage.output_tokens], ['one two', 'max_tokens', 2]);
  const whole = await client(simulator).messages.create({ ...asking('hi'), max_tokens: 4 });
  assert.deepEqual([textOf(whole), whole.stop_reason], ['one two three four', 'end_turn']);
});

test('a stop sequence ends the answer before itself', async () => {
  await using simulator = await startSimulator({ script: [{ reply: textAnswer(['one ', 'tw', 'o three']) }] });
  const message = await client(simulator).messages.create({ ...asking('hi'), stop_sequences: ['x', 'wo'] });
  assert.deepEqual([textOf(message), message.stop_reason, message.stop_sequence], ['one t', 'stop_sequence', 'wo']);
});

test('every stop reason can be scripted', async () => {
  const reasons = ['end_turn', 'stop_sequence', 'pause_turn', 'refusal', 'model_context_window_exceeded'];
  const script = reasons.map((stopReason) => ({ times: 1, reply: textAnswer('so', { stopReason }) }));
  await using simulator = await startSimulator({ script });
  const seen: unknown[] = [];
  for (const _ of reasons) seen.push((await client(simulator).messages.create(asking('hi'))).stop_reason);
  assert.deepEqual(seen, reasons);
});

test('delays are kept: to the first token and between tokens', async () => {
  const reply = textAnswer('one two three', { firstTokenDelayMs: 40, tokenDelayMs: 20 });
  await using simulator = await startSimulator({ script: [{ reply }] });
  const started = performance.now();
  await client(simulator).messages.stream(asking('hi')).finalMessage();
  assert.ok(performance.now() - started >= 75, 'two token delays and the first one');
});

test('an answer that nobody reads is not produced ahead without a bound', async () => {
  let produced = 0;
  function* endless(): Generator<string> {
    for (;;) {
      produced += 1;
      yield 'x'.repeat(1_000);
    }
  }
  await using simulator = await startSimulator({ script: [{ reply: () => textAnswer(endless()) }] });
  const abort = new AbortController();
  const response = await fetch(`${simulator.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'k' },
    body: JSON.stringify({ ...asking('hi'), model: unlimited, max_tokens: 10_000_000, stream: true }),
    signal: abort.signal,
  });
  assert.equal(response.status, 200);
  const paused = await simulator.log.waitFor((record) => record.tokensSent > 0);
  assert.ok(produced < 100_000, `${produced} pieces were produced for a reader that does not read`);
  abort.abort();
  await simulator.log.waitFor((record) => record.id === paused.id && record.outcome === 'client_closed');
});

test('200 000 tokens arrive whole', async () => {
  await using simulator = await startSimulator();
  const params = { ...asking('[[repeat:200000]]'), model: unlimited, max_tokens: 300_000, stream: true as const };
  let tokens = 0;
  for await (const event of await client(simulator).messages.create(params)) {
    if (event.type === 'content_block_delta') tokens += 1;
  }
  assert.equal(tokens, 200_000);
});
