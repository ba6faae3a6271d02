import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toolAnswer } from '../../../simulator/index.ts';
import { lastSent, script } from '../../http/chat-support.ts';
import { messages } from '../drive/messages.ts';
import type { Part, Result } from '../drive/driver.ts';
import { conformance, Dialogue, drivers, killWorkerOf, originsDuring, usual } from '../support.ts';

const tools = [{ name: 'look', schema: { type: 'object', properties: {} } }];
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } };

type Block = Readonly<Record<string, unknown>>;

/** The only tool result of the newest user message that the API received; its text is blocks, however it came. */
function result(sent: ReturnType<typeof lastSent>): { readonly content: readonly Block[]; readonly isError: boolean } {
  const newest = sent.messages.findLast(({ role }) => role === 'user');
  const results = newest?.content.filter(({ type }) => type === 'tool_result') ?? [];
  assert.equal(results.length, 1);
  const { content, is_error: isError } = results[0] as {
    readonly content: string | Block[];
    readonly is_error?: boolean;
  };
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return { content: blocks.map(({ cache_control: _mark, ...block }) => block), isError: isError ?? false };
}

conformance('what a tool answers', usual, (ocp) => {
  for (const [index, driver] of drivers.entries()) {
    const stream = index % 2 === 0;

    /** Lets the model call the tool, answers, and tells how the result came to the API and through which worker. */
    async function tell(talk: Dialogue, content: Result['content'], isError?: true) {
      script(ocp(), { when: { hasToolResults: true }, reply: 'Seen.' }, { reply: toolAnswer('look') });
      const { calls } = await talk.say('Look');
      const origins = await originsDuring(ocp(), async () => {
        const answer = await talk.give({ id: calls[0]?.id ?? '', content, ...(isError ? { isError } : {}) });
        assert.equal(answer.text, 'Seen.');
      });
      assert.equal(ocp().simulator.log.messages().length, 2);
      return { ...result(lastSent(ocp())), isLive: origins.live === 1 };
    }

    test(`text, parts and images go into the process that waits (${driver.name})`, async () => {
      const talk = new Dialogue(ocp(), driver, { stream, tools });
      const text = 'Line one\n{"json": true} 🌍';
      assert.deepEqual(await tell(talk, text), { content: [{ type: 'text', text }], isError: false, isLive: true });

      const parts = [{ text: 'one' }, { text: 'two' }];
      const told = await tell(talk, parts);
      assert.deepEqual([told.content.map((block) => block['text']).join(''), told.isLive], ['onetwo', true]);

      const seen = await tell(talk, [{ text: 'a picture' }, { image: `data:image/png;base64,${png}` }]);
      assert.deepEqual(seen, { content: [{ type: 'text', text: 'a picture' }, image], isError: false, isLive: true });
    });

    test(`a long text arrives whole (${driver.name})`, async () => {
      const talk = new Dialogue(ocp(), driver, { stream, tools });
      const long = 'forty characters of a rather long text. '.repeat(3000);
      const held = await tell(talk, long);
      assert.equal(held.content.map((block) => block['text']).join(''), long, 'over 25 000 tokens');
      assert.equal(held.isLive, true);

      const longer = long.repeat(4) + 'x'.repeat(30_000);
      assert.ok(longer.length > 500_000);
      const replayed = await tell(talk, longer);
      assert.equal(replayed.content.map((block) => block['text']).join(''), longer, 'over 500 000 characters');
      assert.equal(replayed.isLive, false);
    });

    test(`an image arrives also where its process was killed (${driver.name})`, async () => {
      script(ocp(), { when: { hasToolResults: true }, reply: 'Seen.' }, { reply: toolAnswer('look') });
      const talk = new Dialogue(ocp(), driver, { stream: !stream, tools });
      const { calls } = await talk.say('Look');
      await killWorkerOf(ocp().simulator.log.messages()[0]);
      const content: Part[] = [{ text: 'a picture' }, { image: `data:image/png;base64,${png}` }];
      assert.equal((await talk.give({ id: calls[0]?.id ?? '', content })).text, 'Seen.');
      assert.deepEqual(result(lastSent(ocp())).content, [{ type: 'text', text: 'a picture' }, image]);
      assert.equal(ocp().simulator.log.messages().length, 2);
    });
  }

  test('a failure is told as one, with its images', async () => {
    const talk = new Dialogue(ocp(), messages, { stream: true, tools });
    const ask = async (content: Result['content']) => {
      script(ocp(), { when: { hasToolResults: true }, reply: 'I see.' }, { reply: toolAnswer('look') });
      const { calls } = await talk.say('Look');
      assert.equal((await talk.give({ id: calls[0]?.id ?? '', content, isError: true })).text, 'I see.');
      assert.equal(ocp().simulator.log.messages().length, 2);
      return result(lastSent(ocp()));
    };
    assert.deepEqual(await ask('no such file'), { content: [{ type: 'text', text: 'no such file' }], isError: true });
    const pictured = await ask([{ text: 'broken' }, { image: `data:image/png;base64,${png}` }]);
    assert.deepEqual(pictured, { content: [{ type: 'text', text: 'broken' }], isError: true });
    const newest = lastSent(ocp()).messages.findLast(({ role }) => role === 'user');
    assert.partialDeepStrictEqual(newest?.content[1], image, 'the API takes it beside the result only');
  });

  test('an answer of nothing, or of white space, goes in without words of the CLI', async () => {
    for (const driver of drivers) {
      for (const content of ['', ' \n']) {
        script(ocp(), { when: { hasToolResults: true }, reply: 'Nothing.' }, { reply: toolAnswer('look') });
        const talk = new Dialogue(ocp(), driver, { stream: false, tools });
        const { calls } = await talk.say('Look');
        assert.equal((await talk.give({ id: calls[0]?.id ?? '', content })).text, 'Nothing.', driver.name);
        assert.equal(ocp().simulator.log.messages().length, 2);
        const texts = result(lastSent(ocp())).content.map((block) => block['text']);
        assert.equal(texts.join('').trim(), '', 'the model reads no words that nobody said');
      }
    }
  });
});
