import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { JsonTexts } from '../../../src/wire/json-text.ts';
import type { AssistantBlock } from '../../../src/wire/anthropic/content.ts';
import { OcpError } from '../../../src/wire/errors.ts';
import { encryptReasoning, decryptReasoning } from '../../../src/wire/openai-responses/encrypted-reasoning.ts';
import { FreeformInputDecoder } from '../../../src/wire/openai-responses/freeform-input.ts';
import { storedOutput } from '../../../src/wire/openai-responses/response.ts';
import { openAiResponses } from '../../../src/wire/openai-responses/surface.ts';
import { jsonObject, splits, thinkingBlock } from '../anthropic/arbitraries.ts';
import type { Written } from '../anthropic/streams.ts';
import { assembled, stream } from '../anthropic/streams.ts';
import { context, encode, frames, parse, replyTo } from './support.ts';

const tools = [
  { type: 'function', name: 'read', parameters: { type: 'object' } },
  { type: 'namespace', name: 'agents', tools: [{ type: 'function', name: 'spawn' }] },
  { type: 'custom', name: 'patch' },
];
const noteworthy = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.trim() !== '');
const id = fc.stringMatching(/^toolu_01[A-Za-z0-9]{22}$/);

const textBlock: fc.Arbitrary<Written> = noteworthy.map((text) => ({ type: 'text', text }));
const callBlock: fc.Arbitrary<Written> = fc
  .oneof(
    fc.tuple(id, fc.constantFrom('read', 'agents__spawn', 'elsewhere'), jsonObject),
    fc.tuple(
      id,
      fc.constant('patch'),
      fc.string({ unit: 'binary' }).map((input) => ({ input })),
    ),
  )
  .map(([callId, name, input]) => ({ type: 'tool_use', id: callId, name, json: JSON.stringify(input) }));

/** What a model answers: it never ends in thinking, and its calls have ids of their own. */
const answer = fc
  .tuple(fc.array(fc.oneof(thinkingBlock, textBlock, callBlock), { maxLength: 5 }), fc.oneof(textBlock, callBlock))
  .map(([blocks, last]) => [...blocks, last])
  .filter((blocks) => {
    const ids = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    return new Set(ids).size === ids.length;
  });

test('an answer that comes back as input is the same message, block for block', () => {
  const { reply } = parse({ tools });
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 3 }), (answers) => {
      const messages = answers.map((blocks) => assembled(stream(blocks)));
      const ids = messages
        .flatMap(({ content }) => content)
        .flatMap((block) => (block.type === 'tool_use' ? block.id : []));
      fc.pre(new Set(ids).size === ids.length);
      const input = messages.flatMap((message) => {
        const items = storedOutput(message, reply, context);
        const outputs = items.flatMap((item) =>
          'call_id' in item ? [{ type: `${item.type}_output`, call_id: item.call_id, output: 'ok' }] : [],
        );
        return [{ role: 'user', content: 'next' }, ...items, ...outputs];
      });
      const { request } = parse({ tools, input: [...input, { role: 'user', content: 'end' }] });
      const replayed = request.messages.flatMap((message) => (message.role === 'assistant' ? [message.content] : []));
      assert.deepEqual(
        replayed,
        messages.map(({ content }) => content),
      );
    }),
    { numRuns: 200 },
  );
});

test('any split of the deltas gives the same finished items as the whole answer', () => {
  const reply = replyTo({ tools, reasoning: { summary: 'detailed' }, include: ['reasoning.encrypted_content'] });
  fc.assert(
    fc.property(answer, splits, (blocks, split) => {
      const events = stream(blocks, { split });
      const sent = frames(encode(events, reply));
      const done = sent.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
      const last = sent.at(-1)?.['response'];
      assert.deepEqual(done, (last as { output: unknown }).output);
      const whole = openAiResponses.complete(assembled(events), reply, context);
      assert.deepEqual(comparable(last), comparable(whole));
      for (const [index, item] of done.entries()) {
        const deltas = sent
          .filter((frame) => frame['output_index'] === index && 'delta' in frame)
          .map(({ delta }) => delta);
        assert.equal(deltas.join(''), told(item));
      }
    }),
    { numRuns: 200 },
  );
});

