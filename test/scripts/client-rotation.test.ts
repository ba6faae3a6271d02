import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { chooseFiles, PARTS } from '../../clients/choose.ts';

suite('the rotation of clients', () => {
  const files = Array.from({ length: 11 }, (_, index) => `client-${String.fromCodePoint(97 + index)}.test.ts`);
  const day = (offset: number): Date => new Date(Date.UTC(2026, 10, 30 + offset, 12));
  const turn = { all: false, only: [] };

  test('tries each client once in as many days as there are parts', () => {
    for (const first of [0, 1, 5]) {
      const tried = Array.from({ length: PARTS }, (_, offset) => chooseFiles(files, turn, day(first + offset)));
      assert.deepEqual(tried.flat().toSorted(), files);
      for (const part of tried) assert.ok(Math.abs(part.length - files.length / PARTS) < 1);
    }
  });

  test('tries all, or those that are named, whatever the day', () => {
    assert.deepEqual(chooseFiles(files, { all: true, only: [] }, day(0)), files);
    assert.deepEqual(chooseFiles(files, { all: false, only: ['client-c', 'client-a'] }, day(3)), [files[0], files[2]]);
    assert.throws(() => chooseFiles(files, { all: false, only: ['vim'] }, day(0)), /No client is called vim/);
  });
});
