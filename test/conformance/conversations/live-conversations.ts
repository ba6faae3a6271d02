import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conversationOf, lastSent, script, sentBody } from '../../http/chat-support.ts';
import { untilHealth } from '../../support/health.ts';
import type { OcpOptions } from '../../support/ocp.ts';
import { sessionOf, workerOf } from '../../support/turns.ts';
import { messages } from '../drive/messages.ts';
import { responses } from '../drive/responses.ts';
import { conformance, Dialogue, drivers, originsDuring } from '../support.ts';

const owners: OcpOptions = {
  env: { CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: 'admin-key-of-the-test', PROXY_ANONYMOUS_KEY: 'public' },
  // Room for the conversations of three owners.
  config: { sparesMemoryMb: 2000 },
};
const words = (body: ReturnType<typeof lastSent>): string[] =>
  conversationOf(body).map(({ role, content }) => `${role}: ${content.map((block) => String(block['text'])).join('')}`);

conformance('live conversations', owners, (ocp) => {
  const log = () => ocp().simulator.log.messages();

  for (const [index, driver] of drivers.entries()) {
    const stream = index % 2 === 0;

    test(`a follow-up goes on in its process; an edited or branched one is told anew (${driver.name})`, async () => {
      script(ocp(), { reply: 'One.', times: 1 }, { reply: 'Two.', times: 1 }, { reply: 'Other.' });
      const talk = new Dialogue(ocp(), driver, { stream });
      await talk.say('First');
      const followUp = await originsDuring(ocp(), async () => talk.say('Second'));
      assert.equal(followUp.live, 1);
      assert.equal(sessionOf(log()[0]), sessionOf(log()[1]));
      // Without a spare, the worker of the first branch would be emptied for the second.
      await untilHealth(ocp(), ({ workers }) => workers.spares > 0);
      const branch = new Dialogue(ocp(), driver, { stream });
      branch.entries.push(...talk.entries.slice(0, 2));
      const branched = await originsDuring(ocp(), async () => branch.say('Another second'));
      assert.equal(branched.live, 0);
      assert.notEqual(sessionOf(log()[2]), sessionOf(log()[0]));
      assert.deepEqual(words(lastSent(ocp())), ['user: First', 'assistant: One.', 'user: Another second']);
      // The worker of the first branch still has the first branch.
      const further = await originsDuring(ocp(), async () => talk.say('Third'));
      assert.equal(further.live, 1);
      assert.deepEqual(words(lastSent(ocp())).slice(-2), ['assistant: Two.', 'user: Third']);
      assert.equal(log().length, 4);
    });

    test(`a client that names its conversation may send only what is new (${driver.name})`, async () => {
      for (const name of [{ extra: { session_id: 'n1' } }, { headers: { 'x-conversation-id': 'n2' } }]) {
        script(ocp(), { reply: 'One.', times: 1 }, { reply: 'Two.' });
        const terms = { stream, ...name };
        await new Dialogue(ocp(), driver, { ...terms, system: `Be brief ${driver.name}.` }).say('First');
        const origins = await originsDuring(ocp(), async () => new Dialogue(ocp(), driver, terms).say('Second'));
        assert.equal(origins.live, 1);
        assert.deepEqual(words(lastSent(ocp())), ['user: First', 'assistant: One.', 'user: Second']);
        await new Dialogue(ocp(), driver, terms).say('Third');
        assert.deepEqual(words(lastSent(ocp())).slice(2), ['user: Second', 'assistant: Two.', 'user: Third']);
      }
    });

    test(`a client that names its conversation may send all of it (${driver.name})`, async () => {
      script(ocp(), { reply: 'One.', times: 1 }, { reply: 'Two.' });
      const talk = new Dialogue(ocp(), driver, { stream, headers: { 'x-session-id': `whole ${index}` } });
      await talk.say('First');
      await talk.say('Second');
      const origins = await originsDuring(ocp(), async () => talk.say('Third'));
      assert.equal(origins.live, 1);
      assert.deepEqual(words(lastSent(ocp())), [
        'user: First',
        'assistant: One.',
        'user: Second',
        'assistant: Two.',
        'user: Third',
      ]);
    });
  }

  // What surfaces share: the same is asked of Chat Completions in test/claude.
  test('two requests for one conversation at once are both answered right', async () => {
    script(
      ocp(),
      { when: { text: 'left' }, reply: 'Left.' },
      { when: { text: 'right' }, reply: 'Right.' },
      { reply: 'One.' },
    );
    const talk = new Dialogue(ocp(), responses, { stream: true, system: 'Be brief.' });
    await talk.say('First');
    const sides = ['left', 'right'].map(async (side) => {
      const fork = new Dialogue(ocp(), responses, { stream: true, system: 'Be brief.' });
      fork.entries.push(...talk.entries);
      return (await fork.say(side)).text;
    });
    assert.deepEqual(await Promise.all(sides), ['Left.', 'Right.']);
    const [left, right] = log()
      .slice(1)
      .toSorted(
        (a, b) =>
          Number(words(sentBody(b)).at(-1) === 'user: left') - Number(words(sentBody(a)).at(-1) === 'user: left'),
      );
    assert.notEqual(workerOf(left), workerOf(right));
    assert.deepEqual(words(sentBody(left)), ['user: First', 'assistant: One.', 'user: left']);
    assert.deepEqual(words(sentBody(right)), ['user: First', 'assistant: One.', 'user: right']);
  });

  test('owners who send the same words never share a process or a name', async () => {
    script(ocp(), { reply: 'One.' });
    const keys = ['admin-key-of-the-test', 'public', 'any-other'];
    const said = keys.map(
      (key) => new Dialogue(ocp(), messages, { stream: false, key, extra: { session_id: 'same' } }),
    );
    for (const talk of said) await talk.say('First');
    const origins = await originsDuring(ocp(), async () => {
      for (const talk of said) await talk.say('Second');
    });
    assert.equal(origins.live, 3);
    assert.equal(new Set(log().map(workerOf)).size, 3);

    // One who sends another's whole conversation gets it replayed, not the other's worker.
    const [first, second] = said;
    assert.ok(first !== undefined && second !== undefined);
    const thief = new Dialogue(ocp(), messages, { stream: false, key: keys[1] ?? '' });
    thief.entries.push(...first.entries, { kind: 'user', content: 'Only mine' });
    await thief.say('Third');
    assert.notEqual(workerOf(log().at(-1)), workerOf(log()[0]));
    // And one who uses another's name gets nothing of what stands behind it.
    script(ocp(), { reply: 'Who?' });
    await new Dialogue(ocp(), messages, { stream: false, key: keys[0] ?? '', extra: { session_id: 'canary' } }).say(
      'My secret is CANARY',
    );
    await new Dialogue(ocp(), messages, { stream: false, key: keys[1] ?? '', extra: { session_id: 'canary' } }).say(
      'Go on',
    );
    assert.doesNotMatch(JSON.stringify(log().at(-1)?.body), /CANARY/u);
  });
});
