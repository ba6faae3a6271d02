import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { nameForCli } from '../../../src/claude/form/alias.ts';
import type { CliForm } from '../../../src/claude/form/cli-form.ts';
import { toCliForm } from '../../../src/claude/form/cli-form.ts';
import { RestoringFilter } from '../../../src/claude/form/restore.ts';
import type { StreamEvent } from '../../../src/wire/anthropic/events.ts';
import type { MessagesRequest, Tool } from '../../../src/wire/anthropic/request.ts';
import type { JsonObject, JsonValue } from '../../../src/wire/json.ts';

function requestWith(tools: readonly Tool[], input?: JsonObject): MessagesRequest {
  const call = { type: 'tool_use', id: 'toolu_1', name: tools[0]?.name ?? '', input: input ?? {} } as const;
  return {
    model: 'm',
    system: [],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      ...(input === undefined ? [] : ([{ role: 'assistant', content: [call] }] as const)),
    ],
    tools,
    toolChoice: { type: 'auto' },
    parallelToolUse: true,
    stopSequences: [],
  };
}

/** A call of the model's, its arguments cut into these pieces, as its client gets it. */
function restoredCall(form: CliForm, name: string, pieces: readonly string[]): { name: string; json: string } {
  const filter = new RestoringFilter(form.inverse);
  const out: StreamEvent[] = [];
  const emit = (event: StreamEvent): void => void out.push(event);
  const block = { type: 'tool_use', id: 'toolu_1', name, input: {} } as const;
  filter.push({ type: 'content_block_start', index: 0, content_block: block }, emit);
  for (const partial_json of pieces) {
    filter.push({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json } }, emit);
  }
  filter.push({ type: 'content_block_stop', index: 0 }, emit);
  const [start, ...others] = out;
  assert.ok(start?.type === 'content_block_start' && start.content_block.type === 'tool_use');
  const json = others.map((event) =>
    event.type === 'content_block_delta' && event.delta.type === 'input_json_delta' ? event.delta.partial_json : '',
  );
  return { name: start.content_block.name, json: json.join('') };
}

function cutAt(text: string, cuts: readonly number[]): readonly string[] {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((end, at) => text.slice(places[at], end));
}

/** Keys and values that are drawn to collide once they are altered. */
const key = fc.constantFrom(
  '$filter',
  'filter',
  'filter[name]',
  'm²',
  'm2',
  '__proto__',
  'ok',
  'a b',
  'ü',
  'constructor',
  '',
);
const unit = fc.constantFrom('m²', 'm2', 'ft²', 'ﬁ', 'fi', '…', '\u200d', 'plain');

/** A tool whose properties are all of one shape, and arguments that fit it. */
const toolAndInput = fc
  .tuple(fc.uniqueArray(key, { minLength: 1, maxLength: 6 }), fc.uniqueArray(unit, { minLength: 1 }))
  .chain(([keys, units]) => {
    const leaf: JsonObject = { enum: units };
    const branch: JsonObject = { type: 'object', properties: Object.fromEntries(keys.map((name) => [name, leaf])) };
    const list: JsonObject = { type: 'array', items: { anyOf: [{ type: 'number' }, { $ref: '#/$defs/leaf' }] } };
    const schema: JsonObject = {
      type: 'object',
      properties: Object.fromEntries(
        keys.map((name, at) => [name, [leaf, branch, list, { type: 'string' }][at % 4] ?? leaf]),
      ),
      required: keys.slice(0, 2),
      $defs: { leaf },
    };
    const values: fc.Arbitrary<JsonValue>[] = [
      fc.constantFrom(...units),
      fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...units)),
      fc.array(fc.oneof(fc.integer(), fc.constantFrom(...units))),
      fc.oneof(unit, fc.string()),
    ];
    const input = fc.tuple(...keys.map((_name, at) => values[at % 4] ?? fc.constant(0)));
    return input.map((members) => ({
      tool: { name: 'a.b/c', description: 'd', input_schema: schema },
      input: Object.fromEntries(keys.map((name, at) => [name, members[at] ?? null])),
    }));
  });

