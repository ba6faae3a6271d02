import type { DatabaseSync } from 'node:sqlite';

/** A login of the dashboard as it is kept. Nothing in it opens anything. */
export interface KeptLogin {
  /** The digest of the id in the cookie, as hexadecimal digits. */
  readonly id: string;
  /** The digest of the key that opened it. */
  readonly key: Buffer;
  /** Whose places it takes. */
  readonly owner: string;
  /** Unix ms. */
  readonly openedAt: number;
  readonly usedAt: number;
}

export interface LoginSessionStoreOptions {
  /** The quick connection. */
  readonly database: DatabaseSync;
  readonly onError: (error: unknown) => void;
}

/** Logins of the dashboard, which outlive a restart. Where they cannot be written, they live until the next one. */
export class LoginSessionStore {
  readonly #options: LoginSessionStoreOptions;

  constructor(options: LoginSessionStoreOptions) {
    this.#options = options;
  }

  /** The longest unused first. */
  all(): readonly KeptLogin[] {
    const rows = this.#options.database
      .prepare('SELECT id, key, owner, opened_at, used_at FROM login_sessions ORDER BY used_at')
      .all();
    return rows.map((row) => ({
      id: Buffer.from(row['id'] as Uint8Array).toString('hex'),
      key: Buffer.from(row['key'] as Uint8Array),
      owner: String(row['owner']),
      openedAt: Number(row['opened_at']),
      usedAt: Number(row['used_at']),
    }));
  }

  put({ id, key, owner, openedAt, usedAt }: KeptLogin): void {
    this.#try(() =>
      this.#options.database
        .prepare('INSERT OR REPLACE INTO login_sessions (id, key, owner, opened_at, used_at) VALUES (?, ?, ?, ?, ?)')
        .run(Buffer.from(id, 'hex'), key, owner, openedAt, usedAt),
    );
  }

  remove(id: string): void {
    this.#try(() =>
      this.#options.database.prepare('DELETE FROM login_sessions WHERE id = ?').run(Buffer.from(id, 'hex')),
    );
  }

  #try(write: () => unknown): void {
    try {
      write();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
