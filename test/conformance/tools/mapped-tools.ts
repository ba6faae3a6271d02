import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastSent, script } from '../../http/chat-support.ts';
import { conformance, sentTools, usual, ways } from '../support.ts';

const properties = {
  $filter: { type: 'string' },
  'filter[name]': { type: 'object', properties: { 'm²': { enum: ['m²', 'ft²', 'm2'] } }, required: ['m²'] },
  unit: { enum: ['m²', 'ft²'] },
  note: { type: 'string', description: 'in m², or so…' },
} as const;

conformance('tools that the CLI or the API would not take as they are', usual, (ocp) => {
  for (const { driver, stream, title } of ways) {
    test(`are called by their own names, with their own properties and values (${title})`, async () => {
      const name = driver.name === 'messages' ? 'ToolSearch' : 'calendar.respond to/Event';
      script(ocp(), {
        reply: ({ tools }) => {
          const [tool] = tools;
          const schema = tool?.inputSchema as { properties: Record<string, { properties?: object; enum?: string[] }> };
          const [filter = '', named = '', unit = '', note = ''] = Object.keys(schema.properties);
          const [inner = ''] = Object.keys(schema.properties[named]?.properties ?? {});
          const input = {
            [filter]: 'm2',
            [named]: { [inner]: 'm2' },
            [unit]: schema.properties[unit]?.enum?.[1],
            [note]: 'ft2',
          };
          return { kind: 'message', content: [{ type: 'tool_use', name: tool?.name ?? '', input }] };
        },
      });
      const tools = [{ name, description: 'd', schema: { type: 'object', properties, required: ['$filter'] } }];
      const answer = await driver.ask(ocp(), { stream, tools, entries: [{ kind: 'user', content: 'go' }] });
      const [call] = answer.calls;
      assert.equal(call?.name, name);
      assert.deepEqual(JSON.parse(call.json), {
        $filter: 'm2',
        'filter[name]': { 'm²': 'm2' },
        unit: 'ft²',
        note: 'ft2',
      });
      const [sent] = sentTools(ocp().simulator.log.messages().at(-1));
      assert.match(sent?.name ?? '', /^[a-zA-Z0-9_-]{1,128}$/);
    });
  }

  test('do not change what another request sends', async () => {
    script(ocp(), { reply: 'fine' });
    const ask = async (tool: object): Promise<number> => {
      const response = await fetch(`${ocp().url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'sonnet',
          messages: [{ role: 'user', content: 'go' }],
          tools: [{ type: 'function', function: tool }],
        }),
      });
      await response.text();
      return response.status;
    };
    const bad: readonly object[] = [
      { type: 'object', required: 'a' },
      { type: 'object', properties: { a: { minimum: 1, exclusiveMinimum: true } } },
      { type: 'object', properties: { a: 'text' } },
    ];
    const calls = ocp().simulator.log.messages().length;
    for (const parameters of bad) assert.equal(await ask({ name: 'f', parameters }), 400);
    assert.equal(ocp().simulator.log.messages().length, calls, 'nothing was spent');
    assert.equal(await ask({ name: 'f', parameters: { type: 'object', properties: { a: {} } } }), 200);
    assert.equal(lastSent(ocp()).messages.length > 0, true);
    assert.equal(sentTools(ocp().simulator.log.messages().at(-1))[0]?.name, 'f');
  });
});
