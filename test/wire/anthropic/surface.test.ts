import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { StreamEvent } from '../../../src/wire/anthropic/events.ts';
import { parseCountTokens, tokenCount } from '../../../src/wire/anthropic/count-tokens.ts';
import { anthropicMessages } from '../../../src/wire/anthropic/surface.ts';
import { OcpError } from '../../../src/wire/errors.ts';
import { blocks, splits } from './arbitraries.ts';
import { assembled, stream } from './streams.ts';

const context = { replyId: 'A1b2C3d4E5f6G7h8I9j0K1l2', created: 1_800_000_000 };
const reply = { model: 'claude-asked', showsThinking: true };

interface Frame {
  readonly event: string;
  readonly data: StreamEvent;
}

/** Reads server-sent events as the standard says: fields to a line, an empty line behind each event. */
function frames(text: string): Frame[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((frame) => {
      const match = /^event: (.*)\ndata: (.*)$/.exec(frame);
      assert.ok(match, frame);
      return { event: String(match[1]), data: JSON.parse(String(match[2])) as StreamEvent };
    });
}

function encoded(events: readonly StreamEvent[]): string {
  const encoder = anthropicMessages.encoder(reply, context);
  return events.map((event) => encoder.event(event)).join('') + encoder.end();
}

test('the stream carries every event of the message unchanged, however the deltas are cut', () => {
  fc.assert(
    fc.property(blocks, splits, (blocks, split) => {
      const events = stream(blocks, { split });
      const sent = frames(encoded(events));
      assert.deepEqual(
        sent.map(({ event }) => event),
        events.map(({ type }) => type),
      );
      for (const [i, { data }] of sent.entries()) assert.partialDeepStrictEqual(data, events[i]);
      // A call also says who made it, as in a whole answer.
      const read = assembled(sent.map(({ data }) => data)).content;
      const asWhole = assembled(stream(blocks)).content.map((block) =>
        block.type === 'tool_use' ? { ...block, caller: { type: 'direct' } } : block,
      );
      assert.deepEqual(read, asWhole);
    }),
  );
});

test('an upstream field that is not ours passes through', () => {
  const block = { type: 'tool_use', id: 'toolu_1', name: 'x', input: {}, caller: { type: 'direct' } } as const;
  const event = { type: 'content_block_start', index: 0, content_block: block } as const;
  assert.deepEqual(frames(encoded([event]))[0]?.data, event);
});

test('the first and the last event have every field that the published type requires', () => {
  const sent = frames(encoded(stream([])));
  assert.deepEqual(sent[0]?.data, {
    type: 'message_start',
    message: {
      id: 'msg_test',
      type: 'message',
      role: 'assistant',
      model: 'claude-test',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: usage(1),
    },
  });
  assert.deepEqual(sent[1]?.data, {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null, container: null },
    usage: {
      output_tokens: 20,
      input_tokens: null,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      output_tokens_details: null,
      server_tool_use: null,
    },
  });
});

test('a whole answer is a Message with every field that the published type requires', () => {
  const events = stream([
    { type: 'thinking', thinking: 'so', signature: 'sig' },
    { type: 'text', text: 'Hi' },
    { type: 'tool_use', id: 'toolu_1', name: 'x', json: '{"a":1}' },
  ]);
  assert.deepEqual(anthropicMessages.complete(assembled(events), reply, context), {
    id: 'msg_test',
    type: 'message',
    role: 'assistant',
    model: 'claude-test',
    content: [
      { type: 'thinking', thinking: 'so', signature: 'sig' },
      { type: 'text', text: 'Hi' },
      { type: 'tool_use', id: 'toolu_1', name: 'x', input: { a: 1 }, caller: { type: 'direct' } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: usage(20),
  });
});

test('an answer that names neither itself nor its model gets both', () => {
  const message = anthropicMessages.complete(assembled([]), reply, context);
  assert.partialDeepStrictEqual(message, { id: `msg_${context.replyId}`, model: 'claude-asked' });
});

test('errors have the shape of the API, before the answer and inside it', () => {
  const error = new OcpError('overloaded', 'Too much at once.');
  const body = {
    type: 'error',
    error: { type: 'overloaded_error', message: 'Too much at once.', code: 'overloaded' },
    request_id: `req_${context.replyId}`,
  };
  assert.deepEqual(anthropicMessages.errorBody(error, context), body);
  assert.deepEqual(frames(anthropicMessages.encoder(reply, context).error(error)), [{ event: 'error', data: body }]);
});

test('tokens are counted of the same request without a limit', () => {
  const body = { model: 'claude-x', system: 'Be brief', messages: [{ role: 'user', content: 'Hi' }] };
  const { request } = parseCountTokens(body);
  assert.deepEqual([request.system, request.maxTokens], [['Be brief'], undefined]);
  assert.throws(() => anthropicMessages.parse(body, {}), OcpError);
  assert.deepEqual(tokenCount(12), { input_tokens: 12 });
});

function usage(outputTokens: number): Record<string, unknown> {
  return {
    input_tokens: 10,
    output_tokens: outputTokens,
    cache_creation: null,
    cache_creation_input_tokens: null,
    cache_read_input_tokens: null,
    inference_geo: null,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: null,
    speed: null,
  };
}
