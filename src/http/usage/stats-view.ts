import * as z from 'zod';
import type { UsageSums } from '../../store/usage-row.ts';
import { percentile } from '../../store/usage-roll-ups.ts';

const amounts = {
  requests: z.int(),
  errors: z.int(),
  /** Answered by the response cache. */
  cached: z.int(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  /** At list price. */
  usd: z.number(),
};
const share = z.number().min(0).max(1).nullable();
const time = z.int();

export const statsAnswer = z.strictObject({
  /** Unix ms, as all times here. */
  from: time,
  to: time,
  by: z.enum(['hour', 'day']),
  /** The time zone whose days these are. */
  zone: z.string(),
  /** Without gaps. */
  points: z.array(z.strictObject({ at: time, ...amounts })),
  totals: z.strictObject(amounts),
  /** Answers of the response cache among successful ones. */
  cacheHitRate: share,
  /** Tokens that Anthropic read from its prompt cache among all that went in. */
  promptCacheShare: share,
  /** Time to the first event, ms, right to about a tenth. */
  firstToken: z.strictObject({
    requests: z.int(),
    p50: z.int().nullable(),
    p90: z.int().nullable(),
    p99: z.int().nullable(),
  }),
  errors: z.array(z.strictObject({ outcome: z.string(), requests: z.int() })),
  byKey: z.array(z.strictObject({ account: z.string(), name: z.string(), ...amounts })),
  /** Under an empty name those that no model answered. */
  byModel: z.array(z.strictObject({ model: z.string(), ...amounts })),
});

export const activityAnswer = z.strictObject({
  /** Requests of each of the last so many times 24 hours, the oldest first. */
  keys: z.array(z.strictObject({ id: z.int(), days: z.array(z.int()) })),
});

type Amounts = { readonly [Name in keyof typeof amounts]: number };

export function amountsView(sums: UsageSums): Amounts {
  return {
    requests: sums.requests,
    errors: sums.requests - sums.successes,
    cached: sums.cached,
    inputTokens: sums.input_tokens,
    outputTokens: sums.output_tokens,
    cacheReadTokens: sums.cache_read_tokens,
    cacheWriteTokens: sums.cache_write_tokens,
    usd: sums.usd,
  };
}

/** The sum over parts of a time. */
export function total(parts: readonly Amounts[]): Amounts {
  const names = Object.keys(amounts) as (keyof Amounts)[];
  return Object.fromEntries(
    names.map((name) => [name, parts.reduce((sum, part) => sum + part[name], 0)]),
  ) as unknown as Amounts;
}

export function sharesOf({ requests, errors, cached, inputTokens, cacheReadTokens, cacheWriteTokens }: Amounts): {
  readonly cacheHitRate: number | null;
  readonly promptCacheShare: number | null;
} {
  const [successes, tokens] = [requests - errors, inputTokens + cacheReadTokens + cacheWriteTokens];
  return {
    cacheHitRate: successes === 0 ? null : cached / successes,
    promptCacheShare: tokens === 0 ? null : cacheReadTokens / tokens,
  };
}

export function firstTokenView(counts: ReadonlyMap<number, number>): z.input<typeof statsAnswer>['firstToken'] {
  return {
    requests: [...counts.values()].reduce((sum, count) => sum + count, 0),
    p50: percentile(counts, 0.5),
    p90: percentile(counts, 0.9),
    p99: percentile(counts, 0.99),
  };
}