suite('a request in the form of the CLI', () => {
  test('gives every call back as its client would have made it, wherever the stream is cut', () => {
    fc.assert(
      fc.property(toolAndInput, fc.array(fc.nat(), { maxLength: 20 }), ({ tool, input }, cuts) => {
        const form = toCliForm(requestWith([tool], input));
        const called = form.request.messages[1]?.content[0];
        assert.ok(called?.type === 'tool_use');
        const pieces = cutAt(JSON.stringify(called.input), cuts);
        const back = restoredCall(form, called.name, pieces);
        assert.deepEqual(back, { name: tool.name, json: JSON.stringify(input) });
      }),
    );
  });

  test('holds nothing that the API refuses or the CLI changes', () => {
    fc.assert(
      fc.property(toolAndInput, ({ tool }) => {
        const [sent] = toCliForm(requestWith([tool])).request.tools;
        assert.match(sent?.name ?? '', /^[a-zA-Z0-9_-]{1,128}$/);
        const properties = Object.keys(sent?.input_schema['properties'] ?? {});
        for (const name of properties) assert.match(name, /^[a-zA-Z0-9_.-]{1,64}$/);
        assert.ok(!properties.includes('__proto__'));
        assert.equal(properties.length, Object.keys(tool.input_schema['properties'] ?? {}).length);
        const json = JSON.stringify(sent?.input_schema);
        assert.equal(json, json.normalize('NFKC').replaceAll(/\p{Cf}/gu, ''));
        const required = sent?.input_schema['required'] as readonly string[];
        for (const name of required) assert.ok(properties.includes(name));
      }),
    );
  });

  test('changes nothing of a request that needs no change, but what is its own', () => {
    const schema = { type: 'object', properties: { a: { enum: ['x'], description: 'é' } }, required: ['a'] } as const;
    const request = requestWith([{ name: 'read', description: 'd', input_schema: schema }], { a: 'x' });
    const form = toCliForm(request);
    assert.deepEqual(form, { request, inverse: { tools: {} }, ignored: [] });
  });

  test('has names that depend on no other name, and never become one', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('a.b', 'a_b', 'a b', 'ToolSearch', 'ocp_a_b_0123456789'));
    fc.assert(
      fc.property(fc.uniqueArray(name), (names) => {
        const sent = names.map(nameForCli);
        assert.equal(new Set(sent).size, names.length);
        for (const one of sent) assert.match(one, /^[a-zA-Z0-9_-]{1,128}$/);
      }),
    );
  });

  test('names what the CLI changes and nothing brings back', () => {
    const input_schema = {
      type: 'object',
      properties: { a: { type: 'string', description: 'in m²', title: 'ok', default: 'ﬁ' } },
      anyOf: [{ required: ['a'] }],
    } as const;
    const { ignored, request } = toCliForm(requestWith([{ name: 'f', description: 'wait…', input_schema }]));
    const names = ['description', 'input_schema.anyOf', 'input_schema.description', 'input_schema.default'];
    assert.deepEqual(ignored.toSorted(), names.map((name) => `tools.f.${name}`).toSorted());
    assert.equal(request.tools[0]?.description, 'wait…');
  });

  test('passes on what is no JSON, and what was cut off, as it is', () => {
    const tool = { name: 'f', input_schema: { type: 'object', properties: { $a: { enum: ['m²'] } } } } as const;
    const form = toCliForm(requestWith([tool]));
    for (const json of ['{"city":"Os', '{"x', 'no JSON "at" all', '', '{"x": [1, 2', '"']) {
      assert.equal(restoredCall(form, 'f', cutAt(json, [1, 3])).json, json);
    }
  });

  test('leaves a text alone that only looks like an altered value', () => {
    const properties = { unit: { enum: ['m²'] }, note: { type: 'string' } } as const;
    const form = toCliForm(requestWith([{ name: 'f', input_schema: { type: 'object', properties } }]));
    assert.equal(restoredCall(form, 'f', ['{"note":"m2","unit":"m2"}']).json, '{"note":"m2","unit":"m²"}');
  });

  test('survives the way to another thread', () => {
    const tool = { name: 'a b', input_schema: { type: 'object', properties: { $a: { enum: ['m²'] } } } } as const;
    const form = toCliForm(requestWith([tool]));
    assert.deepEqual(JSON.parse(JSON.stringify(form.inverse)), form.inverse);
  });
});
