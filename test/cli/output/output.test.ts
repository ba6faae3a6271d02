import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { clean, cleanJson } from '../../../src/cli/output/clean.ts';
import { printFields } from '../../../src/cli/output/fields.ts';
import { bytesText, compactText, countText, durationText, timeText, usdText } from '../../../src/cli/output/format.ts';
import { painter } from '../../../src/cli/output/paint.ts';
import { withSpinner } from '../../../src/cli/output/spinner.ts';
import { printTable, tableLines } from '../../../src/cli/output/table.ts';
import { cut, displayWidth, knownColumns } from '../../../src/cli/output/width.ts';

const unseen = /[^\n\P{Cc}]|[\p{Cf}\p{Cs}]/u;
const pieces = [
  'a',
  'é',
  '日',
  '🙂',
  '"',
  '\\',
  '[',
  '3',
  'm',
  '\n',
  '\r',
  '\t',
  '\u001b',
  '\u0007',
  '\u007f',
  '\u009b',
  '\u00ad',
  '\u200d',
  '\u2028',
  '\u202e',
  '\ud83d',
  '\u{e0041}',
];
const plain = painter({});

function screen(columns: number, colours = false) {
  const lines: string[] = [];
  return {
    lines,
    stdout: (line: string) => void lines.push(line),
    terminal: { columns: () => columns, colours, interactive: true },
  };
}

suite('what is printed', () => {
  test('holds nothing that steers a terminal, whatever it came from', () => {
    assert.equal(clean('\u001b[31mred\u001b[0m\r\nnext\u009b2J\u202egpj'), 'red nextgpj');
    const text = fc.string({ unit: fc.constantFrom(...pieces) });
    fc.assert(fc.property(text, (any) => !unseen.test(clean(any)) && !clean(any).includes('\n')));
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        const json = cleanJson(value);
        assert.ok(!unseen.test(json));
        assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('is as wide as a terminal shows it', () => {
    assert.deepEqual(['abc', 'é', 'e\u0301', '日本', '🙂', '…'].map(displayWidth), [3, 1, 1, 4, 2, 1]);
    assert.deepEqual([cut('abcdef', 4), cut('日本語', 4), cut('ab', 2), cut('ab', 0)], ['abc…', '日…', 'ab', '']);
  });

  test('has the usual width where a terminal tells none', () => {
    assert.deepEqual([0, 44].map(knownColumns), [80, 44]);
  });

  test('is written for people', () => {
    assert.deepEqual([412, 8000, 59_960, 192_000, 23_520_000, 352_800_000, 3_600_000].map(durationText), [
      '412ms',
      '8.0s',
      '1m',
      '3m 12s',
      '6h 32m',
      '4d 2h',
      '1h',
    ]);
    assert.deepEqual([7, 4200, 43_000, 999_960, 1_500_000].map(compactText), ['7', '4.2K', '43K', '1M', '1.5M']);
    assert.deepEqual([0, 0.0123, 12.5].map(usdText), ['$0.00', '$0.0123', '$12.50']);
    assert.deepEqual([512, 284_000, 1_572_864].map(bytesText), ['512 B', '277 KiB', '1.5 MiB']);
    assert.equal(countText(12_345), '12,345');
    assert.deepEqual(
      ['2026-11-22 10:00:00', '2026-11-22T10:00:00.000Z', null, 'soon'].map((time) => timeText(time, 'Asia/Tokyo')),
      ['2026-11-22 19:00', '2026-11-22 19:00', '–', 'soon'],
    );
  });
});

suite('a table', () => {
  const columns = [
    { title: 'Name', least: 6 },
    { title: 'Reqs', align: 'right' },
    { title: 'Note', drop: 2 },
    { title: 'Last', drop: 1 },
  ] as const;
  const rows = [
    ['a-very-long-name-of-a-key', '5', 'the note', 'yesterday'],
    [{ text: '\u001b[31mx', style: 'red' }, '12', '', ''],
  ] as const;

  test('is whole in a pipe, and has no colours there', () => {
    const lines: string[] = [];
    printTable({ stdout: (line) => void lines.push(line) }, columns, rows, { rule: true });
    assert.equal(lines.length, 4);
    assert.match(lines[2] ?? '', /^a-very-long-name-of-a-key +5 +the note +yesterday$/u);
    assert.match(lines[3] ?? '', /^x +12/u);
    assert.ok(!lines.join('').includes('\u001b'));
  });

  test('cuts, then leaves out what may go, as the terminal gets narrower', () => {
    const at = (width: number): string => tableLines(columns, rows, { width, paint: plain }).join('\n');
    assert.match(at(80), /a-very-long-name-of-a-key/u);
    assert.match(at(40), /a-very-l[a-z-]*… +5 +the note +yesterday/u);
    assert.ok(!at(30).includes('Note') && at(30).includes('Last'));
    assert.ok(!at(16).includes('Last'));
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 60 }), fc.array(fc.tuple(fc.string(), fc.string())), (width, cells) => {
        const lines = tableLines(columns, cells, { width, paint: plain });
        assert.ok(lines.every((line) => displayWidth(line) <= width));
        assert.equal(lines.length, cells.length + 1);
      }),
    );
  });

  test('has colours on a terminal that can, without a change of its shape', () => {
    const [coloured, bare] = [screen(80, true), screen(80)];
    printTable(coloured, columns, rows);
    printTable(bare, columns, rows);
    assert.ok(coloured.lines.some((line) => line.includes('\u001b[31mx')));
    assert.deepEqual(coloured.lines.map(stripVTControlCharacters), bare.lines);
  });

  test('of labels leaves out what is not known and ends where the terminal does', () => {
    const io = screen(20);
    printFields(io, [
      ['Name', 'x'.repeat(30)],
      ['Gone', undefined],
      ['State', { text: 'on\n', style: 'green' }],
    ]);
    assert.deepEqual(io.lines, [`Name   ${'x'.repeat(12)}…`, 'State  on ']);
  });
});

suite('the spinner', () => {
  const times = { afterMs: 50, everyMs: 10 };
  const run = async (colours: boolean | undefined, workMs: number, t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    const written: string[] = [];
    const terminal = colours === undefined ? undefined : { columns: () => 80, colours, interactive: true };
    const io = { write: (text: string) => void written.push(text), terminal };
    const work = Promise.withResolvers<number>();
    const done = withSpinner(io, 'asking', async () => work.promise, times);
    // A timer that is set during a tick counts from its end.
    t.mock.timers.tick(Math.min(workMs, times.afterMs));
    t.mock.timers.tick(Math.max(0, workMs - times.afterMs));
    work.resolve(7);
    assert.equal(await done, 7);
    t.mock.timers.tick(1000);
    return written;
  };

  test('shows nothing for short work, and nothing in a pipe', async (t) => {
    assert.deepEqual(await run(true, 49, t), []);
    t.mock.timers.reset();
    assert.deepEqual(await run(undefined, 500, t), []);
  });

  test('turns on a terminal, and leaves nothing behind', async (t) => {
    const written = await run(true, 75, t);
    assert.equal(written.filter((text) => text.includes('asking')).length, 3);
    assert.equal(written.at(-1), '\r\u001b[K');
  });

  test('is one line where there are no colours', async (t) => {
    assert.deepEqual(await run(false, 500, t), ['asking …\n']);
  });
});
