import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { satisfies } from '../../simulator/schema/check.ts';
import { satisfyingValue } from '../../simulator/schema/value.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Judges by another implementation of JSON Schema: the one that the HTTP framework brings. */
async function withJudge(use: (valid: (schema: unknown, value: unknown) => boolean) => void): Promise<void> {
  const server: FastifyInstance = fastify({
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        strict: false,
        addUsedSchema: false,
        ownProperties: true,
        multipleOfPrecision: 9,
      },
    },
  });
  server.get('/', (request) => {
    use((schema, value) => {
      const validate = request.compileValidationSchema(inDraft7(schema) as Record<string, unknown>);
      return validate(value);
    });
    return {};
  });
  const response = await server.inject('/');
  await server.close();
  assert.equal(response.statusCode, 200, response.body);
}

/** The judge reads draft 7, where a tuple's items are called otherwise. */
function inDraft7(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"prefixItems":', '"items":'));
}

const range = (least: string, most: string, max: number): fc.Arbitrary<Schema> =>
  fc
    .tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max }))
    .map(([a, b]) => ({ [least]: Math.min(a, b), [most]: Math.max(a, b) }));

const names = fc.constantFrom('city', 'path', 'count', 'a b', 'x-1', '__proto__', 'constructor');
const patterns = [
  '^[a-z]{3,8}$',
  '^\\d{4}-\\d{2}$',
  '^(?:red|green)-[A-F]+$',
  'x{2,}',
  '^[^a-y]\\w?\\.$',
  '^(a|b(c|d)*)$',
];
const formats = [
  'date-time',
  'date',
  'time',
  'email',
  'uri',
  'uuid',
  'ipv4',
  'ipv6',
  'hostname',
  'duration',
  'json-pointer',
];

const leaf: fc.Arbitrary<Schema> = fc.oneof(
  fc.constantFrom<Schema>({ type: 'boolean' }, { type: 'null' }, { type: 'string' }, { type: 'integer' }, {}),
  range('minLength', 'maxLength', 12).map((length) => ({ type: 'string', ...length })),
  fc.constantFrom(...patterns).map((pattern) => ({ type: 'string', pattern })),
  fc.constantFrom(...formats).map((format) => ({ type: 'string', format })),
  range('minimum', 'maximum', 50).map((bounds) => ({ type: ['integer', 'null'], ...bounds })),
  fc
    .integer({ min: -20, max: 20 })
    .map((from) => ({ type: 'number', exclusiveMinimum: from, exclusiveMaximum: from + 0.5 })),
  fc.constantFrom(0.1, 0.25, 3, 7).map((multipleOf) => ({ type: 'number', minimum: 1.5, multipleOf })),
  fc
    .uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.boolean()), { minLength: 1 })
    .map((options) => ({ enum: options })),
  fc.jsonValue({ maxDepth: 2 }).map((value) => ({ const: value })),
  fc.constant({ $ref: '#/$defs/tree' }),
);

const schemas: fc.Arbitrary<Schema> = fc.letrec<{ schema: Schema; object: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie('object'),
    fc
      .tuple(tie('schema'), range('minItems', 'maxItems', 4))
      .map(([items, bounds]) => ({ type: 'array', items, ...bounds })),
    fc
      .array(tie('schema'), { minLength: 1, maxLength: 3 })
      .map((prefixItems) => ({ type: 'array', prefixItems, minItems: prefixItems.length })),
    fc
      .integer({ min: 1, max: 9 })
      .map((count) => ({ type: 'array', items: { type: 'string', maxLength: 3 }, minItems: count, uniqueItems: true })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.tuple(tie('object'), names).map(([object, name]) => ({ allOf: [object, { type: 'object', required: [name] }] })),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => ({
      oneOf: [a, b].map((inner, kind) => ({
        type: 'object',
        properties: { kind: { const: kind }, inner },
        required: ['kind', 'inner'],
        additionalProperties: false,
      })),
    })),
  ),
  object: fc
    .tuple(fc.dictionary(names, tie('schema'), { maxKeys: 4 }), fc.boolean(), fc.integer({ min: 0, max: 3 }))
    .map(([properties, open, take]) => ({
      type: 'object',
      properties,
      required: Object.keys(properties).slice(0, take),
      ...(open ? {} : { additionalProperties: true }),
    })),
})).schema;

const tree = {
  type: 'object',
  properties: {
    value: { type: 'integer', minimum: 3 },
    next: { anyOf: [{ $ref: '#/$defs/tree' }, { type: 'null' }] },
    children: { type: 'array', items: { $ref: '#/$defs/tree' } },
  },
  required: ['value', 'next'],
};

test('a generated value satisfies its schema, by the judgement of another implementation', async () => {
  await withJudge((valid) => {
    fc.assert(
      fc.property(schemas, fc.boolean(), (inner, requiredOnly) => {
        const schema = { ...inner, $defs: { tree } };
        const value = satisfyingValue(schema, { requiredOnly });
        assert.ok(valid(schema, value), JSON.stringify({ schema, value }));
      }),
      { numRuns: 300 },
    );
  });
});

test('a value is judged as another implementation judges it', async () => {
  await withJudge((valid) => {
    fc.assert(
      fc.property(schemas, fc.jsonValue({ maxDepth: 2 }), (inner, value) => {
        // The simulator's idea of a format is looser than the standard's: enough to choose between its own samples.
        fc.pre(!JSON.stringify(inner).includes('"format"'));
        // The judge compares objects by these, whatever a client calls its members.
        fc.pre(!/"(?:toString|valueOf)"/u.test(JSON.stringify([inner, value])));
        const schema = { ...inner, $defs: { tree } };
        assert.equal(satisfies(schema, value), valid(schema, value), JSON.stringify({ schema, value }));
      }),
      { numRuns: 300 },
    );
  });
});

test('the same schema gives the same value, with its optional properties or without', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } }, required: ['b'] };
  assert.deepEqual(satisfyingValue(schema), satisfyingValue(structuredClone(schema)));
  assert.deepEqual(Object.keys(satisfyingValue(schema) as object).sort(), ['a', 'b']);
  assert.deepEqual(Object.keys(satisfyingValue(schema, { requiredOnly: true }) as object), ['b']);
});

test('conditions, negations and what depends on other properties are kept', () => {
  const schemas: readonly Schema[] = [
    {
      type: 'object',
      properties: { kind: { enum: ['file', 'url'] }, path: { type: 'string' } },
      required: ['kind'],
      if: { properties: { kind: { const: 'url' } } },
      else: { required: ['path'] },
    },
    { type: 'string', not: { const: 'example value' } },
    {
      type: 'object',
      properties: { a: { type: 'string' } },
      dependentRequired: { a: ['b'] },
      additionalProperties: { type: 'integer' },
    },
    { type: 'object', minProperties: 3, propertyNames: { pattern: '^k\\d+$' } },
    { type: 'array', contains: { const: 7 }, items: { type: 'integer' }, minItems: 2 },
    { type: 'object', properties: { a: {}, b: {} }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
  ];
  for (const schema of schemas) assert.ok(satisfies(schema, satisfyingValue(schema)), JSON.stringify(schema));
});

test('a schema that contradicts itself is said to', () => {
  assert.throws(() => satisfyingValue({ type: 'string', const: 3 }), RangeError);
  assert.throws(() => satisfyingValue({ type: 'object', required: ['a'], properties: { a: false } }), RangeError);
});
