import * as z from 'zod';
import type { StoredItem } from '../../store/responses.ts';
import { OcpError } from '../../wire/errors.ts';
import { parseWith } from '../../wire/validate.ts';

/** A page of a list, as OpenAI's lists come. */
export interface ItemPage {
  readonly object: 'list';
  readonly data: readonly StoredItem[];
  readonly first_id: unknown;
  readonly last_id: unknown;
  readonly has_more: boolean;
}

const querySchema = z.looseObject({
  limit: z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .optional(),
  order: z.enum(['asc', 'desc']).optional(),
  after: z.string().optional(),
  before: z.string().optional(),
});

/**
 * One page of items that are given oldest first; newest first unless the query asks otherwise. Raises OcpError
 * `invalid_request` for a query that makes no sense. Contract: OpenAI API reference, Responses, List input items.
 */
export function pageOf(items: readonly StoredItem[], query: unknown): ItemPage {
  const { limit = 20, order = 'desc', after, before } = parseWith(querySchema, query);
  const ordered = order === 'asc' ? items : items.toReversed();
  const ids = ordered.map((item) => item['id']);
  // Clients may give an id twice: what is paged through must come to an end.
  const from = after === undefined ? 0 : known(ids.lastIndexOf(after), 'after') + 1;
  const to = before === undefined ? ids.length : known(ids.indexOf(before), 'before');
  // Before an item and after none are the ones nearest to it.
  const start = before !== undefined && after === undefined ? Math.max(from, to - limit) : from;
  const data = ordered.slice(start, Math.min(to, start + limit));
  const hasMore = start === from ? start + data.length < to : true;
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: hasMore,
  };
}

function known(position: number, param: string): number {
  if (position !== -1) return position;
  throw new OcpError('invalid_request', `'${param}' names no item of this response.`, { param });
}
