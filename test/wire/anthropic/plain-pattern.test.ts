import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isPlainPattern } from '../../../src/wire/anthropic/plain-pattern.ts';

const plain = [
  '',
  '^[A-Z]{2}-\\d+$',
  '^(a|b)c?$',
  '^\\d{4}-\\d{2}-\\d{2}$',
  '^(?:ab)+$',
  '[\\w.-]+@[^\\s@]+',
  'é|日本',
  '.*/x',
];
const refused = [
  '^(a+)+$',
  '^(a|a)*$',
  '((a{1,9}){1,9}){1,9}',
  '(?=a)b',
  '(?<!a)b',
  '(a)\\1',
  '\\p{L}',
  '(?i)x',
  '(',
  ')',
  'a**',
  '[z-a]',
  '[\\w-x]',
  '^*',
  '{1}',
  'a{2,1}',
  'a{1,100000}',
  '\\',
  '[',
  'a'.repeat(513),
  '('.repeat(300),
];

test('patterns that every reader takes and that run in a moment are plain', () => {
  for (const pattern of plain) assert.ok(isPlainPattern(pattern), pattern);
});

test('patterns that may run for hours, or that are none, are not', () => {
  for (const pattern of refused) assert.ok(!isPlainPattern(pattern), pattern);
});

test('every plain pattern is one in the Unicode mode of ECMAScript', () => {
  const piece = fc.constantFrom(...'ab0-^$.*+?()[]{}|/\\,:=!<dwpun12é'.split(''), '(?:', '\\d', '[a-z]', '{1,2}');
  let found = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const pattern = pieces.join('');
      if (!isPlainPattern(pattern)) return;
      found += 1;
      assert.doesNotThrow(() => new RegExp(pattern, 'u'), pattern);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(found > 1000, `only ${found} were plain`);
});
