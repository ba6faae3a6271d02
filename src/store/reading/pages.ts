import type { RequestFilter } from '../usage-query.ts';
import { startOf } from '../usage-query.ts';
import type { UsageRow } from '../usage-row.ts';
import type { Reader } from './reader.ts';

/** Rows that are read at a time. */
const PAGE = 1000;

/** Every request, newest first, at most `limit`, page by page: only what the reader takes is asked for. */
export async function* eachPage(
  reader: Reader,
  filter: RequestFilter,
  limit: number,
): AsyncGenerator<readonly UsageRow[], void> {
  let left = limit;
  let place = startOf(filter);
  while (left > 0) {
    const size = Math.min(left, PAGE);
    const page = await reader.ask('page', [filter, size, place]);
    if (page.length > 0) yield page.map(({ row }) => row);
    const last = page.at(-1);
    if (last === undefined || page.length < size) return;
    left -= page.length;
    place = { until: last.row.at, before: last.id };
  }
}
