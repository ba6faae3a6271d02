import type { RequestView } from './usage-view.ts';

/** The columns of a CSV export, in order. */
const columns = [
  'created_at',
  'key_name',
  'model',
  'model_answered',
  'surface',
  'client',
  'success',
  'outcome',
  'prompt_chars',
  'response_chars',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'usd',
  'elapsed_ms',
  'first_token_ms',
  'source',
  'replayed',
] as const satisfies readonly (keyof RequestView)[];

type Pages = AsyncIterable<readonly RequestView[]>;

export const exportTypes = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson; charset=utf-8',
} as const;

/** The rows in the format, page by page. CSV as in RFC 4180. */
export async function* exported(pages: Pages, format: keyof typeof exportTypes): AsyncGenerator<string, void> {
  yield exportHead(format);
  for await (const page of pages) yield exportLines(page, format);
}

/** What stands before the first row; empty where nothing does. */
export function exportHead(format: keyof typeof exportTypes): string {
  return format === 'csv' ? `${columns.join(',')}\r\n` : '';
}

export function exportLines(page: readonly RequestView[], format: keyof typeof exportTypes): string {
  return page.map(format === 'csv' ? csvLine : jsonLine).join('');
}

function jsonLine(row: RequestView): string {
  return `${JSON.stringify(row)}\n`;
}

function csvLine(row: RequestView): string {
  return `${columns.map((name) => csvField(row[name])).join(',')}\r\n`;
}

/** A text that a spreadsheet would take for a formula is marked as text: names of models are whatever a client sends. */
function csvField(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
