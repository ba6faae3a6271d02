import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sessions } from '../../src/gateway/sessions.ts';
import type { AssistantMessage, Message, MessagesRequest } from '../../src/wire/anthropic/request.ts';

const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const answer = (text: string): AssistantMessage => ({ role: 'assistant', content: [{ type: 'text', text }] });
const request = (messages: readonly Message[], system: readonly string[] = []): MessagesRequest => ({
  model: 'sonnet',
  system,
  messages,
  tools: [],
  toolChoice: { type: 'auto' },
  parallelToolUse: true,
  stopSequences: [],
});

function remembering(): { sessions: Sessions; clock: { now: number } } {
  const clock = { now: 0 };
  const sessions = new Sessions(
    () => 1000,
    () => clock.now,
  );
  sessions.remember('key:1', 'c', request([user('one')], ['be brief']), answer('first'));
  return { sessions, clock };
}

test('a client that names its conversation may send only what is new', () => {
  const { sessions } = remembering();
  const whole = sessions.extend('key:1', 'c', request([user('two')]));
  assert.deepEqual(whole.messages, [user('one'), answer('first'), user('two')]);
  assert.deepEqual(whole.system, ['be brief']);
});

test('a client that sends everything, a repeated first message, and a side request are left as they are', () => {
  const { sessions } = remembering();
  const complete = request([user('one'), answer('first'), user('two')], ['be brief']);
  const again = request([user('one')], ['be brief']);
  const side = request([user('a title, please')], ['you write titles']);
  for (const sent of [complete, again, side]) assert.equal(sessions.extend('key:1', 'c', sent), sent);
});

test('a name means nothing to another owner, after its time, or once it is cleared', () => {
  const { sessions, clock } = remembering();
  const sent = request([user('two')]);
  assert.equal(sessions.extend('key:2', 'c', sent), sent);
  clock.now = 1001;
  assert.equal(sessions.extend('key:1', 'c', sent), sent);
  assert.equal(sessions.list().length, 0);
  const fresh = remembering().sessions;
  assert.equal(
    fresh.clear(() => true),
    1,
  );
  assert.equal(fresh.extend('key:1', 'c', sent), sent);
});
