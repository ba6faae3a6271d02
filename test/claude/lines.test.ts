import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LineSplitter, LineTooLongError } from '../../src/claude/lines.ts';

const line = fc
  .string({ unit: 'binary', maxLength: 40 })
  .map((text) => text.replaceAll('\n', ' '))
  .filter((text) => text !== '');

test('lines come out the same wherever the bytes are cut, also inside a character', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat({ max: 20 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const expected = bytes.toString('utf8').split('\n').slice(0, -1);
      assert.deepEqual(split(bytes, cuts), expected);
    }),
  );
});

test('every single cut of a line with characters of all lengths leaves it whole', () => {
  const bytes = Buffer.from('{"a":"é漢🙂"}\n\n{"b":1}\n');
  for (let at = 0; at <= bytes.length; at += 1) assert.deepEqual(split(bytes, [at]), ['{"a":"é漢🙂"}', '{"b":1}']);
});

test('a line is refused at its first byte over the limit, whole or in pieces', () => {
  for (const pieceBytes of [1, 3, 11]) {
    const fits = cut(Buffer.from('0123456789\n'), pieceBytes);
    const tooLong = cut(Buffer.from('0123456789a'), pieceBytes);
    const splitter = new LineSplitter(10);
    const lines: string[] = [];
    for (const piece of fits) splitter.push(piece, (text) => lines.push(text));
    assert.deepEqual(lines, ['0123456789']);
    assert.throws(() => tooLong.forEach((piece) => splitter.push(piece, () => {})), LineTooLongError);
  }
});

function split(bytes: Buffer, cuts: readonly number[]): string[] {
  const splitter = new LineSplitter(1024);
  const lines: string[] = [];
  let start = 0;
  for (const length of [...cuts, bytes.length]) {
    splitter.push(bytes.subarray(start, start + length), (text) => lines.push(text));
    start += length;
  }
  return lines;
}

function cut(bytes: Buffer, pieceBytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return pieces;
}
