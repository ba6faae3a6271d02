import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastSent, script } from '../../http/chat-support.ts';
import { sessionOf, workerOf } from '../../support/turns.ts';
import { conformance, Dialogue, drivers, killWorkerOf, originsDuring, usual, ways } from '../support.ts';

const tools = [
  {
    name: 'weather',
    description: 'Tells the weather.',
    schema: { type: 'object', properties: { city: { type: 'string' }, note: { type: 'string' } } },
  },
];
/** Cut where no JSON parser would cut: inside a key, a number, an escape and a character of two units. */
const pieces = ['', '{"ci', 'ty": "Tron', 'dheim", "no', 'te": "é 🌍 \\u00', 'e5 \\"x\\""', '}'];
const json = pieces.join('');
const toolUse = { type: 'tool_use', name: 'weather' } as const;
const calling = {
  kind: 'message',
  content: [
    { type: 'text', pieces: ['Let me ', 'look.'] },
    { ...toolUse, pieces },
    { ...toolUse, input: { city: 'Oslo' } },
  ],
} as const;

conformance('calls of tools', usual, (ocp) => {
  for (const { driver, stream, title } of ways) {
    test(`stream as the model wrote them, and their results go on in the process that waits (${title})`, async () => {
      script(ocp(), { when: { hasToolResults: true }, reply: 'Cold.' }, { reply: calling });
      const talk = new Dialogue(ocp(), driver, { stream, tools, system: 'Be brief.' });
      const asked = await talk.say('The weather?');
      assert.deepEqual([asked.stop, asked.text], ['calls', 'Let me look.']);
      const [first, second] = asked.calls;
      assert.ok(first !== undefined && second !== undefined && asked.calls.length === 2);
      assert.deepEqual([first.name, second.name], ['weather', 'weather']);
      assert.notEqual(first.id, second.id);
      assert.deepEqual(JSON.parse(first.json), JSON.parse(json));
      assert.deepEqual(JSON.parse(second.json), { city: 'Oslo' });
      if (stream) {
        assert.deepEqual(asked.textPieces, ['Let me ', 'look.']);
        // Anthropic's own client passes on the empty piece with which the API begins.
        assert.deepEqual(first.pieces.filter(Boolean), pieces.filter(Boolean));
      }

      const origins = await originsDuring(ocp(), async () => {
        // In another order than that of the calls.
        const answer = await talk.give({ id: second.id, content: 'rain' }, { id: first.id, content: 'snow' });
        assert.deepEqual([answer.text, answer.stop], ['Cold.', 'end']);
      });
      assert.deepEqual(origins, { live: 1, spare: 0, recycled: 0, started: 0 });
      const sent = ocp().simulator.log.messages();
      assert.equal(sent.length, 2, 'one API call for the question and one for the results');
      assert.equal(sessionOf(sent[0]), sessionOf(sent[1]));
      assert.equal(workerOf(sent[0]), workerOf(sent[1]));
      const [one, two] = lastSent(ocp()).messages.at(-1)?.content ?? [];
      assert.deepEqual([resultText(one), resultText(two)], ['snow', 'rain']);

      const followUp = await originsDuring(ocp(), async () => {
        script(ocp(), { reply: 'You are welcome.' });
        assert.equal((await talk.say('Thanks')).text, 'You are welcome.');
      });
      assert.equal(followUp.live, 1);
    });
  }

  for (const [index, driver] of drivers.entries()) {
    test(`whose process was killed are answered the same by another one (${driver.name})`, async () => {
      const stream = index % 2 === 0;
      script(ocp(), { when: { hasToolResults: true }, reply: 'Cold.' }, { reply: calling });
      const talk = new Dialogue(ocp(), driver, { stream, tools, system: 'Be brief.' });
      const { calls } = await talk.say('The weather?');
      const [asked] = ocp().simulator.log.messages();
      await killWorkerOf(asked);
      const results = calls.map(({ id }, index) => ({ id, content: `result ${index}` }));
      const origins = await originsDuring(ocp(), async () => {
        assert.equal((await talk.give(...results)).text, 'Cold.');
      });
      assert.equal(origins.live, 0);
      const sent = ocp().simulator.log.messages();
      assert.equal(sent.length, 2);
      assert.notEqual(sessionOf(sent[0]), sessionOf(sent[1]));
      const history = JSON.stringify(lastSent(ocp()).messages);
      assert.match(history, /Let me look\..*"city":"Trondheim","note":"é 🌍 å \\"x\\"".*result 0.*result 1/u);
    });
  }
});

function resultText(block: Readonly<Record<string, unknown>> | undefined): string {
  const { content } = block as { readonly content: string | readonly { readonly text: string }[] };
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}
