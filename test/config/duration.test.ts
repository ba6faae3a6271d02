import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { durationText, parseDuration } from '../../src/config/duration.ts';

suite('durations', () => {
  for (const [text, ms] of [
    ['500ms', 500],
    ['90s', 90_000],
    ['5m', 300_000],
    ['5M', 300_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['0.5h', 1_800_000],
    ['2d', 172_800_000],
    ['1d1h1m1s1ms', 90_061_001],
    ['0s', 0],
  ] as const) {
    test(`${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms));
  }

  for (const text of [
    '',
    ' ',
    '5',
    'm',
    '5x',
    '-5m',
    '30m1h',
    '5m5m',
    '1e3s',
    '5,5s',
    '٥m',
    '1.2345s',
    'PT5M',
    '5mm',
  ]) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseDuration(text), undefined));
  }

  test('are written so that they are read back exactly', () => {
    assert.deepEqual(
      [0, 500, 1500, 30_000, 90_000, 120_000, 300_000, 5_400_000, 86_400_000, 2_592_000_000].map(durationText),
      ['0', '500ms', '1500ms', '30s', '90s', '2m', '5m', '1h30m', '24h', '30d'],
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000_000_000_000 }), (ms) => {
        assert.equal(parseDuration(durationText(ms)), ms);
      }),
    );
  });

  test('take no time to refuse', () => {
    assert.equal(parseDuration(`${'1'.repeat(100_000)}m`), undefined);
    assert.equal(parseDuration(`${' '.repeat(100_000)}x`), undefined);
  });
});
