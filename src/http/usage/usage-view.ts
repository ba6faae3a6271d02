import * as z from 'zod';
import type { AccountUsage, HourUsage } from '../../store/usage-query.ts';
import type { KeyStore } from '../../store/keys.ts';
import type { UsageRow, UsageSums } from '../../store/usage-row.ts';
import { keyIdOf } from '../owner.ts';

const tokenSums = {
  input_tokens: z.int(),
  output_tokens: z.int(),
  cache_read_tokens: z.int(),
  cache_write_tokens: z.int(),
  /** At list price. */
  usd: z.number(),
};

const keyUsage = z.strictObject({
  key_name: z.string(),
  requests: z.int(),
  successes: z.int(),
  errors: z.int(),
  /** Of the successes, those that the response cache answered. */
  cached: z.int(),
  total_prompt_chars: z.int(),
  total_response_chars: z.int(),
  total_elapsed_ms: z.int(),
  avg_elapsed_ms: z.int(),
  avg_first_token_ms: z.int().nullable(),
  first_request: z.string(),
  last_request: z.string(),
  ...tokenSums,
});
const hourUsage = z.strictObject({
  hour: z.string(),
  requests: z.int(),
  successes: z.int(),
  prompt_chars: z.int(),
  response_chars: z.int(),
  avg_elapsed_ms: z.int(),
  ...tokenSums,
});
export const requestAnswer = z.strictObject({
  created_at: z.string(),
  key_name: z.string(),
  model: z.string(),
  model_answered: z.string().nullable(),
  surface: z.string(),
  client: z.string(),
  success: z.union([z.literal(0), z.literal(1)]),
  outcome: z.string(),
  prompt_chars: z.int(),
  response_chars: z.int(),
  ...tokenSums,
  elapsed_ms: z.int(),
  first_token_ms: z.int().nullable(),
  /** The worker or the cache that answered. */
  source: z.string().nullable(),
  replayed: z.boolean(),
});

/** Contract: section "/api/usage" of OCP's HTTP contract, and what OCP adds. */
export const usageAnswer = z.strictObject({
  byKey: z.array(keyUsage),
  timeline: z.array(hourUsage),
  recent: z.array(requestAnswer),
  scope: z.strictObject({ self: z.string().nullable(), all: z.boolean() }),
});

export type RequestView = z.input<typeof requestAnswer>;

export function keyUsageView(usage: AccountUsage, name: string): z.input<typeof keyUsage> {
  return {
    key_name: name,
    requests: usage.requests,
    successes: usage.successes,
    errors: usage.requests - usage.successes,
    cached: usage.cached,
    total_prompt_chars: usage.prompt_chars,
    total_response_chars: usage.response_chars,
    total_elapsed_ms: usage.duration_ms,
    avg_elapsed_ms: average(usage.duration_ms, usage.requests) ?? 0,
    avg_first_token_ms: average(usage.first_event_ms, usage.first_events),
    first_request: sqlTime(usage.firstAt),
    last_request: sqlTime(usage.lastAt),
    ...tokensOf(usage),
  };
}

export function hourUsageView(usage: HourUsage): z.input<typeof hourUsage> {
  return {
    hour: `${new Date(usage.at).toISOString().slice(0, 13)}:00:00`,
    requests: usage.requests,
    successes: usage.successes,
    prompt_chars: usage.prompt_chars,
    response_chars: usage.response_chars,
    avg_elapsed_ms: average(usage.duration_ms, usage.requests) ?? 0,
    ...tokensOf(usage),
  };
}

export function requestView(row: UsageRow, name: string): RequestView {
  return {
    created_at: sqlTime(row.at),
    key_name: name,
    model: row.modelAsked === '' ? (row.modelAnswered ?? '') : row.modelAsked,
    model_answered: row.modelAnswered,
    surface: row.surface,
    client: row.client,
    success: row.outcome === 'ok' ? 1 : 0,
    outcome: row.outcome,
    prompt_chars: row.promptChars,
    response_chars: row.responseChars,
    input_tokens: row.inputTokens,
    output_tokens: row.outputTokens,
    cache_read_tokens: row.cacheReadTokens,
    cache_write_tokens: row.cacheWriteTokens,
    usd: row.usd,
    elapsed_ms: row.durationMs,
    first_token_ms: row.firstEventMs,
    source: row.source,
    replayed: row.replayed,
  };
}

/** A key's usage is shown under the name that it has now. */
export function namer(keys: Pick<KeyStore, 'byId'>): (row: Pick<UsageRow, 'account' | 'caller'>) => string {
  return ({ account, caller }) => {
    const id = keyIdOf(account);
    return (id === undefined ? undefined : keys.byId(id)?.name) ?? caller;
  };
}

function tokensOf({
  input_tokens,
  output_tokens,
  cache_read_tokens,
  cache_write_tokens,
  usd,
}: UsageSums): Pick<UsageSums, keyof typeof tokenSums> {
  return { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, usd };
}

function average(sum: number, count: number): number | null {
  return count === 0 ? null : Math.round(sum / count);
}

/** UTC, as the contract writes times of usage: `2026-11-22 10:00:00`. */
function sqlTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
