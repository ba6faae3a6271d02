import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import type { RequestRecord } from '../../simulator/index.ts';
import { untilHealth, workerHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import type { ChatMessage } from '../support/turns.ts';
import { assistant, chat, messagesOf, sessionOf, system, user, workerOf } from '../support/turns.ts';

/** A long past as a client keeps it: every word in it is in one place only. */
function past(pairs: number): readonly ChatMessage[] {
  return Array.from({ length: pairs }, (_, index) => [user(`question ${index}`), assistant(`answer ${index}`)]).flat();
}

const asSent = (messages: readonly ChatMessage[]): readonly (readonly [string, string])[] =>
  messages.filter(({ role }) => role !== 'system').map(({ role, content }) => [role, content]);

suite('a conversation', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await startOcp({ config: { sparesMemoryMb: 1500 } });
  });
  after(async () => ocp[Symbol.asyncDispose]());
  beforeEach(() => ocp.simulator.log.clear());

  async function origins(): Promise<Readonly<Record<string, number>>> {
    return (await workerHealth(ocp)).workers.origins;
  }

  async function idle(): Promise<void> {
    await untilHealth(ocp, ({ workers }) => workers.busy === 0);
  }

  const records = (): readonly RequestRecord[] => ocp.simulator.log.messages();

  test('goes on in the process that has it, turn after turn', async () => {
    const { live = 0 } = await origins();
    const messages: ChatMessage[] = [system('Be brief.')];
    for (const [index, word] of ['one', 'two', 'three'].entries()) {
      messages.push(user(`[[text:${word}]]`));
      const { text } = await chat(ocp, messages);
      assert.equal(text, word);
      messages.push(assistant(text));
      assert.equal((await origins())['live'], live + index);
    }
    assert.equal(new Set(records().map(sessionOf)).size, 1);
    assert.equal(new Set(records().map(workerOf)).size, 1);
    assert.deepEqual(messagesOf(records().at(-1)), asSent(messages.slice(0, -1)));
    // Only what is new was said: all that was sent before is read from the prompt cache.
    const [, second, third] = records().map(({ usage }) => Number(usage?.['cache_read_input_tokens']));
    assert.ok(second !== undefined && third !== undefined && third > second);
  });

  test('whose history was edited is told anew, with the same result as a fresh one', async () => {
    const first = await chat(ocp, [user('[[text:It is red.]]')]);
    await idle();
    const { live } = await origins();
    const edited = [user('[[text:It is red.]]'), assistant('It is blue.'), user('[[text:So be it.]]')];
    assert.equal(first.text, 'It is red.');
    assert.equal((await chat(ocp, edited)).text, 'So be it.');
    assert.equal((await origins())['live'], live);
    const [before, after] = records();
    assert.notEqual(sessionOf(after), sessionOf(before));
    assert.deepEqual(messagesOf(after), asSent(edited));
  });

  test('can branch: both branches go on from the same words, and neither sees the other', async () => {
    // With none left, the worker of one branch would be emptied for the other.
    await untilHealth(ocp, ({ workers }) => workers.spares >= 2);
    const root = [user('[[text:Root]]'), assistant((await chat(ocp, [user('[[text:Root]]')])).text)];
    const left = [...root, user('[[text:Left]]')];
    const right = [...root, user('[[text:Right]]')];
    assert.equal((await chat(ocp, left)).text, 'Left');
    assert.equal((await chat(ocp, right)).text, 'Right');
    const [, leftRecord, rightRecord] = records();
    assert.deepEqual(messagesOf(leftRecord), asSent(left));
    assert.deepEqual(messagesOf(rightRecord), asSent(right));
    const { live = 0 } = await origins();
    await idle();
    for (const branch of [left, right]) {
      const text = branch === left ? 'Left' : 'Right';
      await chat(ocp, [...branch, assistant(text), user('Go on')]);
    }
    assert.equal((await origins())['live'], live + 2);
    assert.equal(sessionOf(records()[3]), sessionOf(leftRecord));
    assert.equal(sessionOf(records()[4]), sessionOf(rightRecord));
  });

  test('that is asked two things at once answers both, each in a process of its own', async () => {
    const root = [user('[[text:Twins]]'), assistant((await chat(ocp, [user('[[text:Twins]]')])).text)];
    await idle();
    const asked = ['A', 'B'].map((name) => [...root, user(`[[text:${name}]][[delay:100]]`)]);
    const answers = await Promise.all(asked.map(async (messages) => chat(ocp, messages)));
    assert.deepEqual(
      answers.map(({ text }) => text),
      ['A', 'B'],
    );
    const both = records().slice(1);
    assert.notEqual(sessionOf(both[0]), sessionOf(both[1]));
    assert.deepEqual(new Set(both.map(messagesOf)), new Set(asked.map(asSent)));
  });

  test('that OCP has never seen is told in the order and the roles in which it was', async () => {
    const messages = [system('Be brief.'), ...past(30), user('And now?')];
    assert.equal((await chat(ocp, messages)).status, 200);
    assert.deepEqual(messagesOf(records()[0]), asSent(messages));
  });

  test('may say @ and / without OCP reading files or running commands', async () => {
    const messages = [
      user('@/etc/passwd'),
      assistant('/clear'),
      user('/clear'),
      assistant('no'),
      user('/etc/passwd @/etc/hosts'),
    ];
    assert.equal((await chat(ocp, messages)).status, 200);
    assert.deepEqual(messagesOf(records()[0]), asSent(messages));
    assert.doesNotMatch(JSON.stringify(records()[0]?.body), /root:|localhost/u);
  });
});
