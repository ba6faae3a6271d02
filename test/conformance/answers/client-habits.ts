import assert from 'node:assert/strict';
import { test } from 'node:test';
import type OpenAI from 'openai';
import { toolAnswer } from '../../../simulator/index.ts';
import { conversationOf, lastSent, post, question, script } from '../../http/chat-support.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import { chat } from '../drive/chat.ts';
import type { Answer } from '../drive/driver.ts';
import { responses } from '../drive/responses.ts';
import { conformance, Dialogue, drivers, originsDuring, ways } from '../support.ts';

const tools = [{ name: 'look', schema: { type: 'object', properties: {} } }];
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const asksOnce = [{ when: { hasToolResults: true }, reply: 'Seen.' }, { reply: toolAnswer('look') }] as const;

conformance('habits of clients', { config: { heartbeatInterval: 30 } }, (ocp) => {
  const calls = (): number => ocp().simulator.log.messages().length;

  for (const { driver, stream, title } of ways) {
    test(`a slow first byte and comments in the stream do no harm (${title})`, async () => {
      script(ocp(), { reply: { kind: 'message', content: [{ type: 'text', text: 'Late.' }], firstTokenDelayMs: 200 } });
      assert.equal((await new Dialogue(ocp(), driver, { stream }).say('Slowly')).text, 'Late.');
    });
  }

  test('comments are sent while the first byte is waited for', async () => {
    script(ocp(), { reply: { kind: 'message', content: [{ type: 'text', text: 'Late.' }], firstTokenDelayMs: 200 } });
    assert.match(await (await post(ocp(), question('Slowly', { stream: true }))).text(), /^(?:: [^\n]*\n\n)+data: /u);
  });

  test('ids of calls that the client has altered find their worker all the same (OpenClaw)', async () => {
    for (const driver of [chat, responses]) {
      script(ocp(), ...asksOnce);
      const talk = new Dialogue(ocp(), driver, { stream: true, tools });
      const { calls: made } = await talk.say('Look');
      const id = made[0]?.id ?? '';
      const altered = `fc${id.replaceAll(/[^A-Za-z0-9]/gu, '').slice(3)}`;
      const [entry] = talk.entries.splice(1, 1);
      assert.ok(entry?.kind === 'answer');
      const native: unknown = JSON.parse(JSON.stringify(entry.answer.native).replaceAll(id, altered));
      talk.entries.push({ kind: 'answer', answer: { ...entry.answer, native } });
      const { live } = await originsDuring(ocp(), async () => {
        assert.equal((await talk.give({ id: altered, content: 'seen' })).text, 'Seen.');
      });
      assert.equal(live, 1, driver.name);
      assert.equal(calls(), 2);
    }
  });

  test('a user message may follow the tool message, and consecutive ones of a role are one turn', async () => {
    for (const driver of drivers) {
      script(ocp(), ...asksOnce);
      const talk = new Dialogue(ocp(), driver, { stream: true, tools });
      talk.entries.push({ kind: 'user', content: 'Some context first' });
      const { calls: made } = await talk.say('Look');
      talk.entries.push({ kind: 'results', results: [{ id: made[0]?.id ?? '', content: 'a picture follows' }] });
      const image = { image: `data:image/png;base64,${png}` };
      assert.equal((await talk.say([{ text: 'Runtime context' }, image])).text, 'Seen.', driver.name);
      const types = conversationOf(lastSent(ocp()))
        .at(-1)
        ?.content.map(({ type }) => type);
      assert.deepEqual(types, ['tool_result', 'text', 'image'], driver.name);
      assert.equal(calls(), 2);
    }
  });

  test('user messages may stand before the call that answers an earlier one (OpenClaw)', async () => {
    script(ocp(), ...asksOnce);
    const talk = new Dialogue(ocp(), responses, { stream: true, tools });
    const { calls: made } = await talk.say('Look');
    talk.entries.splice(1, 0, { kind: 'user', content: 'Context' });
    assert.equal((await talk.give({ id: made[0]?.id ?? '', content: 'seen' })).text, 'Seen.');
    assert.equal(calls(), 2);
  });

  test('empty contents are null, "", or lists', async () => {
    const call = { id: 'call1', type: 'function', function: { name: 'look', arguments: '' } };
    for (const content of [null, '', [{ type: 'text', text: '' }]]) {
      for (const result of ['', [{ text: 'seen' }]]) {
        script(ocp(), ...asksOnce);
        const native = { role: 'assistant', content, tool_calls: [call] };
        const talk = new Dialogue(ocp(), chat, { stream: false, tools });
        talk.entries.push({ kind: 'user', content: 'Look' }, { kind: 'answer', answer: { native } as Answer });
        assert.equal((await talk.give({ id: 'call1', content: result })).text, 'Seen.');
      }
    }
  });

  test('side requests at the same time, with little room for an answer, are served (titles)', async () => {
    script(ocp(), { when: { text: 'title' }, reply: 'A title' }, { reply: 'The answer' });
    const asked = ['Hello', 'Make a title'].map(async (content) => {
      const limit = content === 'Hello' ? {} : { max_tokens: 40 };
      return (await new Dialogue(ocp(), chat, { stream: true, extra: limit }).say(content)).text;
    });
    assert.deepEqual(await Promise.all(asked), ['The answer', 'A title']);
    const limits = ocp()
      .simulator.log.messages()
      .map(({ body }) => (body as { readonly max_tokens: number }).max_tokens);
    assert.ok(limits.includes(40));
  });

  test('what clients add to a chat request does no harm', async () => {
    script(ocp(), ...asksOnce);
    const mark = { cache_control: { type: 'ephemeral' } };
    const body = {
      ...question(''),
      messages: [
        { role: 'developer', content: 'Be kind.', ...mark },
        { role: 'user', name: 'me', content: [{ type: 'text', text: 'Look', ...mark }], ...mark },
        {
          role: 'assistant',
          name: 'model',
          content: null,
          reasoning_content: 'echoed',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' }, ...mark }],
        },
        { role: 'tool', name: 'look', tool_call_id: 'c1', content: 'seen', ...mark },
      ],
      tools: [
        {
          type: 'function',
          function: {
            name: 'look',
            strict: true,
            parameters: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
          },
        },
      ],
      store: false,
      user: 'somebody',
      prompt_cache_key: 'key',
      temperature: 0,
      top_p: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      n: 1,
      tool_choice: 'auto',
      parallel_tool_calls: true,
      max_completion_tokens: 777,
    };
    const response = await post(ocp(), body, { 'user-agent': 'claude-cli/0.24.4 (external, cli)', 'x-app': 'cli' });
    const reply = (await response.json()) as OpenAI.ChatCompletion;
    assert.equal(reply.choices[0]?.message.content, 'Seen.', JSON.stringify(reply));
    assert.equal(response.headers.get('x-ocp-ignored'), 'temperature, messages.reasoning_content');
    assert.equal(lastSent(ocp()).max_tokens, 777);
  });

  test('a body of the Responses shape on the chat path is answered in chunks (Cursor)', async () => {
    script(ocp(), { reply: 'Hello.' });
    const body = {
      model: 'sonnet',
      stream: true,
      input: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      ],
      tools: [{ type: 'function', name: 'look', parameters: { type: 'object', properties: {} } }],
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'low' },
    };
    const text = await (await post(ocp(), body)).text();
    assert.match(text, /"object":"chat\.completion\.chunk".*"finish_reason":"stop"/su);
  });

  test('a prompt over the window is told so that clients compact it', async () => {
    for (const { driver, stream, title } of ways) {
      script(ocp(), {
        reply: { kind: 'error', status: 400, message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      });
      await assert.rejects(new Dialogue(ocp(), driver, { stream }).say('Long'), (error: unknown) => {
        assert.match(String(error), /prompt is too long: \d+ tokens > \d+ maximum/u, title);
        return true;
      });
      assert.equal(calls(), 1, title);
    }
  });

  test('an answer that breaks off upstream is an error, never a shorter answer', async () => {
    // Each of these ends its worker.
    for (const [index, driver] of drivers.entries()) {
      script(ocp(), {
        reply: {
          kind: 'message',
          content: [{ type: 'text', text: 'a b c d e f' }],
          fault: { kind: 'cut', afterTokens: 3 },
        },
      });
      const talk = new Dialogue(ocp(), driver, { stream: index % 2 === 0 });
      await assert.rejects(talk.say('Break'), Error, driver.name);
    }
  });
});

