import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { exportHead, exportLines } from '../../../src/http/usage/usage-export.ts';
import type { RequestView } from '../../../src/http/usage/usage-view.ts';

const row = {
  created_at: '2026-11-30T10:00:00.000Z',
  key_name: 'ben',
  model: 'sonnet',
  success: 1,
  usd: 0.25,
  first_token_ms: null,
} as unknown as RequestView;

/** The fields of one CSV text, by the grammar of RFC 4180. */
function parseCsv(text: string): string[][] {
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/guy;
  const lines: string[][] = [[]];
  for (const [, value = '', end] of text.matchAll(field)) {
    lines.at(-1)?.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === '\r\n') lines.push([]);
  }
  return lines.slice(0, -1);
}

function csvOf(view: RequestView): readonly [header: string[], fields: string[]] {
  const [header = [], fields = [], ...others] = parseCsv(exportHead('csv') + exportLines([view], 'csv'));
  assert.deepEqual(others, []);
  return [header, fields];
}

test('no text of a client starts a formula in a spreadsheet', () => {
  for (const start of ['=', '+', '-', '@', '\t', '\r']) {
    const model = `${start}HYPERLINK("http://example.invalid")`;
    const [header, fields] = csvOf({ ...row, model });
    assert.equal(fields[header.indexOf('model')], `'${model}`, JSON.stringify(start));
  }
  const [header, fields] = csvOf({ ...row, model: 'a=b' });
  assert.equal(fields[header.indexOf('model')], 'a=b');
});

test('any text comes back from the CSV as it was, in its own field', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', '\t', '=', ' ') }), (model) => {
      const [header, fields] = csvOf({ ...row, model });
      assert.equal(fields.length, header.length);
      assert.equal(fields[header.indexOf('model')]?.replace(/^'(?=[=+\-@\t\r])/u, ''), model);
      assert.equal(fields[header.indexOf('first_token_ms')], '');
      assert.equal(fields[header.indexOf('usd')], '0.25');
    }),
  );
});
