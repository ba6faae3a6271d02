import type { ReportedUsd, RequestRecord } from '../../gateway/record.ts';
import type { UsageLog } from '../../store/usage-log.ts';
import type { UsageRow } from '../../store/usage-row.ts';

/** Puts a request into the log of usage, with what the CLI says it cost as soon as that is known. */
export function recordUsage(log: UsageLog, record: RequestRecord, reported: ReportedUsd | undefined, at: number): void {
  const correct = log.add(usageRow(record, at));
  void reported?.then((usd) => {
    if (usd !== undefined) correct(usd);
  });
}

/** A request as it is kept. `at` is when it ended, Unix ms. */
export function usageRow(record: RequestRecord, at: number): UsageRow {
  const { usage } = record;
  return {
    at,
    account: record.account,
    caller: record.caller,
    surface: record.surface,
    client: record.client,
    modelAsked: record.modelAsked,
    modelAnswered: record.modelAnswered ?? null,
    outcome: record.outcome,
    promptChars: record.promptChars,
    responseChars: record.responseChars,
    inputTokens: usage?.input_tokens ?? 0,
    outputTokens: usage?.output_tokens ?? 0,
    cacheReadTokens: usage?.cache_read_input_tokens ?? 0,
    cacheWriteTokens: usage?.cache_creation_input_tokens ?? 0,
    usd: record.listUsd,
    firstEventMs: record.firstEventMs === undefined ? null : Math.round(record.firstEventMs),
    durationMs: Math.round(record.durationMs),
    source: record.cached ?? record.origin ?? null,
    replayed: record.replayed,
  };
}
