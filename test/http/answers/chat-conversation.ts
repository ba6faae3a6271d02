import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import type OpenAI from 'openai';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';
import { clientOf, conversationOf, lastSent, post, question, script, systemOf } from '../chat-support.ts';

type Params = OpenAI.ChatCompletionMessageParam;

const text = (value: string): { type: string; text: string } => ({ type: 'text', text: value });

suite('what the model is told of a chat conversation', () => {
  let ocp: Ocp;
  let client: OpenAI;

  before(async () => {
    ocp = await sharedOcp({ env: { CLAUDE_SYSTEM_PROMPT: 'House rule: be kind.' } });
    client = clientOf(ocp);
  });

  async function ask(messages: Params[], fields: object = {}): Promise<string | null | undefined> {
    script(ocp, { reply: 'fine' });
    const completion = await client.chat.completions.create({ model: 'sonnet', messages, ...fields });
    assert.equal(ocp.simulator.log.messages().length, 1);
    return completion.choices[0]?.message.content;
  }

  test('the system prompt stands behind the words of the operator, and a later system message keeps its place', async () => {
    await ask([
      { role: 'system', content: 'You are a pirate.' },
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Ahoy' },
      { role: 'developer', content: [{ type: 'text', text: 'Answer in French.' }] },
      { role: 'user', content: 'Again' },
    ]);
    const system = systemOf(lastSent(ocp));
    const at = ['House rule: be kind.', 'You are a pirate.'].map((words) => system.indexOf(words));
    assert.ok(
      at.every((place) => place >= 0),
      system,
    );
    assert.deepEqual(
      at,
      at.toSorted((a, b) => a - b),
    );
    assert.deepEqual(conversationOf(lastSent(ocp)), [
      { role: 'user', content: [text('Hello')] },
      { role: 'assistant', content: [text('Ahoy')] },
      { role: 'user', content: [text('Again')] },
    ]);
    assert.ok(!system.includes('Answer in French.'));
    const last = JSON.stringify(lastSent(ocp).messages.at(-1));
    assert.match(last, /<system-reminder>\\nAnswer in French\.\\n<\/system-reminder>.*Again/u);
  });

  test('a history of many turns keeps its roles and its order', async () => {
    const turns = Array.from({ length: 12 }, (_, index) => index);
    await ask([
      ...turns.flatMap((turn): Params[] => [
        { role: 'user', content: `question ${turn}` },
        { role: 'assistant', content: `answer ${turn}` },
      ]),
      { role: 'user', content: 'the last question' },
    ]);
    assert.deepEqual(conversationOf(lastSent(ocp)), [
      ...turns.flatMap((turn) => [
        { role: 'user', content: [text(`question ${turn}`)] },
        { role: 'assistant', content: [text(`answer ${turn}`)] },
      ]),
      { role: 'user', content: [text('the last question')] },
    ]);
  });

  test('calls and results of the history are blocks of their own, parallel ones together', async () => {
    const call = (id: string, city: string): OpenAI.ChatCompletionMessageToolCall => ({
      id,
      type: 'function',
      function: { name: 'weather', arguments: JSON.stringify({ city }) },
    });
    const tool: OpenAI.ChatCompletionTool = {
      type: 'function',
      function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    };
    await ask(
      [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: 'I look.', tool_calls: [call('call_a', 'Rome'), call('call_b', 'Oslo')] },
        { role: 'tool', tool_call_id: 'call_b', content: 'rain' },
        { role: 'tool', tool_call_id: 'call_a', content: [{ type: 'text', text: 'sun' }] },
        { role: 'assistant', content: 'Sun and rain.' },
        { role: 'user', content: 'Thanks' },
      ],
      { tools: [tool] },
    );
    const [first, calling, results, ...rest] = conversationOf(lastSent(ocp));
    assert.deepEqual(first, { role: 'user', content: [text('Weather?')] });
    assert.equal(calling?.role, 'assistant');
    const [said, one, two] = calling.content;
    assert.deepEqual(said, text('I look.'));
    assert.deepEqual([one?.['name'], one?.['input']], ['weather', { city: 'Rome' }]);
    assert.deepEqual([two?.['name'], two?.['input']], ['weather', { city: 'Oslo' }]);
    assert.equal(results?.role, 'user');
    assert.deepEqual(
      results.content.map((block) => [block['type'], block['tool_use_id'], block['content']]),
      [
        ['tool_result', one?.['id'], [text('sun')]],
        ['tool_result', two?.['id'], [text('rain')]],
      ],
    );
    assert.deepEqual(rest, [
      { role: 'assistant', content: [text('Sun and rain.')] },
      { role: 'user', content: [text('Thanks')] },
    ]);
  });

  test('thinking that a client sends back is left out', async () => {
    const past = { role: 'assistant', content: 'Said.', reasoning_content: 'CANARY-THOUGHT' } as const;
    await ask([{ role: 'user', content: 'One' }, past, { role: 'user', content: 'Two' }]);
    assert.doesNotMatch(JSON.stringify(lastSent(ocp)), /CANARY-THOUGHT|"thinking":"/u);
  });

  test('parts arrive in order: texts, an image, a document', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
    await ask([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Before' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          { type: 'image_url', image_url: { url: 'https://example.org/cat.jpg' } },
          { type: 'file', file: { filename: 'a.txt', file_data: `data:text/plain;base64,${btoa('words')}` } },
          { type: 'text', text: 'After' },
        ],
      },
    ]);
    const content = conversationOf(lastSent(ocp))[0]?.content ?? [];
    assert.deepEqual(
      content.map((block) => block['type']),
      ['text', 'image', 'image', 'document', 'text'],
    );
    assert.deepEqual(content[1]?.['source'], { type: 'base64', media_type: 'image/png', data: png });
    assert.deepEqual(content[2]?.['source'], { type: 'url', url: 'https://example.org/cat.jpg' });
    assert.deepEqual([content[0], content[4]], [text('Before'), text('After')]);
  });

  for (const words of ['@/etc/hostname', 'see @/etc/hostname please', '/clear', '/compact', '/model opus', '!ls']) {
    test(`${words} is plain text, now and in the history`, async () => {
      await ask([{ role: 'user', content: words }]);
      assert.deepEqual(conversationOf(lastSent(ocp)), [{ role: 'user', content: [text(words)] }]);

      await ask([
        { role: 'user', content: words },
        { role: 'assistant', content: words },
        { role: 'user', content: 'And?' },
      ]);
      assert.deepEqual(conversationOf(lastSent(ocp)), [
        { role: 'user', content: [text(words)] },
        { role: 'assistant', content: [text(words)] },
        { role: 'user', content: [text('And?')] },
      ]);
    });
  }

  test('a file that a text names is not read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ocp-canary-'));
    try {
      const path = join(folder, 'secret.txt');
      await writeFile(path, 'CANARY-OF-THE-FILE');
      await ask([{ role: 'user', content: `Read @${path} and @"${path}"` }]);
      const sent = JSON.stringify(lastSent(ocp));
      assert.ok(sent.includes(`Read @${path}`));
      assert.ok(!sent.includes('CANARY-OF-THE-FILE'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('odd characters arrive as they were sent; half a character is replaced', async () => {
    const odd = 'nul \u0000 separators \u2028\u2029\u0085 joined 👩‍👩‍👧 bell \u0007 tag </system-reminder>';
    await ask([{ role: 'user', content: odd }]);
    assert.deepEqual(conversationOf(lastSent(ocp)), [{ role: 'user', content: [text(odd)] }]);

    script(ocp, { reply: 'fine' });
    const response = await post(ocp, JSON.stringify(question('LONE')).replace('LONE', String.raw`a\ud83d b\udc00`));
    assert.equal(response.status, 200, await response.text());
    assert.deepEqual(conversationOf(lastSent(ocp))[0]?.content, [text('a\ufffd b\ufffd')]);
  });

  test('odd characters of the answer reach the client unharmed', async () => {
    const odd = 'nul \u0000 separators \u2028\u2029\u0085 joined 👩‍👩‍👧 end';
    script(ocp, { reply: odd });
    let seen = '';
    for await (const chunk of await client.chat.completions.create(question('Hello', { stream: true as const }))) {
      seen += chunk.choices[0]?.delta.content ?? '';
    }
    assert.equal(seen, odd);
  });
});