conformance(
  'keys of clients',
  {
    env: {
      CLAUDE_BIN: fakeClaudeBinary,
      CLAUDE_AUTH_MODE: 'shared',
      PROXY_API_KEY: 'shared-key',
      OCP_TRUST_LOOPBACK: '0',
    },
  },
  (ocp) => {
    test('come as a bearer token or as x-api-key, on every path', async () => {
      const paths = [
        '/v1/models',
        '/v1/chat/completions',
        '/v1/messages',
        '/v1/messages/count_tokens',
        '/v1/responses',
      ];
      const ask = async (path: string, headers: Readonly<Record<string, string>>): Promise<number> => {
        const method = path === '/v1/models' ? 'GET' : 'POST';
        const body = method === 'GET' ? {} : { body: '{}' };
        const all = { ...headers, 'content-type': 'application/json' };
        return (await fetch(`${ocp().url}${path}`, { method, headers: all, ...body })).status;
      };
      for (const path of paths) {
        const welcome = path === '/v1/models' ? 200 : 400;
        assert.equal(await ask(path, { authorization: 'Bearer shared-key' }), welcome, path);
        assert.equal(await ask(path, { 'x-api-key': 'shared-key' }), welcome, path);
        assert.equal(await ask(path, { 'x-api-key': 'another' }), 401, path);
        assert.equal(await ask(path, {}), 401, path);
      }
    });
  },
);
