import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inTransaction } from './transaction.ts';

/** Settings that were changed while OCP ran, as numbers by name. They survive a restart. */
export class SettingsStore {
  readonly #database: DatabaseSync;
  readonly #all: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #now: () => number;

  /** `database` is the durable connection; `now` the wall clock, Unix ms. */
  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database;
    this.#all = database.prepare('SELECT name, value FROM settings');
    this.#put = database.prepare('INSERT OR REPLACE INTO settings (name, value, changed_at) VALUES (?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM settings WHERE name = ?');
    this.#now = now;
  }

  read(): ReadonlyMap<string, number> {
    return new Map(
      this.#all.all().flatMap(({ name, value }) => {
        const number = Number(value);
        return Number.isFinite(number) ? [[String(name), number]] : [];
      }),
    );
  }

  /** Keeps these values and forgets those that are null; `witness` is called within the transaction. */
  write(changes: ReadonlyMap<string, number | null>, witness: () => void): void {
    inTransaction(this.#database, () => {
      for (const [name, value] of changes) {
        if (value === null) this.#remove.run(name);
        else this.#put.run(name, JSON.stringify(value), this.#now());
      }
      witness();
    });
  }
}
