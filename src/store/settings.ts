import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inTransaction } from './transaction.ts';

/** Settings that were changed while OCP ran, by name: a number, or text such as `5m`. They survive a restart. */
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

  read(): ReadonlyMap<string, number | string> {
    return new Map(
      this.#all.all().flatMap(({ name, value }) => {
        const kept = parsed(String(value));
        return typeof kept === 'number' || typeof kept === 'string' ? [[String(name), kept]] : [];
      }),
    );
  }

  /** Keeps these values and forgets those that are null; `witness` is called within the transaction. */
  write(changes: ReadonlyMap<string, number | string | null>, witness: () => void): void {
    inTransaction(this.#database, () => {
      for (const [name, value] of changes) {
        if (value === null) this.#remove.run(name);
        else this.#put.run(name, JSON.stringify(value), this.#now());
      }
      witness();
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
