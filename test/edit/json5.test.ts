import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { json5 } from '../../src/edit/json5.ts';
import { jsonc } from '../../src/edit/jsonc.ts';
import { applySettings, EditError } from '../../src/edit/settings.ts';
import { content, jsoncText } from './arbitraries.ts';

test('reads what JSON5 allows beyond JSON', () => {
  const text = `\uFEFF// a note
{ unquoted: 'single "quotes"', $a_1: .5, b: 5., hex: 0xFF, plus: +1, minus: -Infinity,
  "line": 'one \\
line', esc: '\\x41\\u0042\\'\\t\\q', list: [1, 2,], /* note */ nested: { null: null, true: true, false: false, }, }
`;
  assert.deepEqual(json5.parse(text), {
    unquoted: 'single "quotes"',
    $a_1: 0.5,
    b: 5,
    hex: 255,
    plus: 1,
    minus: -Infinity,
    line: 'one line',
    esc: "AB'\tq",
    list: [1, 2],
    nested: { null: null, true: true, false: false },
  });
  assert.deepEqual([json5.parse(''), json5.parse(' // nothing')], [undefined, undefined]);
});

test('reads every JSON with comments as its own reader does', () => {
  fc.assert(fc.property(jsoncText, ({ text, value }) => assert.deepEqual(json5.parse(text), value)));
  fc.assert(
    fc.property(content, (value) =>
      assert.deepEqual(json5.parse(JSON.stringify(value)), jsonc.parse(JSON.stringify(value))),
    ),
  );
});

test('says where a text is none', () => {
  for (const text of [
    '{',
    '{a}',
    '{a:1 b:2}',
    "'a",
    '[1,,2]',
    '{a:1} x',
    '{a: undefined}',
    '"a\nb"',
    '[',
    '{,}',
    '+',
  ]) {
    assert.throws(() => json5.parse(text), EditError, text);
  }
  assert.throws(() => json5.parse('{\n a: 1,\n b: c }'), /line 3, a value was expected/);
  assert.throws(() => json5.parse('['.repeat(10_000)), EditError);
});

test('changes one place and leaves the rest as it was written', () => {
  const text = "{\n  // mine\n  a: 'x', // why\n  b: [ 1, ],\n}\n";
  const changed = applySettings(json5, text, [
    { path: ['a'], value: 'y' },
    { path: ['c', 'd'], value: 1 },
  ]);
  assert.equal(changed, '{\n  // mine\n  a: "y", // why\n  b: [ 1, ],\n  "c": {\n    "d": 1\n  },\n}\n');
});
