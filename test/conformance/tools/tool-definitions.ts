import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toolAnswer } from '../../../simulator/index.ts';
import type { JsonObject } from '../../../src/wire/json.ts';
import { lastSent, script, settled } from '../../http/chat-support.ts';
import type { ToolSpec } from '../drive/driver.ts';
import { conformance, Dialogue, drivers, sentTools, usual, ways } from '../support.ts';

const builtIns = ['Bash', 'Read', 'Agent', 'Task', 'WebSearch', 'ToolSearch', 'StructuredOutput'];
const anything = { type: 'object', properties: {} } as const;

const schemas: Readonly<Record<string, JsonObject>> = {
  empty: { type: 'object', properties: {} },
  nested: {
    type: 'object',
    properties: {
      filters: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: {
            field: { enum: ['a', 'b', null] },
            range: { type: 'object', properties: { min: { type: 'integer' } } },
          },
          required: ['field'],
          additionalProperties: false,
        },
      },
    },
    required: ['filters'],
  },
  referring: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: { root: { $ref: '#/$defs/node' } },
    $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, name: { type: 'string' } } } },
  },
  choosing: {
    type: 'object',
    properties: {
      value: {
        anyOf: [{ type: 'string', format: 'date-time' }, { type: 'number', exclusiveMinimum: 0 }, { type: 'null' }],
      },
      kind: { oneOf: [{ const: 'x' }, { const: 'y' }] },
    },
    patternProperties: { '^x-': { type: 'string' } },
    additionalProperties: { type: 'boolean' },
  },
};

conformance('definitions of tools', usual, (ocp) => {
  /** The tools that the API got, in the order in which the client gave them: the CLI sorts them. */
  const received = (tools: readonly ToolSpec[]): readonly ToolSpec[] => {
    const sent = new Map(sentTools(ocp().simulator.log.messages().at(-1)).map((tool) => [tool.name, tool]));
    assert.equal(sent.size, tools.length);
    return tools.map(({ name }) => {
      const { description = '', input_schema: schema = {} } = sent.get(name) ?? {};
      return { name, description, schema };
    });
  };

  const sets: readonly (readonly [string, readonly ToolSpec[]])[] = [
    [
      'nested, referring, choosing and empty schemas',
      Object.entries(schemas).map(([name, schema]) => ({ name, description: `The ${name} one: "é" 🌍 <b>`, schema })),
    ],
    [
      '128 tools',
      Array.from({ length: 128 }, (_, index) => ({
        name: `tool_${index}`,
        description: `No. ${index}`,
        schema: anything,
      })),
    ],
    [
      '100 KB of schemas',
      Array.from({ length: 25 }, (_, index) => ({
        name: `big-${index}`,
        description: 'd'.repeat(1000),
        schema: {
          type: 'object',
          properties: Object.fromEntries(
            Array.from({ length: 40 }, (_member, at) => [
              `field_${at}`,
              { type: 'string', description: 'e'.repeat(40) },
            ]),
          ),
        },
      })),
    ],
  ];
  for (const [what, tools] of sets) {
    test(`${what} reach the model unchanged`, async () => {
      assert.ok(what !== '100 KB of schemas' || JSON.stringify(tools).length > 100_000);
      for (const driver of drivers) {
        script(ocp(), { reply: 'Fine.' });
        assert.equal((await new Dialogue(ocp(), driver, { stream: true, tools }).say('Hello')).text, 'Fine.');
        assert.deepEqual(received(tools), tools, driver.name);
      }
    });
  }

  test("tools may have the names of the CLI's own", async () => {
    const tools = builtIns.map((name) => ({ name, description: `Not the CLI's ${name}.`, schema: anything }));
    for (const { driver, stream, title } of ways) {
      script(
        ocp(),
        { when: { hasToolResults: true }, reply: 'Done.' },
        { reply: ({ tools: offered }) => toolAnswer(...offered.map(({ name }) => ({ name, input: { of: name } }))) },
      );
      const talk = new Dialogue(ocp(), driver, { stream, tools });
      const { calls } = await talk.say('Use them all');
      assert.deepEqual(calls.map(({ name }) => name).toSorted(), builtIns.toSorted(), title);
      const sent = sentTools(ocp().simulator.log.messages()[0]);
      assert.equal(sent.length, builtIns.length);
      for (const name of builtIns.slice(0, 5)) {
        assert.equal(sent.find((tool) => tool.name === name)?.description, `Not the CLI's ${name}.`);
      }
      assert.equal((await talk.give(...calls.map(({ id, name }) => ({ id, content: `${name} ran` })))).text, 'Done.');
      for (const name of builtIns)
        assert.match(JSON.stringify(lastSent(ocp()).messages), new RegExp(`${name} ran`, 'u'));
      assert.equal(ocp().simulator.log.messages().length, 2);
    }
  });
});

conformance('calls of tools that nobody offered', usual, (ocp) => {
  for (const [index, driver] of drivers.entries()) {
    test(`run nothing and cost no further API call (${driver.name})`, async () => {
      const stream = index % 2 === 0;
      const file = join(ocp().home, `touched by ${driver.name}`);
      script(ocp());
      const input = JSON.stringify({ command: `touch '${file}'`, description: 'Touch' });
      const answer = await new Dialogue(ocp(), driver, { stream }).say(`[[tool:Bash ${input}]]`);
      assert.deepEqual(
        answer.calls.map(({ name }) => name),
        ['Bash'],
      );
      await settled(ocp());
      assert.equal(existsSync(file), false);
      assert.equal(ocp().simulator.log.messages().length, 1);
    });
  }
});
