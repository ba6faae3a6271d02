import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { asForcedCalls, forcedCallSchema } from '../../../src/wire/anthropic/forced-call.ts';
import type { Tool } from '../../../src/wire/anthropic/request.ts';
import { jsonObject, splits } from './arbitraries.ts';
import type { StreamOptions } from './streams.ts';
import { assembled, filtered, stream } from './streams.ts';

const node = { type: 'object', properties: { next: { $ref: '#/$defs/N' } }, $defs: { N: { $ref: '#' } } };
const tools: readonly Tool[] = [
  { name: 'weather', description: 'Tells it', input_schema: { type: 'object' } },
  { name: 'tree', input_schema: node },
];
const any = { type: 'any' } as const;

interface Call {
  readonly name: string;
  readonly input: unknown;
}

function rewritten(json: string, parallel: boolean, options: StreamOptions = {}) {
  const filter = asForcedCalls(tools, any, parallel);
  const events = stream([{ type: 'tool_use', id: 'toolu_1', name: 'StructuredOutput', json }], options);
  const out = filtered(filter, events);
  filter.finish((event) => out.push(event));
  return out;
}

function calls(json: string, parallel: boolean, options: StreamOptions = {}): Call[] {
  const { content, stopReason } = assembled(rewritten(json, parallel, options));
  assert.equal(stopReason, options.stopReason ?? 'tool_use');
  const ids = new Set(content.map((block) => (block.type === 'tool_use' ? block.id : '')));
  assert.equal(ids.size, content.length);
  return content.map((block) => {
    assert.ok(block.type === 'tool_use' && /^[a-zA-Z0-9_-]+$/.test(block.id));
    return { name: block.name, input: block.input };
  });
}

const call = fc.record(
  { name: fc.constantFrom('weather', 'tree', 'na"me'), input: jsonObject },
  { noNullPrototype: true },
);
const space = fc.constantFrom(undefined, 2);

test('any answer becomes the calls that it names, for any split, layout and order of members', () => {
  fc.assert(
    fc.property(fc.array(call, { minLength: 1 }), splits, space, fc.boolean(), (wanted, split, indent, inputFirst) => {
      const written = wanted.map(({ name, input }) => (inputFirst ? { input, name } : { name, input }));
      const expected = JSON.parse(JSON.stringify(wanted)) as Call[];
      const json = JSON.stringify({ calls: written }, undefined, indent);
      assert.deepEqual(calls(json, true, { split }), expected);
      const single = JSON.stringify({ call: written[0] }, undefined, indent);
      assert.deepEqual(calls(single, false, { split }), expected.slice(0, 1));
    }),
  );
});

test('the input is streamed as the model writes it', () => {
  const json = '{"call":{"name":"weather","input":{"city":"Bern"}}}';
  const pieces = rewritten(json, false, { split: (text) => text.split('') }).flatMap((event) =>
    event.type === 'content_block_delta' && event.delta.type === 'input_json_delta' ? [event.delta.partial_json] : [],
  );
  assert.deepEqual(pieces, '{"city":"Bern"}'.split(''));
});

test('a call that was cut off is closed as it is', () => {
  const options = { stopReason: 'max_tokens' } as const;
  assert.deepEqual(calls('{"call":{"name":"weather","input":{"ci', false, options), [{ name: 'weather', input: {} }]);
  assert.deepEqual(calls('{"call":{"na', false, options), []);
});

test('the schema of one possible tool is its own, that of several names each of them', () => {
  assert.deepEqual(forcedCallSchema(tools, { type: 'tool', name: 'tree' }, true), node);
  assert.deepEqual(forcedCallSchema(tools.slice(0, 1), any, true), { type: 'object', description: 'Tells it' });
  const base = '#/properties/calls/items/anyOf/1/properties/input';
  const moved = { ...node, properties: { next: { $ref: `${base}/$defs/N` } }, $defs: { N: { $ref: base } } };
  const closed = { required: ['name', 'input'], additionalProperties: false };
  assert.deepEqual(forcedCallSchema(tools, any, true), {
    type: 'object',
    properties: {
      calls: {
        type: 'array',
        minItems: 1,
        items: {
          anyOf: [
            {
              type: 'object',
              description: 'Tells it',
              properties: { name: { const: 'weather' }, input: { type: 'object' } },
              ...closed,
            },
            { type: 'object', properties: { name: { const: 'tree' }, input: moved }, ...closed },
          ],
        },
      },
    },
    required: ['calls'],
    additionalProperties: false,
  });
});
