import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { OcpError } from '../../../src/wire/errors.ts';
import { portableSchema } from '../../../src/wire/anthropic/portable-schema.ts';
import { SchemaAllowance } from '../../../src/wire/anthropic/schema-allowance.ts';
import type { JsonObject, JsonValue } from '../../../src/wire/json.ts';
import { isObject } from '../../../src/wire/json.ts';

const cases: readonly (readonly [string, JsonObject, JsonObject])[] = [
  [
    'words that the validator does not know are left out, also inside',
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { a: { type: 'string', 'x-order': 1, example: 'q', format: 'email' } },
      unevaluatedProperties: false,
    },
    { type: 'object', properties: { a: { type: 'string', format: 'email' } } },
  ],
  [
    'names of properties are no words',
    { properties: { $schema: { type: 'string' }, example: true } },
    { properties: { $schema: { type: 'string' }, example: true } },
  ],
  [
    'a tuple is a list of its length',
    { type: 'array', prefixItems: [{ type: 'string' }, { type: 'null' }], items: false },
    { type: 'array', maxItems: 2, items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
  ],
  [
    'the tuple of draft 7 as well',
    { items: [{ type: 'string' }], additionalItems: { type: 'null' } },
    { items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
  ],
  [
    'the words of OpenAPI 3.0 are put in newer ones',
    { type: 'number', nullable: true, minimum: 1, exclusiveMinimum: true, enum: [1, 1, 2] },
    { type: ['number', 'null'], exclusiveMinimum: 1, enum: [1, 2, null] },
  ],
  [
    'references by name become references by place',
    { $id: 'urn:x', properties: { a: { $ref: 'urn:x#/$defs/A' }, b: { $ref: '#b' } }, $defs: { A: { $anchor: 'b' } } },
    { properties: { a: { $ref: '#/$defs/A' }, b: { $ref: '#/$defs/A' } }, $defs: { A: {} } },
  ],
  [
    'a schema that is referred to where it cannot stay gets a new place',
    {
      properties: { a: { $ref: '#/components/schemas/A' } },
      components: { schemas: { A: { items: { $ref: '#/components/schemas/A' } } } },
      $defs: { schema1: {} },
    },
    {
      properties: { a: { $ref: '#/$defs/schema2' } },
      $defs: { schema1: {}, schema2: { items: { $ref: '#/$defs/schema2' } } },
    },
  ],
  [
    'a reference that leads nowhere allows anything',
    { properties: { a: { $ref: 'https://example.org/a' }, b: { $ref: '#/$defs/none' } } },
    { properties: { a: {}, b: {} } },
  ],
  [
    'a pattern that is none, or that overlaps with named properties, is left out',
    {
      properties: { ab: { pattern: '(?i)x' } },
      patternProperties: { '^a': { type: 'string' } },
      additionalProperties: false,
    },
    { properties: { ab: {} } },
  ],
  [
    'a pattern that may run for hours is left out, and so is one that may match a named property',
    {
      properties: { a: { pattern: '^(a+)+$' }, b: { pattern: '^[a-z]+$' } },
      patternProperties: { '^(a+)+$': {} },
    },
    { properties: { a: {}, b: { pattern: '^[a-z]+$' } } },
  ],
  [
    'patterns of names stay where no property is named',
    { patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
    { patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
  ],
  [
    'a place that is written in several ways is one place',
    {
      anyOf: [{ $ref: '#/components/abc' }, { $ref: '#/components/%61bc' }, { $ref: '#/components/a%62c' }],
      components: { abc: { type: 'string' } },
    },
    {
      anyOf: [{ $ref: '#/$defs/schema1' }, { $ref: '#/$defs/schema1' }, { $ref: '#/$defs/schema1' }],
      $defs: { schema1: { type: 'string' } },
    },
  ],
  ['a condition without a branch says nothing', { if: { type: 'string' } }, {}],
];

for (const [name, schema, expected] of cases) {
  test(name, () => {
    assert.deepEqual(portableSchema(schema), expected);
  });
}

test('a schema may not grow beyond its bound, in whatever way its references multiply it', () => {
  const text = 'x'.repeat(30_000);
  const nested = Array.from({ length: 150 }).reduce<JsonObject>((inner) => ({ not: inner }), { description: text });
  const pointers = Array.from({ length: 150 }, (_, depth) => ({ $ref: `#/components${'/not'.repeat(depth)}` }));
  const anchors = Array.from({ length: 150 }, (_, index): [string, JsonValue] => [
    `k${index}`,
    { $anchor: `n${index}` },
  ]);
  const growing: readonly JsonObject[] = [
    { anyOf: pointers, components: nested },
    {
      properties: { [text]: { properties: Object.fromEntries(anchors) } },
      anyOf: anchors.map((_, index) => ({ $ref: `#n${index}` })),
    },
  ];
  for (const each of growing) {
    assert.throws(
      () => portableSchema(each, '#', new SchemaAllowance('response_format')),
      (error) => error instanceof OcpError && error.code === 'invalid_request' && error.param === 'response_format',
    );
  }
});

const words = fc.constantFrom(
  'type',
  'properties',
  'items',
  'prefixItems',
  'anyOf',
  '$ref',
  '$defs',
  '$anchor',
  'nullable',
  'enum',
  'minimum',
  'exclusiveMinimum',
  'pattern',
  'patternProperties',
  'if',
  'then',
  'not',
  'x-y',
);
const value = fc.oneof(
  fc.constantFrom('string', 'object', '#', '#/$defs', '(', '#/properties/type', '#/x-y', '#/prefixItems/0', '#object'),
  fc.boolean(),
  fc.nat(3),
);
const { schema } = fc.letrec<{ schema: JsonObject; any: JsonValue }>((tie) => ({
  schema: fc.dictionary(words, tie('any'), { noNullPrototype: true, maxKeys: 6 }),
  any: fc.oneof({ maxDepth: 3, withCrossShrink: true }, value, fc.array(tie('any'), { maxLength: 3 }), tie('schema')),
}));

/** Every `$ref` of a schema; what stands in `enum` is data. */
function references(value: JsonValue): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = isObject(value) && typeof value['$ref'] === 'string' ? [value['$ref']] : [];
  return [...own, ...Object.entries(value).flatMap(([key, each]) => (key === 'enum' ? [] : references(each)))];
}

test('every reference that is left leads to a schema', () => {
  fc.assert(
    fc.property(schema, (each) => {
      const moved = portableSchema(each, '#/properties/answer');
      const whole = { properties: { answer: moved } };
      for (const reference of references(moved)) {
        const target = reference
          .slice(2)
          .split('/')
          .reduce<unknown>(
            (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
            whole,
          );
        assert.ok(typeof target === 'boolean' || isObject(target), reference);
      }
    }),
    { numRuns: 1000 },
  );
});

test('anything at all is read, and reading it again changes nothing', () => {
  fc.assert(
    fc.property(schema, (each) => {
      const once = portableSchema(each);
      assert.deepEqual(portableSchema(once), once);
    }),
  );
});
