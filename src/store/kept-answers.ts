import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface KeptAnswersOptions {
  readonly db: DatabaseSync;
  /** Bytes that all answers may take together. */
  readonly maxBytes: number;
}

/** Answers of the response cache. Keys are opaque; times are Unix ms. */
export class KeptAnswers {
  readonly #maxBytes: number;
  readonly #get: StatementSync;
  readonly #hit: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #removeOldest: StatementSync;
  readonly #clear: StatementSync;
  readonly #stats: StatementSync;
  /** Hits by key that are not written down yet: a hit must not cost a write. */
  readonly #hits = new Map<string, number>();
  #bytes: number;

  constructor({ db, maxBytes }: KeptAnswersOptions) {
    this.#maxBytes = maxBytes;
    this.#get = db.prepare('SELECT answer FROM kept_answers WHERE key = ? AND kept_at >= ?');
    this.#hit = db.prepare('UPDATE kept_answers SET hits = hits + ? WHERE key = ?');
    this.#put = db.prepare('INSERT OR REPLACE INTO kept_answers (key, answer, bytes, kept_at) VALUES (?, ?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM kept_answers WHERE kept_at < ?');
    this.#removeOldest = db.prepare(
      'DELETE FROM kept_answers WHERE key IN (SELECT key FROM kept_answers ORDER BY kept_at LIMIT 16)',
    );
    this.#clear = db.prepare('DELETE FROM kept_answers');
    this.#stats = db.prepare(
      'SELECT count(*) AS entries, coalesce(sum(hits), 0) AS hits, coalesce(sum(bytes), 0) AS bytes FROM kept_answers',
    );
    this.#bytes = this.#read().bytes;
  }

  get(key: string, notBefore: number): string | undefined {
    const row = this.#get.get(key, notBefore);
    if (row === undefined) return undefined;
    this.#hits.set(key, (this.#hits.get(key) ?? 0) + 1);
    return String(row['answer']);
  }

  /** An answer that alone is larger than the limit is not kept. */
  put(key: string, answer: string, now: number): void {
    const bytes = Buffer.byteLength(answer);
    if (bytes > this.#maxBytes) return;
    this.#put.run(key, answer, bytes, now);
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) this.#shrink();
  }

  sweep(notBefore: number): void {
    this.#writeHits();
    this.#remove.run(notBefore);
    this.#bytes = this.#read().bytes;
  }

  /** Tells how many there were. */
  clear(): number {
    this.#hits.clear();
    this.#bytes = 0;
    return Number(this.#clear.run().changes);
  }

  stats(): { readonly entries: number; readonly totalHits: number; readonly sizeBytes: number } {
    this.#writeHits();
    const { entries, hits, bytes } = this.#read();
    return { entries, totalHits: hits, sizeBytes: bytes };
  }

  #shrink(): void {
    this.#bytes = this.#read().bytes;
    while (this.#bytes > this.#maxBytes && Number(this.#removeOldest.run().changes) > 0)
      this.#bytes = this.#read().bytes;
  }

  #writeHits(): void {
    for (const [key, count] of this.#hits) this.#hit.run(count, key);
    this.#hits.clear();
  }

  #read(): { readonly entries: number; readonly hits: number; readonly bytes: number } {
    const row = this.#stats.get() ?? {};
    return { entries: Number(row['entries'] ?? 0), hits: Number(row['hits'] ?? 0), bytes: Number(row['bytes'] ?? 0) };
  }
}
