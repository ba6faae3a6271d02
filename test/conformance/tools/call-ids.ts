import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SentBody } from '../../http/chat-support.ts';
import { lastSent, script } from '../../http/chat-support.ts';
import { conformance, usual } from '../support.ts';

type Json = Readonly<Record<string, unknown>>;
type Told = readonly (readonly [id: string, result: string])[];

/** How each surface tells a history of calls, one a turn, and asks on. */
const surfaces: Readonly<Record<string, (told: Told) => readonly [path: string, body: Json]>> = {
  chat: (told) => [
    '/v1/chat/completions',
    {
      model: 'sonnet',
      messages: [
        { role: 'user', content: 'go' },
        ...told.flatMap(([id, result]) => [
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: id, content: result },
        ]),
        { role: 'user', content: 'on' },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }],
    },
  ],
  responses: (told) => [
    '/v1/responses',
    {
      model: 'sonnet',
      input: [
        { role: 'user', content: 'go' },
        ...told.flatMap(([id, output]) => [
          { type: 'function_call', call_id: id, name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: id, output },
        ]),
        { role: 'user', content: 'on' },
      ],
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }],
    },
  ],
  messages: (told) => [
    '/v1/messages',
    {
      model: 'sonnet',
      max_tokens: 100,
      messages: [
        { role: 'user', content: 'go' },
        ...told.flatMap(([id, result]) => [
          { role: 'assistant', content: [{ type: 'tool_use', id, name: 'f', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: result }] },
        ]),
        { role: 'user', content: 'on' },
      ],
      tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }],
    },
  ],
};

const pairs: readonly (readonly string[])[] = [
  ['call_0', 'call_0', 'call_0'],
  ['call_0', 'call_0_2', 'call_0_2', 'call_0'],
  ['x', 'x_1', 'x_1_2', 'x_10'],
  ['toolu', 'toolu_1', 'toolu_1_1'],
  ['a'.repeat(10_000), `${'a'.repeat(10_000)}_1`],
];
const odd: readonly (readonly string[])[] = [
  ['a.b', 'a:b', 'a_b'],
  ['ü', ' ', '¬', 'functions.f:0', 'functions.f:1'],
];

conformance('ids of calls', usual, (ocp) => {
  for (const [name, bodyOf] of Object.entries(surfaces)) {
    test(`that clients use again, or that look like one another, keep their results (${name})`, async () => {
      script(ocp(), { reply: 'fine' });
      for (const ids of name === 'messages' ? pairs : [...pairs, ...odd]) {
        const told = ids.map((id, at) => [id, `result ${at}`] as const);
        const [path, body] = bodyOf(told);
        const sent = await ask(path, body);
        const blocks = sent.flatMap(({ content }) => (typeof content === 'string' ? [] : content)) as Json[];
        const calls = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
        assert.equal(new Set(calls).size, ids.length);
        const results = blocks.filter(({ type }) => type === 'tool_result');
        assert.deepEqual(
          results.map(({ tool_use_id: id }) => id),
          calls,
        );
        for (const [at, { content }] of results.entries()) assert.ok(JSON.stringify(content).includes(`result ${at}`));
        // Said again with more behind it, the ids are the same: the prompt cache compares bytes.
        const [, longer] = bodyOf([...told, ...told.map(([id]) => [id, 'more'] as const)]);
        const again = (await ask(path, longer)).flatMap(({ content }) => (typeof content === 'string' ? [] : content));
        const first = (again as Json[]).filter(({ type }) => type === 'tool_use').map(({ id }) => id);
        assert.deepEqual(first.slice(0, ids.length), calls);
      }
    });
  }

  async function ask(path: string, body: Json): Promise<SentBody['messages']> {
    const response = await fetch(`${ocp().url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200, await response.text());
    return lastSent(ocp()).messages;
  }
});
