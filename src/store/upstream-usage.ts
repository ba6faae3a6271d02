import type { DatabaseSync } from 'node:sqlite';
import type { ImportPart } from './upstream.ts';
import { importedKeyIds, unixTime } from './upstream-keys.ts';
import { insertRequest } from './usage-log.ts';
import { rollUpFrom } from './usage-roll-ups.ts';
import type { UsageRow } from './usage-row.ts';
import { requestValues } from './usage-row.ts';

/** Names under which the earlier product recorded callers without a key. */
const roles = ['admin', 'shared', 'anonymous', 'local', 'remote'];

/** The usage of an earlier product; its keys are taken over before. Contract: the table `usage_log` of OCP's HTTP contract. */
export function upstreamUsage(database: DatabaseSync): ImportPart {
  return {
    name: 'usage',
    run(from) {
      const hasUsage = from.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'usage_log'").get();
      if (hasUsage === undefined) return;
      const keyIds = importedKeyIds(database);
      const add = database.prepare(insertRequest);
      let firstId: number | bigint | undefined;
      for (const row of from.prepare('SELECT * FROM usage_log ORDER BY id').iterate()) {
        const { lastInsertRowid } = add.run(...requestValues(usageRow(row, keyIds)));
        firstId ??= lastInsertRowid;
      }
      if (firstId !== undefined) rollUpFrom(database, firstId);
    },
  };
}

function usageRow(row: Readonly<Record<string, unknown>>, keyIds: ReadonlyMap<number, number>): UsageRow {
  const name = typeof row['key_name'] === 'string' ? row['key_name'] : 'anonymous';
  const keyId = typeof row['key_id'] === 'number' ? keyIds.get(row['key_id']) : undefined;
  const unkeyed = roles.includes(name) ? name : 'remote';
  const isOk = row['success'] === 1;
  const model = typeof row['model'] === 'string' ? row['model'] : '';
  return {
    at: unixTime(row['created_at']),
    account: keyId === undefined ? unkeyed : `key:${keyId}`,
    caller: name,
    surface: 'openai-chat',
    client: 'unknown',
    modelAsked: model,
    modelAnswered: isOk ? model : null,
    outcome: isOk ? 'ok' : 'upstream_error',
    promptChars: count(row['prompt_chars']),
    responseChars: count(row['response_chars']),
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    usd: 0,
    firstEventMs: null,
    durationMs: count(row['elapsed_ms']),
    source: null,
    replayed: false,
  };
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.round(value) : 0;
}
