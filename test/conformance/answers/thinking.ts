import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toolAnswer } from '../../../simulator/index.ts';
import { lastSent, script } from '../../http/chat-support.ts';
import { messages } from '../drive/messages.ts';
import { responses } from '../drive/responses.ts';
import { conformance, Dialogue, killWorkerOf, originsDuring, usual, ways } from '../support.ts';

const tools = [{ name: 'look', schema: { type: 'object', properties: {} } }];
const signature = 'c2lnbmF0dXJlIG9mIHRoZSBzaW11bGF0b3I=';
const thinking = 'First I look 🌍, then I say.';
const thought = { type: 'thinking', text: thinking, signature } as const;
const thoughtful = { kind: 'message', content: [thought, { type: 'text', text: 'Said.' }] } as const;
const calling = { kind: 'message', content: [thought, ...toolAnswer('look').content] } as const;
/** As the API gave it, and as it has to come back. */
const block = { type: 'thinking', thinking, signature };

conformance('thinking', usual, (ocp) => {
  for (const { driver, stream, title } of ways) {
    test(`the effort goes in, the thoughts come out apart from the text (${title})`, async () => {
      script(ocp(), { reply: thoughtful });
      const answer = await new Dialogue(ocp(), driver, { stream, effort: 'high' }).say('Think');
      assert.deepEqual([answer.text, answer.reasoning], ['Said.', thinking]);
      assert.equal(lastSent(ocp()).output_config?.effort, 'high');
    });
  }

  for (const driver of [responses, messages]) {
    test(`signed thoughts go back to the API intact, live and replayed (${driver.name})`, async () => {
      const stream = driver === responses;
      script(ocp(), { when: { hasToolResults: true }, reply: thoughtful }, { reply: calling });
      const talk = new Dialogue(ocp(), driver, { stream, tools, effort: 'low' });
      const { calls } = await talk.say('Think');
      const live = await originsDuring(ocp(), async () => {
        assert.equal((await talk.give({ id: calls[0]?.id ?? '', content: 'seen' })).text, 'Said.');
      });
      assert.equal(live.live, 1);
      assert.deepEqual(thoughts(ocp().simulator.log.messages().at(-1)?.body), [block]);

      await killWorkerOf(ocp().simulator.log.messages().at(-1));
      const replayed = await originsDuring(ocp(), async () => {
        const again = await talk.say('Think again');
        await killWorkerOf(ocp().simulator.log.messages().at(-1));
        await talk.give({ id: again.calls[0]?.id ?? '', content: 'seen again' });
      });
      assert.equal(replayed.live, 0);
      assert.deepEqual(thoughts(lastSent(ocp())), [block, block, block]);
    });
  }

  test('a budget and adaptive thinking are efforts; disabled is none', async () => {
    const ask = async (extra: Readonly<Record<string, unknown>>) => {
      script(ocp(), { reply: 'Said.' });
      await new Dialogue(ocp(), messages, { stream: true, extra }).say('Think');
      return lastSent(ocp());
    };
    const { output_config: config } = await ask({
      thinking: { type: 'enabled', budget_tokens: 20_000 },
      max_tokens: 32_000,
    });
    assert.equal(config?.effort, 'high');
    assert.notEqual((await ask({ thinking: { type: 'adaptive' } })).thinking?.type, 'disabled');
    assert.notEqual((await ask({ thinking: { type: 'disabled' } })).thinking?.type, 'adaptive');
  });

  test('each request of a conversation is told what it asks, and nothing where it asks nothing', async () => {
    const talk = new Dialogue(ocp(), messages, { stream: false });
    const asked = [{ type: 'adaptive', display: 'omitted' }, undefined, { type: 'adaptive', display: 'summarized' }];
    for (const thinking of asked) {
      script(ocp(), { reply: thoughtful });
      const answer = await talk.say('Think', { extra: thinking === undefined ? {} : { thinking } });
      assert.deepEqual(lastSent(ocp()).thinking, thinking);
      assert.equal(answer.reasoning, thinking === undefined ? '' : 'First I look 🌍, then I say.');
    }
  });

  test('reasoning items keep the thoughts to themselves where no summary is asked for', async () => {
    script(ocp(), { reply: thoughtful });
    const extra = { reasoning: { effort: 'low' }, include: ['reasoning.encrypted_content'] };
    const talk = new Dialogue(ocp(), responses, { stream: true, extra });
    const answer = await talk.say('Think');
    assert.deepEqual([answer.text, answer.reasoning], ['Said.', '']);
    assert.doesNotMatch(JSON.stringify(answer.native), /First I look/u);
  });
});

/** All thinking blocks that the API received. */
function thoughts(body: unknown): unknown[] {
  const { messages: sent } = body as { readonly messages: readonly { readonly content: unknown }[] };
  return sent
    .flatMap(({ content }) => (Array.isArray(content) ? content : []))
    .filter((part) => part.type === 'thinking');
}
