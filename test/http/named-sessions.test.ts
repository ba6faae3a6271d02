import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { send } from '../support/admin.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { conversationOf, lastSent } from './chat-support.ts';

type Json = Record<string, unknown>;
const parameters = { type: 'object', properties: { city: { type: 'string' } } };

/** What each surface calls the same things. */
const surfaces = {
  chat: {
    path: '/v1/chat/completions',
    ask: (text: string): Json => ({
      model: 'sonnet',
      messages: [{ role: 'user', content: text }],
      tools: [{ type: 'function', function: { name: 'weather', parameters } }],
    }),
    callIds: (body: Json): string[] => {
      const [choice] = body['choices'] as { message: { tool_calls?: { id: string }[] } }[];
      return (choice?.message.tool_calls ?? []).map(({ id }) => id);
    },
    results: (ids: readonly string[]): Json => ({
      messages: ids.map((id) => ({ role: 'tool', tool_call_id: id, content: `result of ${ids.indexOf(id)}` })),
    }),
  },
  messages: {
    path: '/v1/messages',
    ask: (text: string): Json => ({
      model: 'sonnet',
      max_tokens: 100,
      messages: [{ role: 'user', content: text }],
      tools: [{ name: 'weather', input_schema: parameters }],
    }),
    callIds: (body: Json): string[] =>
      (body['content'] as { type: string; id: string }[]).filter(({ type }) => type === 'tool_use').map(({ id }) => id),
    results: (ids: readonly string[]): Json => ({
      messages: [
        {
          role: 'user',
          content: ids.map((id) => ({
            type: 'tool_result',
            tool_use_id: id,
            content: `result of ${ids.indexOf(id)}`,
          })),
        },
      ],
    }),
  },
  responses: {
    path: '/v1/responses',
    ask: (text: string): Json => ({
      model: 'sonnet',
      input: text,
      tools: [{ type: 'function', name: 'weather', parameters }],
    }),
    callIds: (body: Json): string[] =>
      (body['output'] as { type: string; call_id: string }[])
        .filter(({ type }) => type === 'function_call')
        .map((item) => item.call_id),
    results: (ids: readonly string[]): Json => ({
      input: ids.map((id) => ({ type: 'function_call_output', call_id: id, output: `result of ${ids.indexOf(id)}` })),
    }),
  },
} as const;

suite('named conversations', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startOcp({ config: { sparesMemoryMb: 400 } });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  for (const [name, surface] of Object.entries(surfaces)) {
    test(`tool results go on under the name alone, in any order: ${name}`, { timeout: 60_000 }, async () => {
      ocp.simulator.log.clear();
      const named = { session_id: `tools ${name}` };
      const first = await send(ocp, 'POST', surface.path, {
        ...surface.ask('[[tool:weather {"city":"Oslo"}]][[tool:weather {"city":"Rome"}]]'),
        ...named,
      });
      assert.equal(first.status, 200, first.text);
      const ids = surface.callIds(first.body as Json);
      assert.equal(ids.length, 2);
      const turned = surface.results(ids.toReversed());
      const { tools: _tools, ...rest } = surface.ask('');
      for (const [what, body] of [
        ['a result that no call has', surface.results(['call_nobody_made'])],
        ['only one of two results', surface.results(ids.slice(0, 1))],
      ] as const) {
        const refused = await send(ocp, 'POST', surface.path, { ...rest, ...body, ...named });
        assert.equal(refused.status, 400, `${what}: ${refused.text}`);
      }
      const second = await send(ocp, 'POST', surface.path, { ...rest, ...turned, ...named });
      assert.equal(second.status, 200, second.text);
      assert.match(second.text, /answered: result of 0/u);
      const [asked, called, answered] = conversationOf(lastSent(ocp));
      assert.deepEqual([asked?.role, called?.role, answered?.role], ['user', 'assistant', 'user']);
      const uses = called?.content.filter((block) => block['type'] === 'tool_use').map((block) => block['id']);
      const results = answered?.content.filter((block) => block['type'] === 'tool_result');
      assert.deepEqual(
        results?.map((block) => block['tool_use_id']),
        uses,
      );
    });
  }

  const chat = async (text: string, id: string, stream = false): Promise<string> => {
    const body = { model: 'sonnet', messages: [{ role: 'user', content: text }], session_id: id, stream };
    const reply = await send(ocp, 'POST', '/v1/chat/completions', body);
    assert.equal(reply.status, 200, reply.text);
    return reply.text;
  };
  const sent = (): string[] =>
    conversationOf(lastSent(ocp)).flatMap(({ role, content }) =>
      content.map((block) => `${role}: ${String(block['text'])}`),
    );

  test('requests at once in one conversation lose nothing and keep their order', { timeout: 60_000 }, async () => {
    ocp.simulator.log.clear();
    await Promise.all([chat('[[text:a]][[delay:200]]one', 'both'), chat('[[text:b]]two', 'both', true)]);
    await chat('[[text:c]]three', 'both');
    const [one, a, two, b, three] = sent();
    assert.match(String(one), /^user: .*one$/u);
    assert.match(String(two), /^user: .*two$/u);
    assert.match(String(three), /^user: .*three$/u);
    assert.deepEqual([a, b], ['assistant: a', 'assistant: b']);
  });

  test('a conversation that is cleared during its turn stays cleared', { timeout: 60_000 }, async () => {
    ocp.simulator.log.clear();
    const running = chat('[[text:a]][[delay:300]]secret', 'cleared');
    await ocp.simulator.log.waitFor(({ path }) => path.startsWith('/v1/messages'));
    await send(ocp, 'DELETE', '/sessions');
    await running.catch(() => {});
    await chat('what was it?', 'cleared');
    assert.ok(!sent().join().includes('secret'));
  });
});
