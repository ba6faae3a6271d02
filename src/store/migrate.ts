import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { backup } from 'node:sqlite';
import { StoreError } from './error.ts';
import { reason } from './files.ts';
import type { Migration } from './migrations.ts';
import { inTransaction } from './transaction.ts';

/** Beyond so many bytes no copies are made between the steps. */
const LARGE_BYTES = 200_000_000;

/** The backup that is made before a database of this version is changed. */
export function backupPath(path: string, version: number): string {
  return `${path}.v${version}.bak`;
}

/**
 * Brings the database to the last of the steps, each in its own transaction and after a backup of what was there. Raises
 * StoreError when the database is newer than the steps, or when one fails: it is then as it was before that step.
 */
export async function migrate(
  db: DatabaseSync,
  path: string,
  steps: readonly Migration[],
  onProgress?: (what: string) => void,
): Promise<void> {
  const latest = steps.at(-1)?.version ?? 0;
  const found = versionOf(db);
  if (found > latest) {
    throw new StoreError(
      `${path} was written by a newer OCP (its schema is ${found}, this OCP knows ${latest}); ` +
        `install that OCP again, or put a backup such as ${backupPath(path, latest)} in its place`,
    );
  }
  for (const { version, sql } of steps) {
    if (version <= found) continue;
    try {
      // A fresh database has nothing to go back to; of a large one, the copy of what was there is enough.
      const before = version - 1;
      if (before === found ? found > 0 : found > 0 && !isLarge(db)) {
        onProgress?.(`copying the database (schema ${before}), to go back to`);
        await backUp(db, backupPath(path, before));
      }
      if (found > 0) onProgress?.(`bringing the database to schema ${version} of ${latest}`);
      inTransaction(db, () => {
        // Another OCP that starts at the same time may have been faster.
        if (versionOf(db) < version) db.exec(`${sql}; PRAGMA user_version = ${version}`);
      });
    } catch (error) {
      throw new StoreError(`${path} could not be brought to schema ${version}: ${reason(error)}`, error);
    }
  }
}

function isLarge(db: DatabaseSync): boolean {
  const [pages, size] = ['page_count', 'page_size'].map((name) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]));
  return (pages ?? 0) * (size ?? 0) > LARGE_BYTES;
}

/** The copy gets its name once it is whole. */
async function backUp(db: DatabaseSync, target: string): Promise<void> {
  const unfinished = `${target}.${process.pid}.tmp`;
  try {
    closeSync(openSync(unfinished, 'w', 0o600));
    await backup(db, unfinished);
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
}
