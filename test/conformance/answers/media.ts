import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { lastSent, script } from '../../http/chat-support.ts';
import { chat } from '../drive/chat.ts';
import type { Driver, Part } from '../drive/driver.ts';
import { messages } from '../drive/messages.ts';
import { conformance, Dialogue, drivers, usual, ways } from '../support.ts';

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const pdf = btoa('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF');

conformance('images and files', usual, (ocp) => {
  const fetched: string[] = [];
  const site = createServer((request, response) => {
    fetched.push(request.url ?? '');
    response.end();
  });
  site.on('connection', () => fetched.push('a connection'));
  let expected: unknown[] = [];
  let content: Part[] = [];
  before(async () => {
    await new Promise<void>((resolve) => {
      site.listen(0, '127.0.0.1', resolve);
    });
    const url = `https://127.0.0.1:${(site.address() as AddressInfo).port}/cat.png`;
    content = [{ text: 'Look:' }, { image: `data:image/png;base64,${png}` }, { image: url }, { pdf }];
    expected = [
      ['text', undefined],
      ['image', { type: 'base64', media_type: 'image/png', data: png }],
      ['image', { type: 'url', url }],
      ['document', { type: 'base64', media_type: 'application/pdf', data: pdf }],
    ];
  });
  after(() => site.close());

  const said: { readonly title: string; readonly driver: Driver; readonly stream: boolean; readonly talk: Dialogue }[] =
    [];
  for (const { driver, stream, title } of ways) {
    test(`reach the model unchanged; addresses are passed on (${title})`, async () => {
      script(ocp(), { reply: 'I see.' });
      const talk = new Dialogue(ocp(), driver, { stream });
      said.push({ title, driver, stream, talk });
      assert.equal((await talk.say(content)).text, 'I see.');
      assert.deepEqual(media(lastSent(ocp())), expected);
      assert.deepEqual(fetched, []);
    });
  }

  test('reach it unchanged where the history is told anew', async () => {
    assert.equal(said.length, ways.length);
    for (const { title, driver, stream, talk } of said) {
      script(ocp(), { reply: 'I see.' });
      const fresh = new Dialogue(ocp(), driver, { stream, system: 'So that it is told anew.' });
      fresh.entries.push(...talk.entries);
      await fresh.say('And now?');
      assert.deepEqual(media(lastSent(ocp())), expected, title);
    }
    assert.deepEqual(fetched, []);
  });

  test('what cannot be sent is refused by its place, before any API call', async () => {
    script(ocp());
    const large = `data:image/png;base64,iVBORw0KGgoA${'A'.repeat(15_000_000)}`;
    const many = Array.from({ length: 101 }, () => ({ image: `data:image/png;base64,${png}` }));
    const refusals: readonly (readonly [Part[], number, RegExp])[] = [
      [[{ image: 'data:image/bmp;base64,Qk0eAAAA' }], 415, /JPEG, PNG, GIF or WebP/u],
      [[{ image: 'http://example.org/cat.png' }], 400, /only fetches https/u],
      [[{ image: large }], 413, /10 MiB/u],
      [many, 400, /101 images; at most 100/u],
    ];
    for (const driver of drivers) {
      for (const [content, status, message] of refusals) {
        await assert.rejects(new Dialogue(ocp(), driver, { stream: true }).say(content), { status, message });
      }
    }
    const broken = new Dialogue(ocp(), chat, { stream: false }).say([
      { text: 'x' },
      { image: 'data:image/png;base64,?' },
    ]);
    await assert.rejects(broken, { status: 400, param: 'messages[0].content[1].image_url.url' });
    const audio = {
      messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: '', format: 'mp3' } }] }],
    };
    await assert.rejects(new Dialogue(ocp(), chat, { stream: false, extra: audio }).say(''), { status: 400 });
    const uploaded = {
      messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f_1' } }] }],
    };
    await assert.rejects(new Dialogue(ocp(), messages, { stream: false, extra: uploaded }).say(''), { status: 400 });
    assert.equal(ocp().simulator.log.messages().length, 0);
  });
});

/** The first message's blocks that the client sent, by type and source. */
function media({ messages: sent }: ReturnType<typeof lastSent>): unknown[] {
  const blocks = sent[0]?.content ?? [];
  const own = blocks.filter(
    (block) => !/^"\s*<(?:system-reminder|command-|local-command-)/u.test(JSON.stringify(block['text'] ?? '')),
  );
  return own.map((block) => [block['type'], block['source']]);
}
