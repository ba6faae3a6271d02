import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { OcpError } from '../../src/wire/errors.ts';
import { fieldName, parseAt, parseWith } from '../../src/wire/validate.ts';

const part = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text: z.string() }),
  z.looseObject({ type: z.literal('image'), url: z.union([z.string(), z.looseObject({ href: z.string() })]) }),
]);
const schema = z.looseObject({
  content: z.union([z.string(), z.array(part).min(1).max(2)]),
  level: z.enum(['low', 'high']).nullish(),
  count: z.int().min(1).max(9).nullish(),
});

function refusal(run: () => unknown): OcpError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof OcpError, String(error));
    assert.equal(error.code, 'invalid_request');
    return error;
  }
  return assert.fail('the value was accepted');
}

const rows: readonly (readonly [string, unknown, string | undefined, string])[] = [
  ['a body that is no object', [], undefined, 'The request body must be an object, not an array.'],
  ['a missing field', {}, 'content', "'content' is required and must be a string or an array."],
  ['a field of no accepted type', { content: 3 }, 'content', "'content' must be a string or an array, not a number."],
  ['an empty list', { content: [] }, 'content', "'content' must not be empty."],
  [
    'an unknown kind',
    { content: [{ type: 'x' }] },
    'content[0].type',
    "'content[0].type' must be one of 'text', 'image', not 'x'.",
  ],
  [
    'a missing kind',
    { content: [{}] },
    'content[0].type',
    "'content[0].type' is required and must be one of 'text', 'image'.",
  ],
  [
    'the branch that fits furthest',
    { content: [{ type: 'image', url: { href: 1 } }] },
    'content[0].url.href',
    "'content[0].url.href' must be a string, not a number.",
  ],
  ['a wrong choice', { content: '', level: 'mid' }, 'level', "'level' must be one of 'low', 'high', not 'mid'."],
  ['a fraction', { content: '', count: 1.5 }, 'count', "'count' must be a whole number, not a fraction."],
  ['a number too small', { content: '', count: 0 }, 'count', "'count' must be at least 1."],
  ['a number too big', { content: '', count: 10 }, 'count', "'count' must be at most 9."],
];

for (const [name, body, param, message] of rows) {
  test(`the error names the field: ${name}`, () => {
    const error = refusal(() => parseWith(schema, body));
    assert.equal(error.message, message);
    assert.equal(error.param, param);
  });
}

test('a part of a body is named by its place in the whole', () => {
  assert.equal(refusal(() => parseAt(part, { type: 'text' }, ['input', 4])).param, 'input[4].text');
  assert.equal(fieldName(['messages', 2, 'content', 0, 'image_url', 'url']), 'messages[2].content[0].image_url.url');
});

test('unknown members pass and broken surrogate pairs are repaired, wherever they stand', () => {
  assert.deepEqual(parseWith(schema, { content: 'a\ud800', more: ['\udc00b'] }), {
    content: 'a\ufffd',
    more: ['\ufffdb'],
  });
});

test('nesting that would overflow the stack is refused', () => {
  const body: unknown = JSON.parse(`{"content":"","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  assert.match(refusal(() => parseWith(schema, body)).message, /nested deeper/);
});
