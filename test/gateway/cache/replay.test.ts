import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { CacheShape } from '../../../src/gateway/cache/cache-key.ts';
import { cacheHints, cacheKey } from '../../../src/gateway/cache/cache-key.ts';
import { pieces, replayMessage } from '../../../src/gateway/cache/replay.ts';
import { packRequest } from '../../../src/gateway/packed-request.ts';
import type { AssistantBlock } from '../../../src/wire/anthropic/content.ts';
import { MessageAssembler } from '../../../src/wire/anthropic/message.ts';
import type { MessagesRequest } from '../../../src/wire/anthropic/request.ts';

const text = fc.string({ unit: 'binary', maxLength: 400 });
const block: fc.Arbitrary<AssistantBlock> = fc.oneof(
  text.map((value): AssistantBlock => ({ type: 'text', text: value })),
  fc.record({ type: fc.constant('thinking' as const), thinking: text, signature: fc.base64String() }),
  fc.record({
    type: fc.constant('tool_use' as const),
    id: fc.constant('toolu_1'),
    name: fc.constant('f'),
    input: fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      fc.string(),
      { noNullPrototype: true },
    ),
  }),
);

test('a kept answer comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(block), (content) => {
      const message = {
        id: 'msg_1',
        model: 'claude-x',
        content,
        stopReason: 'end_turn',
        stopSequence: null,
        usage: { input_tokens: 3, output_tokens: 5 },
      };
      const assembler = new MessageAssembler();
      for (const event of replayMessage(message)) assembler.push(event);
      // fast-check's objects have no prototype.
      assert.deepEqual(assembler.message(), JSON.parse(JSON.stringify(message)));
    }),
  );
});

test('text is replayed in pieces of 80 code points, none of them cut inside a character', () => {
  const emoji = '🌍'.repeat(200);
  const cut = [...pieces(emoji)];
  assert.deepEqual(
    cut.map((piece) => Array.from(piece).length),
    [80, 80, 40],
  );
  assert.equal(cut.join(''), emoji);
});

const request: MessagesRequest = {
  model: 'sonnet',
  system: ['s'],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  toolChoice: { type: 'auto' },
  parallelToolUse: true,
  stopSequences: [],
};

const keyOf = (asked: object, told: object = {}, more: Partial<CacheShape> = {}): string => {
  const answered = packRequest({ ...request, ...asked });
  const { messages, system, tools } = answered;
  const setup = { model: 'claude-x', system, tools };
  return cacheKey({
    told: { owner: 'key:1', setup, settings: {}, messages, ...told },
    answered,
    sampling: '[]',
    worker: '{}',
    ...more,
  });
};

test('the key changes with everything that shapes the answer, not with the alias of the model', () => {
  const base = keyOf({});
  assert.equal(keyOf({ model: 'another alias' }), base);
  const packed = packRequest(request);
  assert.equal(keyOf({}, {}, { answered: Object.fromEntries(Object.entries(packed).toReversed()) as never }), base);
  const tool = { name: 'f', input_schema: { type: 'object' } };
  const others = [
    ...['owner', 'setup', 'settings', 'messages', 'what is added later'].map((name) =>
      keyOf({}, { [name]: 'another' }),
    ),
    ...[
      { system: ['t'] },
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'ho' }] }] },
      { tools: [tool] },
      { tools: [tool], toolChoice: { type: 'none' } },
      { tools: [tool], toolChoice: { type: 'any' } },
      { tools: [{ ...tool, description: 'd' }] },
      { parallelToolUse: false },
      { maxTokens: 5 },
      { effort: 'low' },
      { stopSequences: ['x'] },
      { outputSchema: { type: 'object' } },
      { outputSchema: { type: 'object', properties: { a: { type: 'string' } } } },
    ].map((asked) => keyOf(asked)),
    keyOf({}, {}, { answered: { ...packed, later: 1 } as never }),
    keyOf({}, {}, { sampling: '[0.5]' }),
    keyOf({}, {}, { worker: 'another' }),
  ];
  assert.equal(new Set([base, ...others]).size, others.length + 1);
});

test('the hints are read off any body', () => {
  const sampling = ['temperature', 'top_p', 'top_k', 'min_p', 'seed', 'presence_penalty', 'frequency_penalty'];
  for (const name of [...sampling, 'repetition_penalty', 'logit_bias', 'verbosity']) {
    assert.notEqual(cacheHints({ [name]: 0 }).sampling, cacheHints({ [name]: 1 }).sampling, name);
  }
  assert.ok(cacheHints({ messages: [{ content: [{ cache_control: { type: 'ephemeral' } }] }] }).hasCacheControl);
  assert.equal(cacheHints('text').hasCacheControl, false);
});
