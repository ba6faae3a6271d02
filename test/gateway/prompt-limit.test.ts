import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { contentDigest } from '../../src/claude/packed/messages.ts';
import { packRequest } from '../../src/gateway/packed-request.ts';
import { limitPrompt } from '../../src/gateway/prompt-limit.ts';
import type { Message, MessagesRequest } from '../../src/wire/anthropic/request.ts';
import { OcpError } from '../../src/wire/errors.ts';

const text = (length: number): { type: 'text'; text: string } => ({ type: 'text', text: 'x'.repeat(length) });

/** A whole exchange: a question, perhaps a call of a tool with its result, and an answer. */
const exchange = fc
  .record({ question: fc.nat({ max: 30 }), result: fc.option(fc.nat({ max: 30 })), answer: fc.nat({ max: 30 }) })
  .map(({ question, result, answer }): readonly Message[] => [
    { role: 'user', content: [text(question)] },
    ...(result === null ? [] : callAndResult(result)),
    { role: 'assistant', content: [text(answer)] },
  ]);

function callAndResult(length: number): readonly Message[] {
  return [
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'read', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [text(length)] }] },
  ];
}

const request = fc
  .record({ system: fc.array(fc.nat({ max: 20 }), { maxLength: 2 }), past: fc.array(exchange, { maxLength: 5 }) })
  .map(({ system, past }): MessagesRequest => ({
    model: 'sonnet',
    system: system.map((length) => 'x'.repeat(length)),
    messages: [...past.flat(), { role: 'user', content: [text(10)] }],
    tools: [],
    toolChoice: { type: 'auto' },
    parallelToolUse: true,
    stopSequences: [],
  }));

/** Characters as the limit counts them, for requests of the kinds above; the arguments `{}` are two. */
function characters({ system, messages }: MessagesRequest): number {
  const json = JSON.stringify([system, messages]);
  return (
    (json.match(/x/gu)?.length ?? 0) - (json.match(/text/gu)?.length ?? 0) + 2 * (json.match(/\{\}/gu)?.length ?? 0)
  );
}

suite("the operator's limit of a prompt", () => {
  test('leaves alone what fits, and everything when there is none', () => {
    fc.assert(
      fc.property(request, fc.boolean(), (asked, truncate) => {
        for (const maxCharacters of [undefined, characters(asked)]) {
          const packed = packRequest(asked);
          assert.deepEqual(limitPrompt(packed, { maxCharacters, truncate }), { request: packed, dropped: 0 });
        }
      }),
    );
  });

  test('refuses one character too many, in the words by which clients know it', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const maxCharacters = characters(asked) - 1;
        assert.throws(
          () => limitPrompt(packRequest(asked), { maxCharacters, truncate: false }),
          (error: unknown) => {
            assert.ok(error instanceof OcpError);
            assert.deepEqual([error.code, error.status, error.param], ['context_length_exceeded', 400, 'messages']);
            const [, tokens, maximum] = /^prompt is too long: (\d+) tokens > (\d+) maximum$/.exec(error.message) ?? [];
            return Number(tokens) > Number(maximum);
          },
        );
      }),
    );
  });

  test('drops the oldest messages, no more than it must, and leaves a conversation that can begin', () => {
    fc.assert(
      fc.property(request, fc.nat({ max: 200 }), (asked, maxCharacters) => {
        const fitting = asked.messages
          .map((_, index) => ({ ...asked, messages: asked.messages.slice(index) }))
          .filter((candidate) => canBegin(candidate.messages[0]) && characters(candidate) <= maxCharacters);
        const [longest] = fitting;
        if (longest === undefined) {
          assert.throws(() => limitPrompt(packRequest(asked), { maxCharacters, truncate: true }), OcpError);
        } else {
          const limited = limitPrompt(packRequest(asked), { maxCharacters, truncate: true });
          const { messages } = limited.request;
          assert.equal(contentDigest(messages), contentDigest(packRequest(longest).messages));
          assert.equal(limited.dropped, asked.messages.length - longest.messages.length);
        }
      }),
    );
  });

  test('does not count images, whose characters are not text', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(1_000) } as const;
    const asked: MessagesRequest = {
      model: 'sonnet',
      system: [],
      messages: [{ role: 'user', content: [{ type: 'image', source }, text(10)] }],
      tools: [],
      toolChoice: { type: 'auto' },
      parallelToolUse: true,
      stopSequences: [],
    };
    assert.equal(limitPrompt(packRequest(asked), { maxCharacters: 10, truncate: false }).dropped, 0);
  });
});

function canBegin(message: Message | undefined): boolean {
  return message?.role === 'user' && message.content.every((block) => block.type !== 'tool_result');
}
