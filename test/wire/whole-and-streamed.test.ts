import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MessageAssembler } from '../../src/wire/anthropic/message.ts';
import type { StreamEvent } from '../../src/wire/anthropic/events.ts';
import { anthropicMessages } from '../../src/wire/anthropic/surface.ts';
import { openAiChat } from '../../src/wire/openai-chat/surface.ts';
import { openAiResponses } from '../../src/wire/openai-responses/surface.ts';

/** The whole answer of each surface is what a client puts together from the streamed one, members that are null included. */

const context = { replyId: 'abcdefghijklmnopqrstuvwx', created: 1 };
const text = fc.string({ maxLength: 20 });
const argumentTexts = fc.oneof(
  fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 1 })).map((value) => JSON.stringify(value)),
  fc.constantFrom('{"a": 1}', '{"city":"Os', '{', '[1]', '{"n":12345678901234567890}', '{"a":1,"a":2}', '"x"'),
);
const block = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text }),
  fc.record({ type: fc.constant('thinking' as const), thinking: text, signature: fc.constantFrom('', 'c2ln') }),
  fc.record({ type: fc.constant('tool_use' as const), name: fc.constantFrom('look', 'find'), json: argumentTexts }),
);
type Block = typeof block extends fc.Arbitrary<infer Value> ? Value : never;
const ending = fc.constantFrom('end_turn', 'max_tokens', 'tool_use', 'refusal', 'stop_sequence');
const size = fc.integer({ min: 1, max: 5 });

function pieces(whole: string, length: number): string[] {
  const units = Array.from(whole);
  const groups: string[] = [];
  for (let at = 0; at < units.length; at += length) groups.push(units.slice(at, at + length).join(''));
  return groups;
}

function upstream(blocks: readonly Block[], reason: string, length: number): StreamEvent[] {
  const events: StreamEvent[] = [
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-x',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 3, output_tokens: 1, cache_read_input_tokens: 2 },
      },
    },
  ];
  for (const [index, one] of blocks.entries()) {
    const delta = (given: Extract<StreamEvent, { type: 'content_block_delta' }>['delta']): void => {
      events.push({ type: 'content_block_delta', index, delta: given });
    };
    const start = (content_block: Extract<StreamEvent, { type: 'content_block_start' }>['content_block']): void => {
      events.push({ type: 'content_block_start', index, content_block });
    };
    if (one.type === 'text') {
      start({ type: 'text', text: '' });
      for (const piece of pieces(one.text, length)) delta({ type: 'text_delta', text: piece });
    } else if (one.type === 'thinking') {
      start({ type: 'thinking', thinking: '', signature: '' });
      for (const piece of pieces(one.thinking, length)) delta({ type: 'thinking_delta', thinking: piece });
      delta({ type: 'signature_delta', signature: one.signature });
    } else {
      start({ type: 'tool_use', id: `toolu_${index}`, name: one.name, input: {} });
      for (const piece of pieces(one.json, length)) delta({ type: 'input_json_delta', partial_json: piece });
    }
    events.push({ type: 'content_block_stop', index });
  }
  events.push({
    type: 'message_delta',
    delta: { stop_reason: reason, stop_sequence: reason === 'stop_sequence' ? 'X' : null },
    usage: { output_tokens: 9, output_tokens_details: { thinking_tokens: 4 } },
  });
  events.push({ type: 'message_stop' });
  return events;
}

function assembled(events: readonly StreamEvent[]): ReturnType<MessageAssembler['message']> {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  return assembler.message();
}

/** The `data` of each frame. */
function frames(sse: string): Record<string, unknown>[] {
  return sse
    .split('\n\n')
    .flatMap((frame) => /^data: (?<json>.*)$/mu.exec(frame)?.groups?.['json'] ?? [])
    .filter((json) => json !== '[DONE]')
    .map((json) => JSON.parse(json) as Record<string, unknown>);
}

