import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { SessionTurn } from '../../src/gateway/sessions.ts';
import { Sessions } from '../../src/gateway/sessions.ts';
import type { PackedMessages } from '../../src/claude/packed/messages.ts';
import { unpackMessage } from '../../src/claude/packed/unpack-messages.ts';
import type { PackedRequest } from '../../src/gateway/packed-request.ts';
import { packRequest } from '../../src/gateway/packed-request.ts';
import type { AssistantMessage, Message } from '../../src/wire/anthropic/request.ts';

const never = new AbortController().signal;
const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const answer = (text: string): AssistantMessage => ({ role: 'assistant', content: [{ type: 'text', text }] });
const request = (messages: readonly Message[], system: readonly string[] = []): PackedRequest =>
  packRequest({
    model: 'sonnet',
    system,
    messages,
    tools: [],
    toolChoice: { type: 'auto' },
    parallelToolUse: true,
    stopSequences: [],
  });

function unpacked(messages: PackedMessages): readonly Message[] {
  return Array.from({ length: messages.count }, (_, index) => unpackMessage(messages, index));
}

function sessionsOf(maxBytes = 1_000_000): { sessions: Sessions; clock: { now: number } } {
  const clock = { now: 0 };
  const sessions = new Sessions({ ttlMs: () => 1000, maxBytes, now: () => clock.now, wallClock: () => clock.now });
  return { sessions, clock };
}

async function begin(sessions: Sessions, sent: PackedRequest, owner = 'key:1', id = 'c'): Promise<SessionTurn> {
  return sessions.begin(owner, id, sent, [], never);
}

async function say(sessions: Sessions, sent: PackedRequest, said: string, owner?: string, id?: string): Promise<void> {
  const turn = await begin(sessions, sent, owner, id);
  turn.remember(turn.request, answer(said));
  turn.end();
}

async function remembering(): Promise<ReturnType<typeof sessionsOf>> {
  const made = sessionsOf();
  await say(made.sessions, request([user('one')], ['be brief']), 'first');
  return made;
}

test('a client that names its conversation may send only what is new', async () => {
  const { sessions } = await remembering();
  const { request: whole } = await begin(sessions, request([user('two')]));
  assert.deepEqual(unpacked(whole.messages), [user('one'), answer('first'), user('two')]);
  assert.equal(whole.system.digest, request([], ['be brief']).system.digest);
});

test('a client that sends everything, a repeated first message, and a side request are left as they are', async () => {
  const { sessions } = await remembering();
  const complete = request([user('one'), answer('first'), user('two')], ['be brief']);
  const again = request([user('one')], ['be brief']);
  const side = request([user('a title, please')], ['you write titles']);
  for (const sent of [complete, again, side]) assert.equal((await begin(sessions, sent)).request, sent);
});

test('a name means nothing to another owner, after its time, or once it is cleared', async () => {
  const { sessions, clock } = await remembering();
  const sent = request([user('two')]);
  assert.equal((await begin(sessions, sent, 'key:2')).request, sent);
  clock.now = 1001;
  assert.equal((await begin(sessions, sent)).request, sent);
  assert.equal(sessions.list().length, 0);
  const fresh = (await remembering()).sessions;
  assert.equal(
    fresh.clear(() => true),
    1,
  );
  assert.equal((await begin(fresh, sent)).request, sent);
});

test('requests at once follow one another in the order in which they came', async () => {
  const { sessions } = sessionsOf();
  const texts = ['one', 'two', 'three', 'four'];
  const turns = texts.map(async (text) => begin(sessions, request([user(text)])));
  for (const [index, text] of texts.entries()) {
    const turn = await turns[index];
    assert.equal(turn?.request.messages.count, 2 * index + 1);
    turn?.remember(turn.request, answer(`to ${text}`));
    turn?.end();
  }
  const { messages } = (await begin(sessions, request([user('five')]))).request;
  assert.deepEqual(unpacked(messages), [...texts.flatMap((text) => [user(text), answer(`to ${text}`)]), user('five')]);
});

test('a turn that fails lets the next one go on from what was there before', async () => {
  const { sessions } = await remembering();
  const failing = await begin(sessions, request([user('two')]));
  const waiting = begin(sessions, request([user('three')]));
  failing.end();
  assert.deepEqual(unpacked((await waiting).request.messages), [user('one'), answer('first'), user('three')]);
});

test('a request that waits for its conversation can be given up', async () => {
  const { sessions } = await remembering();
  await begin(sessions, request([user('two')]));
  const abort = new AbortController();
  const waiting = sessions.begin('key:1', 'c', request([user('three')]), [], abort.signal);
  abort.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/u);
});

test('what is cleared during a turn does not come back at its end', async () => {
  const { sessions } = await remembering();
  const running = await begin(sessions, request([user('two')]));
  const waiting = begin(sessions, request([user('three')]));
  sessions.clear(() => true);
  running.remember(running.request, answer('second'));
  running.end();
  const next = await waiting;
  next.remember(next.request, answer('third'));
  next.end();
  assert.deepEqual([sessions.list(), sessions.bytes], [[], 0]);
});

test('nobody pushes out what others keep, and the room is never exceeded, whatever is said', async () => {
  const maxBytes = 200_000;
  const step = fc.record({ id: fc.nat(60), length: fc.nat(40_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const { sessions } = sessionsOf(maxBytes);
      await say(sessions, request([user('mine')]), 'kept', 'key:2');
      for (const { id, length } of steps) {
        await say(sessions, request([user('x'.repeat(length))]), 'yes', 'key:1', String(id));
        assert.ok(sessions.bytes <= maxBytes);
      }
      assert.ok(sessions.list().some(({ owner }) => owner === 'key:2'));
      sessions.clear(() => true);
      assert.equal(sessions.bytes, 0);
    }),
    { numRuns: 30 },
  );
});
