import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { OwnerBytes } from './owner-bytes.ts';
import { Slices } from './slices.ts';
import { inTransaction } from './transaction.ts';

/** Rows that one statement removes at most, and one answer makes room of. */
const REMOVED_AT_ONCE = 100;
const REMOVED_FOR_ONE = 500;
/** Hits that wait to be written down at most. */
const MOST_HITS = 10_000;

export interface KeptAnswersOptions {
  readonly db: DatabaseSync;
  /** Bytes that all answers may take together. */
  readonly maxBytes: number;
  /** Told of an answer that could not be kept; requests do not fail for it. */
  readonly onError: (error: unknown) => void;
}

const statements = {
  get: 'SELECT answer FROM kept_answers WHERE key = ? AND kept_at >= ? AND kept_at <= ?',
  size: 'SELECT owner, bytes FROM kept_answers WHERE key = ?',
  hit: 'UPDATE kept_answers SET hits = hits + ? WHERE key = ?',
  put: 'INSERT OR REPLACE INTO kept_answers (key, owner, answer, bytes, kept_at) VALUES (?, ?, ?, ?, ?)',
  oldest: 'SELECT key, bytes FROM kept_answers WHERE owner = ? ORDER BY kept_at LIMIT ?',
  expired: 'SELECT key, owner, bytes FROM kept_answers WHERE kept_at < ? LIMIT ?',
  remove: 'DELETE FROM kept_answers WHERE key = ?',
  clear: 'DELETE FROM kept_answers',
  owners: 'SELECT owner, sum(bytes) AS bytes FROM kept_answers GROUP BY owner',
  stats: 'SELECT count(*) AS entries, coalesce(sum(hits), 0) AS hits FROM kept_answers',
} as const;

/**
 * Answers of the response cache. Keys are opaque; times are Unix ms. Where room is needed, whoever keeps the most loses
 * their oldest: nobody pushes out what others keep.
 */
export class KeptAnswers {
  readonly #options: KeptAnswersOptions;
  readonly #sql: Readonly<Record<keyof typeof statements, StatementSync>>;
  /** Hits by key that are not written down yet: a hit must not cost a write. */
  readonly #hits = new Map<string, number>();
  readonly #bytes = new OwnerBytes();
  readonly #sweeping: Slices;
  #notBefore = 0;

  constructor(options: KeptAnswersOptions) {
    this.#options = options;
    const prepared = Object.entries(statements).map(([name, sql]) => [name, options.db.prepare(sql)]);
    this.#sql = Object.fromEntries(prepared) as Record<keyof typeof statements, StatementSync>;
    for (const row of this.#sql.owners.all()) this.#bytes.add(String(row['owner']), Number(row['bytes']));
    this.#sweeping = new Slices(() => this.#removeExpired(), options.onError);
  }

  get(key: string, notBefore: number, now: number): string | undefined {
    try {
      const row = this.#sql.get.get(key, notBefore, now);
      if (row === undefined) return undefined;
      if (this.#hits.size < MOST_HITS) this.#hits.set(key, (this.#hits.get(key) ?? 0) + 1);
      return String(row['answer']);
    } catch (error) {
      this.#options.onError(error);
      return undefined;
    }
  }

  /** An answer for which there is no room is not kept. */
  put(owner: string, key: string, answer: string, now: number): void {
    const { maxBytes, onError } = this.#options;
    const bytes = Buffer.byteLength(answer);
    if (bytes > maxBytes) return;
    try {
      if (!this.#makeRoom(bytes)) return;
      const replaced = this.#sql.size.get(key);
      this.#sql.put.run(key, owner, answer, bytes, now);
      if (replaced !== undefined) this.#bytes.add(String(replaced['owner']), -Number(replaced['bytes']));
      this.#bytes.add(owner, bytes);
    } catch (error) {
      onError(error);
    }
  }

  sweep(notBefore: number): void {
    this.#writeHits();
    this.#notBefore = notBefore;
    this.#sweeping.begin();
  }

  /** Tells how many there were. */
  clear(): number {
    this.#hits.clear();
    const cleared = Number(this.#sql.clear.run().changes);
    this.#bytes.clear();
    return cleared;
  }

  stats(): { readonly entries: number; readonly totalHits: number; readonly sizeBytes: number } {
    this.#writeHits();
    const row = this.#sql.stats.get();
    return { entries: Number(row?.['entries']), totalHits: Number(row?.['hits']), sizeBytes: this.#bytes.total };
  }

  close(): void {
    this.#sweeping.close();
  }

  /** Whether there is room for so many bytes, after a bounded number of old ones went. */
  #makeRoom(bytes: number): boolean {
    let left = REMOVED_FOR_ONE;
    for (;;) {
      const needed = this.#bytes.total + bytes - this.#options.maxBytes;
      if (needed <= 0) return true;
      const most = this.#bytes.most();
      if (most === undefined || left <= 0) return false;
      left -= this.#remove(
        upTo(
          needed,
          this.#sql.oldest.all(most, REMOVED_AT_ONCE).map((row) => entryOf(row, most)),
        ),
      );
    }
  }

  #removeExpired(): boolean {
    const rows = this.#sql.expired.all(this.#notBefore, REMOVED_AT_ONCE);
    return this.#remove(rows.map((row) => entryOf(row, String(row['owner'])))) > 0;
  }

  #remove(entries: readonly Entry[]): number {
    inTransaction(this.#options.db, () => {
      for (const { key } of entries) this.#sql.remove.run(key);
    });
    for (const { key, owner, bytes } of entries) {
      this.#bytes.add(owner, -bytes);
      this.#hits.delete(key);
    }
    return entries.length;
  }

  #writeHits(): void {
    try {
      inTransaction(this.#options.db, () => {
        for (const [key, count] of this.#hits) this.#sql.hit.run(count, key);
      });
      this.#hits.clear();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}

interface Entry {
  readonly key: string;
  readonly owner: string;
  readonly bytes: number;
}

function entryOf(row: Readonly<Record<string, unknown>>, owner: string): Entry {
  return { key: String(row['key']), owner, bytes: Number(row['bytes']) };
}

/** The first entries that have so many bytes together. */
function upTo(needed: number, entries: readonly Entry[]): readonly Entry[] {
  let bytes = 0;
  return entries.filter((entry) => {
    const isNeeded = bytes < needed;
    bytes += entry.bytes;
    return isNeeded;
  });
}
