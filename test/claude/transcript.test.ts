import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { digestOf, digestWith } from '../../src/claude/packed/messages.ts';
import { packMessages } from '../../src/claude/packed/pack-messages.ts';
import { answerDigest } from '../../src/claude/transcript.ts';
import type { AssistantMessage, Message, UserMessage } from '../../src/wire/anthropic/request.ts';
import type { JsonObject } from '../../src/wire/json.ts';

const user = (text: string): UserMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const said = (text: string): AssistantMessage => ({ role: 'assistant', content: [{ type: 'text', text }] });

/** A call of a tool and its answer, under an id that the client may have made up. */
function callAndResult(id: string, input: JsonObject, result: string): readonly Message[] {
  return [
    { role: 'assistant', content: [{ type: 'tool_use', id, name: 'read', input }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text: result }] }] },
  ];
}

const transcript = fc
  .array(fc.string({ maxLength: 8 }), { minLength: 1, maxLength: 8 })
  .map((texts) => texts.map((text, place): Message => (place % 2 === 0 ? user(text) : said(text))));

/** The name of every prefix. */
function transcriptDigests(messages: readonly Message[]): readonly string[] {
  const packed = packMessages(messages);
  return Array.from({ length: packed.count }, (_, index) => digestOf(packed, index + 1));
}

suite('the name of a transcript', () => {
  test('of a prefix is the prefix of the names', () => {
    fc.assert(
      fc.property(transcript, fc.nat(), (messages, at) => {
        const length = at % (messages.length + 1);
        assert.deepEqual(transcriptDigests(messages.slice(0, length)), transcriptDigests(messages).slice(0, length));
      }),
    );
  });

  test('of an answer that was just given is the one under which the client brings it back', () => {
    fc.assert(
      fc.property(transcript, fc.string(), (messages, answer) => {
        const asked = messages.length % 2 === 1 ? messages : messages.slice(1).toSpliced(0, 1, user('first'));
        fc.pre(asked.at(-1)?.role === 'user');
        const kept = digestWith(packMessages(asked), answerDigest(said(answer)));
        const back = transcriptDigests([...asked, said(answer), user('and then?')]);
        assert.equal(back[asked.length], kept);
      }),
    );
  });

  test('changes from any changed message on', () => {
    fc.assert(
      fc.property(transcript, fc.nat(), (messages, at) => {
        const index = at % messages.length;
        const changed = messages.map((entry, place) =>
          place === index ? (entry.role === 'user' ? user('\u0000changed') : said('\u0000changed')) : entry,
        );
        const [before, after] = [transcriptDigests(messages), transcriptDigests(changed)];
        for (const place of messages.keys()) assert.equal(before[place] === after[place], place < index);
      }),
    );
  });

  test('tells who said a text', () => {
    assert.notEqual(transcriptDigests([user('yes')])[0], transcriptDigests([said('yes')])[0]);
  });

  test('does not depend on the ids of calls, nor on the order in which their arguments are written', () => {
    const original = [user('Read it'), ...callAndResult('toolu_01', { path: 'a', at: { from: 1, to: 2 } }, 'content')];
    const rewritten = [user('Read it'), ...callAndResult('call_x', { at: { to: 2, from: 1 }, path: 'a' }, 'content')];
    assert.deepEqual(transcriptDigests(rewritten), transcriptDigests(original));
  });

  test('depends on arguments and on results', () => {
    const original = transcriptDigests(callAndResult('a', { path: 'a' }, 'content')).at(-1);
    assert.notEqual(transcriptDigests(callAndResult('a', { path: 'b' }, 'content')).at(-1), original);
    assert.notEqual(transcriptDigests(callAndResult('a', { path: 'a' }, 'other')).at(-1), original);
  });

  test('depends on which call a result answers, not on the order of the results', () => {
    const calls: AssistantMessage = {
      role: 'assistant',
      content: ['a', 'b'].map((id) => ({ type: 'tool_use', id, name: 'read', input: {} })),
    };
    const results = (...ids: readonly [string, string][]): string | undefined =>
      transcriptDigests([
        calls,
        {
          role: 'user',
          content: ids.map(([id, text]) => ({
            type: 'tool_result',
            tool_use_id: id,
            content: [{ type: 'text', text }],
          })),
        },
      ]).at(-1);
    assert.equal(results(['b', '2'], ['a', '1']), results(['a', '1'], ['b', '2']));
    assert.notEqual(results(['a', '2'], ['b', '1']), results(['a', '1'], ['b', '2']));
  });

  test('does not count thinking, which clients drop', () => {
    const thought: AssistantMessage = {
      role: 'assistant',
      content: [{ type: 'thinking', thinking: 'hm', signature: 's' }, ...said('yes').content],
    };
    assert.deepEqual(transcriptDigests([user('?'), thought]), transcriptDigests([user('?'), said('yes')]));
  });

  test('counts a failed result and an image', () => {
    const result = (isError: boolean): Message => ({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'a', content: [], is_error: isError }],
    });
    assert.notDeepEqual(transcriptDigests([result(true)]), transcriptDigests([result(false)]));
    const image = (data: string): Message => ({
      role: 'user',
      content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }],
    });
    assert.notDeepEqual(transcriptDigests([image('AAAA')]), transcriptDigests([image('AAAB')]));
  });
});
