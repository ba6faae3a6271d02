import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { breakpointOf, writtenContent } from '../../src/claude/conversation.ts';
import type { JsonPieces, PackedMessages } from '../../src/claude/packed/messages.ts';
import { charactersOf, contentDigest, joined, mediaOf, withoutOldest } from '../../src/claude/packed/messages.ts';
import { packMessages } from '../../src/claude/packed/pack-messages.ts';
import { toolNames } from '../../src/claude/tool-names.ts';
import type { AssistantBlock, ToolResultContent, UserBlock } from '../../src/wire/anthropic/content.ts';
import type { AssistantMessage, Message, UserMessage } from '../../src/wire/anthropic/request.ts';

const words = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed());
const text = words.map((value) => ({ type: 'text' as const, text: value }));
const image = fc.constant({
  type: 'image' as const,
  source: { type: 'base64' as const, media_type: 'image/png' as const, data: 'AAAA' },
});
const part: fc.Arbitrary<ToolResultContent> = fc.oneof(text, image);
const result = fc.record({
  type: fc.constant('tool_result' as const),
  tool_use_id: fc.constantFrom('a', 'b'),
  content: fc.array(part, { maxLength: 3 }),
});
const userBlock: fc.Arbitrary<UserBlock> = fc.oneof(
  text,
  image,
  result,
  result.map((failed) => ({ ...failed, is_error: true })),
);
const assistantBlock: fc.Arbitrary<AssistantBlock> = fc.oneof(
  text,
  fc.record({
    type: fc.constant('thinking' as const),
    thinking: words,
    signature: fc.constantFrom('', 'signed'),
  }),
  fc.record({
    type: fc.constant('tool_use' as const),
    id: fc.constantFrom('a', 'b'),
    name: fc.constantFrom('read', 'StructuredOutput', 'größer'),
    input: fc.record({ path: words }),
  }),
);
const user: fc.Arbitrary<UserMessage> = fc.record({
  role: fc.constant('user' as const),
  content: fc.array(userBlock, { minLength: 1, maxLength: 4 }),
});
const assistant: fc.Arbitrary<AssistantMessage> = fc.record({
  role: fc.constant('assistant' as const),
  content: fc.array(assistantBlock, { minLength: 1, maxLength: 4 }),
});
const conversation = fc.array(fc.tuple(user, assistant), { maxLength: 4 }).map((turns) => turns.flat());

const plain = toolNames(['read']);

suite('a packed conversation', () => {
  test('is the same whether it was packed whole or put together', () => {
    fc.assert(
      fc.property(conversation, conversation, (before, after) => {
        const whole = packMessages([...before, ...after]);
        const parts = joined(packMessages(before), packMessages(after));
        assert.deepEqual(written(parts), written(whole));
        assert.deepEqual(
          [parts.count, charactersOf(parts), mediaOf(parts), parts.calls],
          [whole.count, charactersOf(whole), mediaOf(whole), whole.calls],
        );
        if (whole.count > 0) assert.equal(contentDigest(parts), contentDigest(whole));
      }),
    );
  });

  test('makes one message where the same side speaks on', () => {
    fc.assert(
      fc.property(conversation, user, user, (before, first, second) => {
        const parts = joined(packMessages([...before, first]), packMessages([second]));
        const whole = packMessages([...before, first, second]);
        assert.equal(parts.count, whole.count);
        assert.deepEqual(sortedBlocks(written(parts).at(-1)), sortedBlocks(written(whole).at(-1)));
      }),
    );
  });

  test('without its oldest messages is what the others are alone', () => {
    fc.assert(
      fc.property(conversation, fc.nat(), (messages, at) => {
        const dropped = 2 * (at % (messages.length / 2 + 1));
        const rest = packMessages(messages.slice(dropped));
        const cut = withoutOldest(packMessages(messages), dropped);
        assert.deepEqual(written(cut), written(rest));
        assert.deepEqual(written(joined(cut, packMessages(messages))), written(joined(rest, packMessages(messages))));
        if (rest.count > 0) assert.equal(contentDigest(cut), contentDigest(rest));
      }),
    );
  });

  test('says what was said, with the CLI’s names of the tools', () => {
    const names = toolNames(['read', 'StructuredOutput', 'größer']);
    fc.assert(
      fc.property(conversation, (messages) => {
        const packed = packMessages(messages);
        const calls = messages.flatMap(({ content }) => content.filter((block) => block.type === 'tool_use'));
        assert.deepEqual(
          written(packed, names).flatMap((blocks) => blocks.filter(({ type }) => type === 'tool_use')),
          // fast-check's objects have no prototype.
          JSON.parse(JSON.stringify(calls.map((call) => ({ ...call, name: names.toCli(call.name) })))),
        );
      }),
    );
  });

  test('carries one breakpoint, on the last block that can of the newest user message but one', () => {
    fc.assert(
      fc.property(conversation, user, (past, question) => {
        const messages = packMessages([...past, question]);
        const at = breakpointOf({ messages, from: 0, hasBreakpoint: true });
        const marked = Array.from({ length: messages.count }, (_, index) =>
          blocksOf(writtenContent(messages, index, plain, at)),
        );
        const carrying = marked.flat().filter((block) => 'cache_control' in block);
        const bare = written(messages);
        const canCarry = bare.slice(0, -1).filter((blocks, index) => index % 2 === 0 && blocks.some(isCarrier));
        assert.equal(carrying.length, Math.min(1, canCarry.length));
        const [block] = carrying;
        if (block === undefined) return;
        const { cache_control: mark, ...rest } = block;
        assert.deepEqual([mark, rest], [{ type: 'ephemeral' }, canCarry.at(-1)?.findLast(isCarrier)]);
      }),
    );
  });

  test('packs 60 000 messages of one side as one, in a time that grows with them alone', () => {
    const one = (role: 'user'): Message => ({ role, content: [{ type: 'text', text: 'a' }] });
    const packed = packMessages(Array.from({ length: 60_000 }, () => one('user')));
    assert.deepEqual([packed.count, charactersOf(packed)], [1, 60_000]);
  });
});

type Block = Readonly<Record<string, unknown>>;

function written(messages: PackedMessages, names = plain): readonly (readonly Block[])[] {
  return Array.from({ length: messages.count }, (_, index) => blocksOf(writtenContent(messages, index, names)));
}

function blocksOf(pieces: JsonPieces): readonly Block[] {
  const json = pieces.map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString())).join('');
  return JSON.parse(json) as readonly Block[];
}

function isCarrier(block: Block): boolean {
  return block['type'] !== 'text' || block['text'] !== '';
}

/** What failed tools show stands behind its own message, whole or put together. */
function sortedBlocks(blocks: readonly Block[] | undefined): readonly string[] {
  return (blocks ?? []).map((block) => JSON.stringify(block)).toSorted();
}
