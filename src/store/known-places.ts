import type { DatabaseSync } from 'node:sqlite';

/** How many are kept; beyond it the one longest unused goes. */
const MOST = 10_000;
/** A use is written down again after this time, ms. */
const WRITE_AGAIN_MS = 86_400_000;
/** Without use they are forgotten after this time, ms. */
const KEPT_MS = 90 * 86_400_000;

export interface KnownPlacesOptions {
  /** The quick connection. */
  readonly database: DatabaseSync;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** Digests that outlive a restart, each with the time of its last use: which secret was right at which address. */
export class KnownPlacesStore {
  readonly #options: KnownPlacesOptions;
  /** When each was last written down, the longest unused first. */
  readonly #usedAt: Map<string, number>;

  constructor(options: KnownPlacesOptions) {
    this.#options = options;
    const { database, now } = options;
    database.prepare('DELETE FROM known_places WHERE used_at < ?').run(now() - KEPT_MS);
    const rows = database.prepare('SELECT digest, used_at FROM known_places ORDER BY used_at').all();
    this.#usedAt = new Map(rows.map((row) => [String(row['digest']), Number(row['used_at'])]));
  }

  has(digest: string): boolean {
    return this.#usedAt.has(digest);
  }

  add(digest: string): void {
    const { database, now, onError } = this.#options;
    if (Math.abs(now() - (this.#usedAt.get(digest) ?? Number.NEGATIVE_INFINITY)) < WRITE_AGAIN_MS) return;
    this.#usedAt.delete(digest);
    this.#usedAt.set(digest, now());
    const [oldest] = this.#usedAt.keys();
    try {
      database.prepare('INSERT OR REPLACE INTO known_places (digest, used_at) VALUES (?, ?)').run(digest, now());
      if (this.#usedAt.size <= MOST || oldest === undefined) return;
      this.#usedAt.delete(oldest);
      database.prepare('DELETE FROM known_places WHERE digest = ?').run(oldest);
    } catch (error) {
      onError(error);
    }
  }
}
