import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type OpenAI from 'openai';
import { textAnswer, thinkingAnswer } from '../../../simulator/index.ts';
import type { Ocp } from '../../support/ocp.ts';
import { startOcp } from '../../support/ocp.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { clientOf, conversationOf, errorOf, lastSent, script } from '../chat-support.ts';

const text = (words: string): object => ({ type: 'text', text: words });
const notFound = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' };
const day = 86_400_000;

suite('kept responses', () => {
  let ocp: Ocp;
  let client: OpenAI;
  let clock = Date.now();

  before(async () => {
    ocp = await startOcp({
      env: { CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: 'admin-key', PROXY_ANONYMOUS_KEY: 'anyone' },
      now: () => clock,
    });
    client = clientOf(ocp);
  });
  after(async () => ocp[Symbol.asyncDispose]());

  async function ask(input: string, fields: object = {}, by = client): Promise<OpenAI.Responses.Response> {
    return by.responses.create({ model: 'sonnet', input, ...fields });
  }

  test('a chain goes on with the whole conversation in its own blocks, without the earlier instructions', async () => {
    script(
      ocp,
      { reply: thinkingAnswer('aha', 'One'), times: 1 },
      { reply: textAnswer('Two'), times: 1 },
      { reply: 'Three' },
    );
    const first = await ask('1?', { instructions: 'Count.' });
    const second = await client.responses
      .stream({ model: 'sonnet', input: '2?', previous_response_id: first.id })
      .finalResponse();
    await ask('3?', { previous_response_id: second.id });
    const [question, answer, ...rest] = conversationOf(lastSent(ocp));
    assert.deepEqual(question, { role: 'user', content: [text('1?')] });
    assert.deepEqual(
      answer?.content.map((block) => block['type']),
      ['thinking', 'text'],
    );
    assert.deepEqual(rest, [
      { role: 'user', content: [text('2?')] },
      { role: 'assistant', content: [text('Two')] },
      { role: 'user', content: [text('3?')] },
    ]);
    assert.equal(JSON.stringify(lastSent(ocp).system).includes('Count.'), false);
    script(ocp, { reply: 'Another two' });
    assert.equal((await ask('Or 2?', { previous_response_id: first.id })).output_text, 'Another two');
    assert.equal(conversationOf(lastSent(ocp)).length, 3);
  });

  test('an item reference stands for the kept item', async () => {
    script(ocp, { reply: textAnswer('A blue door'), times: 1 }, { reply: 'Blue' });
    const first = await ask('What is there?');
    await client.responses.create({
      model: 'sonnet',
      input: [
        { role: 'user', content: 'What is there?' },
        { type: 'item_reference', id: first.output[0]?.id ?? '' },
        { role: 'user', content: 'Its colour?' },
      ],
    });
    assert.deepEqual(conversationOf(lastSent(ocp))[1], { role: 'assistant', content: [text('A blue door')] });
    const unknown = client.responses.create({ model: 'sonnet', input: [{ type: 'item_reference', id: 'msg_none' }] });
    await assert.rejects(unknown, { status: 400, param: 'input[0].id' });
  });

  test('a response is read as it was answered, its reasoning encrypted where that is asked for', async () => {
    script(ocp, { reply: thinkingAnswer('hm', 'Yes') });
    const made = await ask('Really?', { metadata: { a: 'b' } });
    assert.deepEqual(await client.responses.retrieve(made.id), made);
    const whole = await client.responses.retrieve(made.id, { include: ['reasoning.encrypted_content'] });
    assert.ok(whole.output[0]?.type === 'reasoning' && typeof whole.output[0].encrypted_content === 'string');
    const streamed = client.responses.retrieve(made.id, { stream: true });
    await assert.rejects(streamed, { status: 400, code: 'unsupported_parameter', param: 'stream' });
  });

  test('what is not to be kept, was deleted or never was is not found', async () => {
    script(ocp, { reply: 'ok' });
    const unkept = await ask('Hi', { store: false });
    const deleted = await ask('Hi');
    const successor = await ask('And?', { previous_response_id: deleted.id });
    const answer = await fetch(`${ocp.url}/v1/responses/${deleted.id}`, { method: 'DELETE' });
    assert.deepEqual(await answer.json(), { id: deleted.id, object: 'response', deleted: true });
    for (const id of [unkept.id, deleted.id, 'resp_none']) {
      await assert.rejects(client.responses.retrieve(id), { status: 404, code: 'not_found' });
      await assert.rejects(client.responses.delete(id), { status: 404 });
      await assert.rejects(ask('And?', { previous_response_id: id }), notFound);
    }
    await assert.rejects(ask('And?', { previous_response_id: successor.id }), notFound);
    assert.equal((await client.responses.retrieve(successor.id)).id, successor.id);
  });

  test('the input is listed in pages, in either order', async () => {
    script(ocp, { reply: 'ok' });
    const words = Array.from({ length: 7 }, (_, index) => `word ${index}`);
    const { id } = await client.responses.create({
      model: 'sonnet',
      input: words.map((content) => ({ role: 'user', content })),
    });
    const listed = async (query: OpenAI.Responses.InputItemListParams): Promise<(string | undefined)[]> => {
      const found: (string | undefined)[] = [];
      for await (const item of client.responses.inputItems.list(id, query)) {
        assert.ok(item.type === 'message' && item.content[0]?.type === 'input_text');
        found.push(item.content[0].text);
      }
      return found;
    };
    assert.deepEqual(await listed({ order: 'asc', limit: 3 }), words);
    assert.deepEqual(await listed({ limit: 2 }), words.toReversed());
    const page = await client.responses.inputItems.list(id, { limit: 7, order: 'asc' });
    assert.equal(page.has_more, false);
    const last = page.data.at(-1)?.id ?? '';
    const before = await fetch(`${ocp.url}/v1/responses/${id}/input_items?order=asc&limit=2&before=${last}`);
    const { data, has_more: hasMore } = (await before.json()) as { data: { id: string }[]; has_more: boolean };
    assert.deepEqual([data.map((item) => item.id), hasMore], [page.data.slice(4, 6).map((item) => item.id), true]);
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'order=up', 'after=msg_none']) {
      const refused = await fetch(`${ocp.url}/v1/responses/${id}/input_items?${query}`);
      assert.deepEqual([refused.status, (await errorOf(refused)).param], [400, query.split('=')[0]]);
    }
  });

  test('nobody finds what another caller keeps, nor an item of it', async () => {
    script(ocp, { reply: 'a secret' });
    const { id, output } = await ask('Tell me a secret');
    for (const other of [clientOf(ocp, 'anyone'), clientOf(ocp, 'admin-key')]) {
      await assert.rejects(other.responses.retrieve(id), { status: 404 });
      await assert.rejects(other.responses.inputItems.list(id), { status: 404 });
      await assert.rejects(other.responses.delete(id), { status: 404 });
      await assert.rejects(other.responses.cancel(id), { status: 404 });
      await assert.rejects(ask('And?', { previous_response_id: id }, other), notFound);
      const reference = { type: 'item_reference', id: output[0]?.id ?? '' } as const;
      await assert.rejects(other.responses.create({ model: 'sonnet', input: [reference] }), { param: 'input[0].id' });
    }
    assert.equal((await client.responses.retrieve(id)).id, id);
  });

  test('a finished response cannot be cancelled', async () => {
    script(ocp, { reply: 'ok' });
    const { id } = await ask('Hi');
    await assert.rejects(client.responses.cancel(id), { status: 400, code: 'invalid_request' });
  });

  test('a client that hangs up leaves nothing behind', async () => {
    script(ocp, { reply: textAnswer(['one ', 'two '], { fault: { kind: 'stall', afterTokens: 1 } }) });
    const stream = await client.responses.create({ model: 'sonnet', input: 'Talk', stream: true });
    let id = '';
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id;
      if (event.type === 'response.output_text.delta') break;
    }
    assert.match(id, /^resp_/);
    script(ocp, { reply: 'ok' });
    await ask('Next');
    await assert.rejects(client.responses.retrieve(id), { status: 404 });
  });

  test('responses are kept for 30 days after their chain was last used', async () => {
    script(ocp, { reply: 'ok' });
    const first = await ask('Hi');
    clock += 29 * day;
    const second = await ask('And?', { previous_response_id: first.id });
    clock += 29 * day;
    assert.equal((await client.responses.retrieve(first.id)).id, first.id);
    clock += day;
    await assert.rejects(client.responses.retrieve(second.id), { status: 404 });
    await assert.rejects(ask('And?', { previous_response_id: second.id }), notFound);
  });

  test('a WebSocket is declined at once', async () => {
    const status = await new Promise((resolve, reject) => {
      request(`${ocp.url}/v1/responses`, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-key': 'AAAA',
          'sec-websocket-version': '13',
        },
      })
        .on('response', (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on('error', reject)
        .end();
    });
    assert.equal(status, 426);
  });
});

test('kept responses outlive OCP', async (t) => {
  const env = { OCP_HOME: join(temporaryFolder(t), 'home') };
  let id: string;
  {
    await using ocp = await startOcp({ env });
    script(ocp, { reply: 'One' });
    ({ id } = await clientOf(ocp).responses.create({ model: 'sonnet', input: '1?' }));
  }
  await using ocp = await startOcp({ env });
  script(ocp, { reply: 'Two' });
  await clientOf(ocp).responses.create({ model: 'sonnet', input: '2?', previous_response_id: id });
  assert.deepEqual(conversationOf(lastSent(ocp)), [
    { role: 'user', content: [text('1?')] },
    { role: 'assistant', content: [text('One')] },
    { role: 'user', content: [text('2?')] },
  ]);
});

test('nothing is kept where the operator keeps nothing', async () => {
  await using ocp = await startOcp({ env: { OCP_RESPONSES_TTL: '0' } });
  script(ocp, { reply: 'ok' });
  const { id } = await clientOf(ocp).responses.create({ model: 'sonnet', input: 'Hi' });
  await assert.rejects(clientOf(ocp).responses.retrieve(id), { status: 404 });
});
