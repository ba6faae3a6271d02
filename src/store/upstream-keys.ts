import type { DatabaseSync } from 'node:sqlite';
import { nearestKeyName } from './key-name.ts';
import { noLimits } from './key-record.ts';
import type { KeyStore } from './keys.ts';
import { plainKey } from './keys.ts';
import type { ImportPart } from './upstream.ts';

/**
 * The keys of an earlier product: their texts go on to work but are kept as digests, with their quotas. Names that OCP
 * does not allow, or that stand there twice, get the nearest free one. `keys.imported_id` keeps the earlier id, by which
 * usage is matched. Contract: the table `api_keys` of OCP's HTTP contract.
 */
export function upstreamKeys(keys: KeyStore): ImportPart {
  const target = keys.prepareImport();
  return {
    name: 'keys',
    run(from) {
      const taken = new Set<string>();
      for (const row of from.prepare('SELECT * FROM api_keys ORDER BY id').iterate()) {
        const id = Number(row['id']);
        const isRevoked = row['revoked'] === 1;
        const name = nearestKeyName(String(row['name']), id, (name) => taken.has(name) || keys.isTaken(name));
        // A revoked key's name is free again, for a later one as well.
        if (!isRevoked) taken.add(name);
        target.write({
          text: String(row['key']),
          properties: {
            ...plainKey,
            name,
            limits: {
              ...noLimits,
              requests: {
                daily: quota(row['quota_daily']),
                weekly: quota(row['quota_weekly']),
                monthly: quota(row['quota_monthly']),
              },
            },
          },
          createdAt: unixTime(row['created_at']),
          isRevoked,
          importedId: id,
        });
      }
    },
    done: target.list,
  };
}

/** The ids that imported keys have now, by the ids they had. */
export function importedKeyIds(database: DatabaseSync): ReadonlyMap<number, number> {
  const rows = database.prepare('SELECT imported_id, id FROM keys WHERE imported_id IS NOT NULL').all();
  return new Map(rows.map((row) => [Number(row['imported_id']), Number(row['id'])]));
}

/** Files of its first versions have no such columns. */
function quota(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}

/** `YYYY-MM-DD HH:MM:SS` in UTC, as Unix ms; 0 for what is no time. */
export function unixTime(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T')}Z`) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}
