import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { Collector } from '../../src/http/body/collector.ts';
import { JsonCounter } from '../../src/http/body/json-counter.ts';

/** JSON of any kind, with and without white space. */
const spelled = fc
  .tuple(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), fc.constantFrom(0, 1, 3))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

const text = fc
  .array(fc.constantFrom('\\', '"', '[', '{', ',', ':', '\\\\', 'a', '\n', '\u{1f600}', '\ud800'), { maxLength: 12 })
  .map((parts) => parts.join(''));
const nested = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.integer(),
    fc.constantFrom(null, true, 1e21),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
})).value;

suite('a body that arrives', () => {
  test('is counted as JSON.parse would find it, wherever its pieces end', () => {
    const any = fc.oneof(
      spelled,
      nested.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(any, fc.array(fc.nat(), { maxLength: 8 }), (json, cuts) => {
        const counter = new JsonCounter();
        const collector = new Collector();
        const pieces = piecesOf(Buffer.from(json), cuts);
        for (const piece of pieces) {
          counter.push(piece);
          collector.add(piece);
        }
        const value: unknown = JSON.parse(json);
        assert.deepEqual([counter.values, counter.deepest], [valuesOf(value), depthOf(value)]);
        assert.equal(collector.finish().toString(), Buffer.from(json).toString());
      }),
      { numRuns: 500 },
    );
  });

  test('is counted the same byte by byte', () => {
    fc.assert(
      fc.property(nested, (value) => {
        const json = Buffer.from(JSON.stringify(value, null, 1));
        const counter = new JsonCounter();
        for (let at = 0; at < json.length; at += 1) counter.push(json.subarray(at, at + 1));
        assert.deepEqual([counter.values, counter.deepest], [valuesOf(value), depthOf(value)]);
      }),
    );
  });

  test('takes little more memory than it is long, in whatever pieces it comes', () => {
    const collector = new Collector();
    const arrived = Buffer.alloc(65_536, 'a');
    for (let at = 0; at < 1_000_000; at += 1) collector.add(arrived.subarray(at % 65_536, (at % 65_536) + 1));
    const whole = collector.finish();
    assert.deepEqual([whole.length, whole.buffer.byteLength], [1_000_000, 1_000_000]);
  });
});

function piecesOf(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

function valuesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, member) => sum + valuesOf(member), 1);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Object.values(value).reduce((most: number, member) => Math.max(most, depthOf(member)), 0);
}
