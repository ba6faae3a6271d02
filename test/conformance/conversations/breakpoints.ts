import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastSent, script } from '../../http/chat-support.ts';
import { chat } from '../drive/chat.ts';
import type { Answer } from '../drive/driver.ts';
import { breakpoints, conformance, Dialogue, killWorkerOf, originsDuring, usual } from '../support.ts';

const saidElsewhere = { native: { role: 'assistant', content: 'Said by another server.' } } as Answer;

conformance('cache breakpoints', usual, (ocp) => {
  test('a conversation that goes on from what others answered never gets more than four', async () => {
    script(ocp(), { reply: 'Fine.' });
    const talk = new Dialogue(ocp(), chat, { stream: true, system: 'Be brief.' });
    await talk.say('First');
    await killWorkerOf(ocp().simulator.log.messages().at(-1));
    await talk.say('Second, told anew');
    for (let turn = 0; turn < 4; turn += 1) {
      talk.entries.push(
        { kind: 'user', content: `Asked elsewhere ${turn}` },
        { kind: 'answer', answer: saidElsewhere },
      );
      const { live } = await originsDuring(ocp(), async () => talk.say(`Asked here ${turn}`));
      assert.equal(live, 1);
    }
    assert.match(JSON.stringify(lastSent(ocp()).messages), /Asked elsewhere 0.*another server.*Asked here 3/u);
    for (const record of ocp().simulator.log.messages()) assert.ok(breakpoints(record) <= 4, `${breakpoints(record)}`);
  });
});