const asked = { model: 'claude-x', messages: [{ role: 'user', content: 'q' }], max_tokens: 99 };
const plainJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('Responses: the object in the last event is the whole answer', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), ending, size, fc.boolean(), (blocks, reason, length, summary) => {
      const reasoning = summary ? { summary: 'auto' } : {};
      const { reply } = openAiResponses.parse({ model: 'claude-x', input: 'q', reasoning }, {});
      const events = upstream(blocks, reason, length);
      const encoder = openAiResponses.encoder(reply, context);
      const sent = frames(events.map((event) => encoder.event(event)).join('') + encoder.end());
      const whole = openAiResponses.complete(assembled(events), reply, context);
      assert.deepEqual(sent.at(-1)?.['response'], plainJson(whole));
    }),
  );
});

test('Chat: the deltas together are the message, calls and their arguments to the byte', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), ending, size, (blocks, reason, length) => {
      const { reply } = openAiChat.parse({ ...asked, stream_options: { include_usage: true } }, {});
      const events = upstream(blocks, reason, length);
      const encoder = openAiChat.encoder(reply, context);
      const sent = frames(events.map((event) => encoder.event(event)).join('') + encoder.end());
      const whole = plainJson(openAiChat.complete(assembled(events), reply, context)) as {
        choices: { message: Record<string, unknown>; finish_reason: string }[];
        usage: unknown;
      };
      const message: Record<string, unknown> = {};
      const calls: Record<string, { name: string; arguments: string }>[] = [];
      let finish: unknown;
      for (const chunk of sent) {
        const [choice] = chunk['choices'] as { delta: Record<string, unknown>; finish_reason: unknown }[];
        finish = choice?.finish_reason ?? finish;
        for (const [name, value] of Object.entries(choice?.delta ?? {})) {
          if (name !== 'tool_calls') {
            message[name] =
              typeof message[name] === 'string' && name !== 'role' ? `${message[name]}${String(value)}` : value;
            continue;
          }
          for (const { index, ...call } of value as {
            index: number;
            function: { name: string; arguments: string };
          }[]) {
            const known = calls[index]?.['function'];
            if (known === undefined) calls[index] = call;
            else known.arguments += call.function.arguments;
          }
        }
      }
      const expected = whole.choices[0];
      assert.equal(finish, expected?.finish_reason);
      assert.deepEqual(calls, expected?.message['tool_calls'] ?? []);
      assert.equal(message['reasoning_content'] ?? '', expected?.message['reasoning_content'] ?? '');
      assert.equal(message['content'] ?? '', expected?.message['content'] ?? '');
      assert.deepEqual(sent.at(-1)?.['usage'], whole.usage);
    }),
  );
});

test('Messages: the events together are the message, and no member is null in one that is absent in the other', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), ending, size, fc.boolean(), (blocks, reason, length, shows) => {
      const { reply } = anthropicMessages.parse({ ...asked, ...(shows ? { thinking: { type: 'adaptive' } } : {}) }, {});
      const events = upstream(blocks, reason, length);
      const encoder = anthropicMessages.encoder(reply, context);
      const sent = frames(events.map((event) => encoder.event(event)).join('') + encoder.end());
      const whole = plainJson(anthropicMessages.complete(assembled(events), reply, context)) as {
        content: Record<string, unknown>[];
        usage: Record<string, unknown>;
        stop_reason: unknown;
      };
      const starts = sent
        .filter(({ type }) => type === 'content_block_start')
        .map((one) => one['content_block'] as object);
      assert.deepEqual(
        starts.map((start) => Object.keys(start).toSorted()),
        whole.content.map((one) => Object.keys(one).toSorted()),
      );
      assert.deepEqual(
        sent.flatMap(({ type, index }) => (type === 'content_block_start' ? [index] : [])),
        whole.content.map((_, at) => at),
      );
      const shown = assembled(sent as unknown as StreamEvent[]);
      assert.deepEqual(
        shown.content.map((one) => plainJson(one)),
        whole.content,
      );
      assert.equal(shown.stopReason, whole.stop_reason);
      if (!shows) assert.ok(whole.content.every(({ type }) => type !== 'thinking'));
    }),
  );
});
