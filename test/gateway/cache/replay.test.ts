import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { cacheHints, cacheKey as keyOf } from '../../../src/gateway/cache/cache-key.ts';
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

const cacheKey = (owner: string, model: string, asked: MessagesRequest, sampling: string): string =>
  keyOf(owner, model, packRequest(asked), sampling);

test('the key changes with everything that shapes the answer and with its owner, not with the alias of the model', () => {
  const base = cacheKey('key:1', 'claude-x', request, '[]');
  assert.equal(cacheKey('key:1', 'claude-x', { ...request, model: 'another alias' }, '[]'), base);
  const others = [
    cacheKey('key:2', 'claude-x', request, '[]'),
    cacheKey('key:1', 'claude-y', request, '[]'),
    cacheKey('key:1', 'claude-x', request, '[0.5]'),
    cacheKey('key:1', 'claude-x', { ...request, system: ['t'] }, '[]'),
    cacheKey('key:1', 'claude-x', { ...request, maxTokens: 5 }, '[]'),
    cacheKey('key:1', 'claude-x', { ...request, effort: 'low' }, '[]'),
    cacheKey('key:1', 'claude-x', { ...request, stopSequences: ['x'] }, '[]'),
    cacheKey('key:1', 'claude-x', { ...request, outputSchema: { type: 'object' } }, '[]'),
    cacheKey('key:1', 'claude-x', { ...request, tools: [{ name: 'f', input_schema: { type: 'object' } }] }, '[]'),
  ];
  assert.equal(new Set([base, ...others]).size, others.length + 1);
});

test('the hints are read off any body', () => {
  assert.notEqual(cacheHints({ temperature: 0 }).sampling, cacheHints({ temperature: 1 }).sampling);
  assert.ok(cacheHints({ messages: [{ content: [{ cache_control: { type: 'ephemeral' } }] }] }).hasCacheControl);
  assert.equal(cacheHints('text').hasCacheControl, false);
});
