import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { JsonTap } from '../../../src/wire/anthropic/json-tap.ts';
import { jsonObject, splits } from './arbitraries.ts';

const spaces = fc.constantFrom(undefined, 1, '\t');

function tapped(pieces: readonly string[], path: readonly string[]): string[] {
  const texts: string[] = [];
  const tap = new JsonTap({
    begin: (at) => {
      const asked = at.length === path.length && at.every((key, i) => key === path[i]);
      if (asked) texts.push('');
      return asked;
    },
    piece: (text) => texts.push(`${texts.pop() ?? ''}${text}`),
    end: () => {},
    close: () => {},
  });
  for (const piece of pieces) tap.feed(piece);
  return texts;
}

test('a member comes out as it was written, for any split and any layout', () => {
  fc.assert(
    fc.property(jsonObject, splits, spaces, (object, split, space) => {
      const pieces = split(JSON.stringify(object, undefined, space));
      for (const [key, value] of Object.entries(object)) {
        const [text = '', ...others] = tapped(pieces, [key]);
        assert.deepEqual(others, []);
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      }
    }),
  );
});

test('members inside the elements of a list come out one by one', () => {
  fc.assert(
    fc.property(fc.array(jsonObject), jsonObject, splits, spaces, (inputs, other, split, space) => {
      const calls = inputs.map((input) => ({ other, input, name: 'x' }));
      const pieces = split(JSON.stringify({ before: other, calls, after: [other] }, undefined, space));
      const texts = tapped(pieces, ['calls', '*', 'input']);
      assert.deepEqual(
        texts.map((text) => JSON.parse(text) as unknown),
        JSON.parse(JSON.stringify(inputs)),
      );
      assert.equal(tapped(pieces, ['calls', '*', 'name']).length, inputs.length);
    }),
  );
});

test('what is no JSON raises nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', ' ') })),
      (pieces) => {
        tapped(pieces, ['a']);
      },
    ),
  );
});
