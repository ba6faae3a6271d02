import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ToolResultBlock, ToolUseBlock, UserBlock } from '../../../src/wire/anthropic/content.ts';
import type { Message } from '../../../src/wire/anthropic/request.ts';
import { callIdOf } from '../../../src/wire/call-id.ts';
import { OcpError } from '../../../src/wire/errors.ts';
import type { JsonObject } from '../../../src/wire/json.ts';
import { openAiChat } from '../../../src/wire/openai-chat/surface.ts';
import { assembled, splitter, stream } from '../anthropic/streams.ts';
import type { Written } from '../anthropic/streams.ts';
import { png } from '../../support/media.ts';
import { chunks, collect, context, encode, plain } from './support.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 }).map((said) => `.${said}`);
const textBlock = text.map((said) => ({ type: 'text', text: said }) as const);
const imageBlock = fc
  .constantFrom(png(1, 1), png(2, 3))
  .map((data) => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }) as const);
const said = fc.array(fc.oneof(textBlock, imageBlock), { minLength: 1, maxLength: 3 });
const input = fc.object({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
const name = fc.constantFrom('read', 'write');

interface Turn {
  readonly user: readonly UserBlock[];
  readonly texts: readonly { type: 'text'; text: string }[];
  readonly calls: readonly { name: string; input: JsonObject; result: readonly UserBlock[] }[];
}

const turn: fc.Arbitrary<Turn> = fc
  .record({
    user: said,
    texts: fc.array(textBlock, { maxLength: 2 }),
    calls: fc.array(fc.record({ name, input, result: fc.oneof(fc.constant([]), said) }), { maxLength: 3 }),
  })
  .filter(({ texts, calls }) => texts.length + calls.length > 0);

/** The conversation as Anthropic knows it. */
function native(turns: readonly Turn[], last: readonly UserBlock[]): Message[] {
  const messages: Message[] = [];
  let results: ToolResultBlock[] = [];
  for (const [index, { user, texts, calls }] of turns.entries()) {
    messages.push({ role: 'user', content: [...results, ...user] });
    const uses = calls.map((call, place): ToolUseBlock => {
      return { type: 'tool_use', id: `toolu_0${index}x${place}`, name: call.name, input: call.input };
    });
    results = calls.map((call, place) => {
      const content = call.result.filter((block) => block.type === 'text' || block.type === 'image');
      return { type: 'tool_result', tool_use_id: `toolu_0${index}x${place}`, content };
    });
    messages.push({ role: 'assistant', content: [...texts, ...uses] });
  }
  return [...messages, { role: 'user', content: [...results, ...last] }];
}

/** The same conversation as a client sends it, with the results before (`early`) or after what the user says. */
function asChat(messages: readonly Message[], early: boolean): object[] {
  return messages.flatMap((message): object[] => {
    if (message.role === 'assistant') {
      const texts = message.content.filter((block) => block.type === 'text');
      const calls = message.content.filter((block) => block.type === 'tool_use');
      const tool_calls = calls.map((call) => {
        return {
          id: callIdOf(call.id),
          type: 'function',
          function: { name: call.name, arguments: JSON.stringify(call.input) },
        };
      });
      const content = texts.length === 1 ? (texts[0]?.text ?? null) : texts;
      return [
        {
          role: 'assistant',
          content: texts.length === 0 ? null : content,
          ...(calls.length > 0 ? { tool_calls } : {}),
        },
      ];
    }
    const results = message.content.flatMap((block): object[] => {
      if (block.type !== 'tool_result') return [];
      return [{ role: 'tool', tool_call_id: callIdOf(block.tool_use_id), content: block.content.map(part) }];
    });
    const user = { role: 'user', content: message.content.filter((block) => block.type !== 'tool_result').map(part) };
    return early ? [...results, user] : [user, ...results];
  });
}

function part(block: UserBlock): object {
  if (block.type !== 'image' || block.source.type !== 'base64') return block;
  return { type: 'image_url', image_url: { url: `data:${block.source.media_type};base64,${block.source.data}` } };
}

test('a conversation comes back from chat messages with every block in its place', () => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 4 }), said, fc.boolean(), (turns, last, early) => {
      const messages = native(turns, last);
      const parsed = openAiChat.parse({ messages: asChat(messages, early) }, {});
      assert.deepEqual(parsed.request.messages, messages);
    }),
  );
});

