import * as z from 'zod';
import type { UsageScope } from '../../store/usage-query.ts';
import { HOUR_MS } from '../../store/usage-row.ts';
import { OcpError } from '../../wire/errors.ts';
import { parseWith } from '../../wire/validate.ts';

const USUAL_HOURS = 24;
const MOST_HOURS = 720;
const USUAL_RECENT = 50;
const MOST_RECENT = 500;

const count = z.coerce.number().int().min(1);

/** Numbers that make no sense mean the usual ones. */
export const usageQuery = z.looseObject({
  hours: count.optional().catch(undefined),
  limit: count.optional().catch(undefined),
  /** `2026-11-22`, `2026-11-22 10:00:00` (UTC) or ISO 8601. */
  since: z.string().optional(),
  until: z.string().optional(),
  all: z.literal('true').optional().catch(undefined),
  format: z.enum(['json', 'csv', 'jsonl']).default('json'),
});

/** What a caller asks of the usage. */
export interface UsageRequest {
  readonly range: Pick<UsageScope, 'from' | 'to'>;
  /** How many single requests are shown; an export has all of them unless it says otherwise. */
  readonly recent: number;
  readonly exported: number;
  readonly all: boolean;
  readonly format: 'json' | 'csv' | 'jsonl';
}

/** Reads the query of `/api/usage`. Raises OcpError `invalid_request` for a time that is none. */
export function usageRequest(query: unknown, now: number): UsageRequest {
  const { hours, limit, since, until, all, format } = parseWith(usageQuery, query);
  // Whole hours, which are read from their sums: the one that runs ends with the next.
  const soon = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS;
  const usual = Math.floor(now / HOUR_MS - Math.min(hours ?? USUAL_HOURS, MOST_HOURS)) * HOUR_MS;
  return {
    range: {
      from: since === undefined ? usual : timeOf(since, 'since'),
      to: until === undefined ? soon : timeOf(until, 'until'),
    },
    recent: Math.min(limit ?? USUAL_RECENT, MOST_RECENT),
    exported: limit ?? Number.MAX_SAFE_INTEGER,
    all: all === 'true',
    format,
  };
}

/** A time as a client writes it, Unix ms. Without a zone it is UTC; a `+` that was not encoded arrives as a space. */
export function timeOf(text: string, param: string): number {
  const plain = text
    .trim()
    .replace(/ (\d{2}:\d{2})$/u, '+$1')
    .replace(/^(\d{4}-\d{2}-\d{2}) /u, '$1T');
  const isDay = /^\d{4}-\d{2}-\d{2}$/u.test(plain);
  const time = /(?:Z|[+-]\d{2}:?\d{2})$/iu.test(plain) || isDay ? Date.parse(plain) : Date.parse(`${plain}Z`);
  if (!/^\d{4}-\d{2}-\d{2}/u.test(plain) || Number.isNaN(time)) {
    throw new OcpError('invalid_request', `'${param}' must be a time such as 2026-11-22 or 2026-11-22T10:00:00Z.`, {
      param,
    });
  }
  return time;
}
