import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync, backup } from 'node:sqlite';

const BUSY_TIMEOUT_MS = 10_000;

/** Copies a database that may be in use, by SQLite's online backup, to a file for its owner alone. Gives its schema. */
export async function copyDatabase(from: string, to: string): Promise<number> {
  closeSync(openSync(to, 'w', 0o600));
  const source = new DatabaseSync(from, { timeout: BUSY_TIMEOUT_MS });
  try {
    await backup(source, to);
  } finally {
    source.close();
  }
  chmodSync(to, 0o600);
  return schemaOf(to);
}

/** The schema (`user_version`) of a database; 0 where there is none. */
export function schemaOf(path: string): number {
  if (!existsSync(path)) return 0;
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  } finally {
    db.close();
  }
}
