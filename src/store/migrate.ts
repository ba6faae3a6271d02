import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { backup } from 'node:sqlite';
import { StoreError } from './error.ts';
import { reason } from './files.ts';
import type { Migration } from './migrations.ts';
import { inTransaction } from './transaction.ts';

/** The backup that is made before a database of this version is changed. */
export function backupPath(path: string, version: number): string {
  return `${path}.v${version}.bak`;
}

/**
 * Brings the database to the last of the steps, each in its own transaction and after a backup of what was there. Raises
 * StoreError when the database is newer than the steps, or when one fails: it is then as it was before that step.
 */
export async function migrate(db: DatabaseSync, path: string, steps: readonly Migration[]): Promise<void> {
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
      if (version > 1) await backUp(db, backupPath(path, version - 1));
      inTransaction(db, () => {
        // Another OCP that starts at the same time may have been faster.
        if (versionOf(db) < version) db.exec(`${sql}; PRAGMA user_version = ${version}`);
      });
    } catch (error) {
      throw new StoreError(`${path} could not be brought to schema ${version}: ${reason(error)}`, error);
    }
  }
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
