/** One request as it is kept, however it ended. */
export interface UsageRow {
  /** When it ended, Unix ms. */
  readonly at: number;
  /** On whose account it went: `key:` and an id, or a role. */
  readonly account: string;
  /** The caller's name at that time. */
  readonly caller: string;
  readonly surface: string;
  /** The family of the client program. */
  readonly client: string;
  readonly modelAsked: string;
  /** Null when no model answered. */
  readonly modelAnswered: string | null;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
  readonly promptChars: number;
  readonly responseChars: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** At list price. */
  readonly usd: number;
  /** To the first event; null when there was none. */
  readonly firstEventMs: number | null;
  readonly durationMs: number;
  /** What answered: the worker (`live`, `spare`, `recycled`, `started`) or the cache (`hit`, `joined`); null = nothing. */
  readonly source: string | null;
  /** Whether earlier messages had to be written into the worker. */
  readonly replayed: boolean;
}

export const HOUR_MS = 3_600_000;

/** The columns of `usage_requests`, in the order in which a row is written. */
export const requestColumns = [
  'at',
  'account',
  'caller',
  'surface',
  'client',
  'model_asked',
  'model_answered',
  'outcome',
  'prompt_chars',
  'response_chars',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'usd',
  'first_event_ms',
  'duration_ms',
  'source',
  'replayed',
] as const;

/** What counts towards a quota: see `isCounted` in src/gateway/record.ts. */
const COUNTED = "(outcome = 'ok' OR (outcome = 'client_closed' AND model_answered IS NOT NULL))";

/** What `usage_hours` sums up, and how each sum follows from the rows of `usage_requests`. */
export const sums = {
  requests: '1',
  successes: "outcome = 'ok'",
  cached: "outcome = 'ok' AND ifnull(source, '') IN ('hit', 'joined')",
  counted: COUNTED,
  counted_cached: `${COUNTED} AND ifnull(source, '') IN ('hit', 'joined')`,
  prompt_chars: 'prompt_chars',
  response_chars: 'response_chars',
  input_tokens: 'input_tokens',
  output_tokens: 'output_tokens',
  cache_read_tokens: 'cache_read_tokens',
  cache_write_tokens: 'cache_write_tokens',
  usd: 'usd',
  duration_ms: 'duration_ms',
  first_events: 'first_event_ms IS NOT NULL',
  first_event_ms: 'ifnull(first_event_ms, 0)',
} as const;

export const sumNames = Object.keys(sums) as readonly (keyof typeof sums)[];

export type UsageSums = Readonly<Record<keyof typeof sums, number>>;

/** A row's values, in the order of the columns. */
export function requestValues(row: UsageRow): (string | number | null)[] {
  return [
    row.at,
    row.account,
    row.caller,
    row.surface,
    row.client,
    row.modelAsked,
    row.modelAnswered,
    row.outcome,
    row.promptChars,
    row.responseChars,
    row.inputTokens,
    row.outputTokens,
    row.cacheReadTokens,
    row.cacheWriteTokens,
    row.usd,
    row.firstEventMs,
    row.durationMs,
    row.source,
    Number(row.replayed),
  ];
}

export function requestRow(row: Readonly<Record<string, unknown>>): UsageRow {
  return {
    at: Number(row['at']),
    account: String(row['account']),
    caller: String(row['caller']),
    surface: String(row['surface']),
    client: String(row['client']),
    modelAsked: String(row['model_asked']),
    modelAnswered: textOrNull(row['model_answered']),
    outcome: String(row['outcome']),
    promptChars: Number(row['prompt_chars']),
    responseChars: Number(row['response_chars']),
    inputTokens: Number(row['input_tokens']),
    outputTokens: Number(row['output_tokens']),
    cacheReadTokens: Number(row['cache_read_tokens']),
    cacheWriteTokens: Number(row['cache_write_tokens']),
    usd: Number(row['usd']),
    firstEventMs: typeof row['first_event_ms'] === 'number' ? row['first_event_ms'] : null,
    durationMs: Number(row['duration_ms']),
    source: textOrNull(row['source']),
    replayed: row['replayed'] === 1,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
