import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { TranscriptEntry } from '../../../src/wire/anthropic/transcript.ts';
import { toMessages } from '../../../src/wire/anthropic/transcript.ts';
import { OcpError } from '../../../src/wire/errors.ts';

const unanswered = (ids: readonly string[], param: string): OcpError =>
  new OcpError('invalid_request', `open: ${ids.join(', ')}`, { param });
const user = (text: string): TranscriptEntry => ({ kind: 'user', content: [{ type: 'text', text }] });
const said = (text: string): TranscriptEntry => ({ kind: 'assistant', content: [{ type: 'text', text }] });
const call = (id: string): TranscriptEntry => ({
  kind: 'assistant',
  content: [{ type: 'tool_use', id, name: 'read', input: {} }],
});
const result = (callId: string, text = 'done'): TranscriptEntry => ({
  kind: 'result',
  callId,
  content: [{ type: 'text', text }],
  path: `input[9].call_id`,
});

/** A line for each message: its role and what its blocks are. */
function outline(entries: readonly TranscriptEntry[]): string[] {
  return toMessages(entries, unanswered).map(({ role, content }) => {
    const blocks = content.map((block) => {
      if (block.type === 'tool_use') return `call ${block.id}`;
      if (block.type === 'tool_result') return `${block.is_error === true ? 'error' : 'result'} ${block.tool_use_id}`;
      return block.type === 'text' ? block.text : block.type;
    });
    return `${role}: ${blocks.join(' | ')}`;
  });
}

test('results stand directly behind the message of their calls, wherever the client put them', () => {
  assert.deepEqual(outline([user('a'), user('context'), call('x'), call('y'), user('b'), result('y'), result('x')]), [
    'user: a | context',
    'assistant: call x | call y',
    'user: result x | result y | b',
  ]);
});

test('a call without a result is the client’s error at its path, under the client’s own id', () => {
  const open: TranscriptEntry = { ...call('x.1'), callsAt: 'input[1]' } as TranscriptEntry;
  assert.throws(
    () => toMessages([user('a'), open, user('never mind')], unanswered),
    (error) => error instanceof OcpError && error.message === 'open: x.1' && error.param === 'input[1]',
  );
});

test('a call that may stay open gets an error result, and the answers go on', () => {
  assert.deepEqual(outline([user('a'), call('x'), user('never mind')]), [
    'user: a',
    'assistant: call x',
    'user: error x | never mind',
  ]);
});

test('an id that is used again means the newest turn, and becomes unique', () => {
  const entries = [user('a'), call('0'), result('0', 'o'), call('0'), call('0'), result('0', 'p'), result('0', 'q')];
  const told = toMessages(entries, unanswered).flatMap(({ content }) => [...content]);
  const calls = told.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
  const results = told.flatMap((block) => (block.type === 'tool_result' ? [[block.tool_use_id, block.content]] : []));
  assert.equal(calls[0], '0');
  assert.equal(new Set(calls).size, 3);
  assert.deepEqual(
    results,
    calls.map((id, at) => [id, [{ type: 'text', text: ['o', 'p', 'q'][at] }]]),
  );
});

test('a result without a call, or a second one, is the client’s error at its path', () => {
  for (const entries of [
    [user('a'), result('x')],
    [user('a'), call('x'), result('x'), result('x')],
  ]) {
    assert.throws(
      () => toMessages(entries, unanswered),
      (error) => error instanceof OcpError && error.status === 400 && error.param === 'input[9].call_id',
    );
  }
});

test('the first and the last message are the user’s', () => {
  assert.deepEqual(outline([said('hello')]), [
    'user: (The conversation so far begins with your answer.)',
    'assistant: hello',
    'user: Continue.',
  ]);
});

test('blank texts, broken surrogates and thinking that nothing follows do not reach Anthropic', () => {
  const thinking: TranscriptEntry = {
    kind: 'assistant',
    content: [{ type: 'thinking', thinking: 'hm', signature: 's' }],
  };
  assert.deepEqual(outline([user('a\uD800'), thinking, user(' \n'), user('b')]), ['user: a\uFFFD | b']);
  assert.deepEqual(outline([user('a'), thinking, said('b'), user('c')]), [
    'user: a',
    'assistant: thinking | b',
    'user: c',
  ]);
});

test('whatever comes, calls and results pair up and roles alternate', () => {
  const id = fc.constantFrom('a', 'b', 'calltoolu01', 'ä ö', '');
  const entry = fc.oneof(
    fc.constant(user('u')),
    fc.constant(said('s')),
    id.map(call),
    id.map((value) => result(value)),
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      let messages;
      try {
        messages = toMessages(entries, unanswered);
      } catch (error) {
        assert.ok(error instanceof OcpError);
        return;
      }
      const calls = new Set<string>();
      messages.forEach((message, index) => {
        assert.equal(message.role, index % 2 === 0 ? 'user' : 'assistant');
        const results = message.content.filter((block) => block.type === 'tool_result');
        assert.deepEqual(
          results.map((block) => block.tool_use_id),
          (messages[index - 1]?.content ?? []).flatMap((block) => (block.type === 'tool_use' ? [block.id] : [])),
        );
        for (const block of message.content) {
          if (block.type !== 'tool_use') continue;
          assert.match(block.id, /^[A-Za-z0-9_-]+$/);
          assert.ok(!calls.has(block.id), 'unique');
          calls.add(block.id);
        }
      });
      assert.equal(messages.at(-1)?.role, 'user');
    }),
  );
});