/** Arguments are sent as the model wrote them, so only their meaning can be compared. */
function comparable(response: unknown): unknown {
  return JSON.parse(JSON.stringify(response), (key, value: unknown) =>
    key === 'arguments' && typeof value === 'string' ? JSON.parse(value) : value,
  );
}

/** The text that an item's deltas must add up to. */
function told(item: unknown): string {
  const { content, summary, arguments: args, input } = item as Record<string, unknown>;
  const parts = (content ?? summary ?? []) as readonly { readonly text: string }[];
  return [...parts.map(({ text }) => text), args, input].filter((text) => typeof text === 'string').join('');
}

test('a freeform input decodes alike in any pieces, and no piece ends in half a character', () => {
  const escaped = fc
    .string({ unit: 'binary' })
    .map((text) =>
      JSON.stringify({ input: text }).replaceAll(
        /[\u0080-\uFFFF]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
    );
  fc.assert(
    fc.property(
      fc.oneof(
        escaped,
        fc.string({ unit: 'binary' }).map((input) => JSON.stringify({ input })),
      ),
      splits,
      (json, split) => {
        const decoder = new FreeformInputDecoder();
        const pieces = split(json).map((piece) => decoder.push(piece));
        for (const piece of pieces) assert.ok(piece.isWellFormed());
        assert.deepEqual({ input: pieces.join('') }, JSON.parse(json));
      },
    ),
  );
});

test('thinking survives its encoding, and nothing else is taken for it', () => {
  fc.assert(
    fc.property(thinkingBlock, fc.string(), (block, other) => {
      const thinking = block as AssistantBlock & { type: 'thinking' | 'redacted_thinking' };
      assert.deepEqual(decryptReasoning(encryptReasoning(thinking), new JsonTexts()), thinking);
      assert.equal(decryptReasoning(`ocp1.${other}`, new JsonTexts()), undefined);
    }),
  );
});

test('arbitrary JSON is understood or refused, never more', () => {
  const type = fc.constantFrom(
    ...[
      'message function_call function_call_output custom_tool_call custom_tool_call_output',
      'reasoning item_reference additional_tools input_text input_image input_file refusal',
      'function custom namespace allowed_tools json_schema',
    ].flatMap((line) => line.split(' ')),
  );
  const field = fc.constantFrom(
    ...[
      'type role content call_id name namespace arguments input output tools id',
      'text image_url file_data parameters format mode encrypted_content __proto__ toString',
    ].flatMap((line) => line.split(' ')),
  );
  const { object } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      type,
      fc.constantFrom('user', 'a'),
      tie('object'),
      fc.array(tie('object')),
    ),
    object: fc.dictionary(field, fc.oneof(type, tie('value')), { maxKeys: 6, noNullPrototype: true }),
  }));
  const body = fc.record(
    {
      model: fc.constant('m'),
      input: fc.oneof(fc.jsonValue(), fc.array(object)),
      tools: fc.oneof(fc.jsonValue(), fc.array(object)),
      tool_choice: fc.oneof(fc.jsonValue(), object),
      text: fc.oneof(fc.jsonValue(), object),
      include: fc.oneof(fc.jsonValue(), fc.array(fc.string())),
    },
    { requiredKeys: ['model'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.oneof(body, fc.jsonValue(), object), (value) => {
      try {
        const { reply, ignored } = openAiResponses.parse(value, {});
        for (const name of ignored) assert.match(name, /^[\x20-\x7E]+$/);
        encode(stream([{ type: 'text', text: 'x' }]), reply);
      } catch (error) {
        assert.ok(error instanceof OcpError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