const block: fc.Arbitrary<Written> = fc.oneof(
  textBlock,
  text.map((thinking) => ({ type: 'thinking', thinking, signature: 'sig' }) as const),
  fc.constant({ type: 'redacted_thinking', data: 'x' } as const),
  fc
    .tuple(name, input)
    .map(([called, args]) => ({ type: 'tool_use', id: 'toolu_1', name: called, json: JSON.stringify(args) }) as const),
);

test('a stream adds up to the completion of the same message, however its deltas are cut', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), fc.array(fc.nat(30)), fc.boolean(), (blocks, cuts, custom) => {
      const reply = { ...plain, customTools: new Set(custom ? ['write'] : []) };
      const whole = stream(blocks);
      const collected = collect(chunks(encode(stream(blocks, { split: splitter(new Set(cuts)) }), reply)));
      assert.deepEqual(collected, collect(chunks(encode(whole, reply))));
      const completion = openAiChat.complete(assembled(whole), reply, context);
      assert.deepEqual(completion, {
        ...(completion as object),
        choices: [{ index: 0, message: collected.message, logprobs: null, finish_reason: collected.finishReasons[0] }],
      });
    }),
  );
});

/** Bodies that look like requests as far as their keys go, with any JSON in their place. */
const keys = fc.constantFrom(
  ...'messages role content type text image_url url file tool_calls tool_call_id id function custom name'.split(' '),
  ...'arguments parameters tools tool_choice functions function_call response_format json_schema'.split(' '),
  ...'input prompt stop n allowed_tools mode __proto__'.split(' '),
);
const words = fc.constantFrom(
  'user',
  'assistant',
  'tool',
  'function',
  'custom',
  'text',
  'image_url',
  'data:,',
  'allowed_tools',
);
const near = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, words, fc.jsonValue({ maxDepth: 1 }), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
}));
const body = fc.oneof(
  fc.jsonValue(),
  near.object,
  fc.record({
    messages: fc.array(fc.oneof(near.object, fc.constant({ role: 'user', content: 'q' }))),
    tools: near.list,
    tool_choice: near.value,
  }),
);

test('any JSON is either read or refused with an OcpError', () => {
  fc.assert(
    fc.property(body, (value) => {
      try {
        const { messages } = openAiChat.parse(value, {}).request;
        assert.equal(messages.at(-1)?.role, 'user');
      } catch (error) {
        assert.ok(error instanceof OcpError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('members that nobody knows change nothing but the list of what has no effect', () => {
  const extra = fc.dictionary(
    fc.string({ maxLength: 8 }).map((key) => `x_${key}`),
    fc.jsonValue(),
  );
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const bodyWith = (more: object): object => ({
    ...more,
    messages: [
      { ...more, role: 'user', content: [{ ...more, type: 'text', text: 'q' }] },
      { ...more, role: 'assistant', tool_calls: [{ ...more, ...call, function: { ...more, ...call.function } }] },
      { ...more, role: 'tool', tool_call_id: 'c', content: 'r' },
    ],
    tools: [{ ...more, type: 'function', function: { ...more, name: 'f' } }],
  });
  fc.assert(
    fc.property(extra, (more) => {
      const { ignored: _, ...read } = openAiChat.parse(bodyWith(more), {});
      const { ignored: __, ...plain } = openAiChat.parse(bodyWith({}), {});
      assert.deepEqual(read, plain);
    }),
  );
});
