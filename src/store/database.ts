import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from './error.ts';
import { applicationId, claimFiles, damaged, databasePath, reason } from './files.ts';
import { backupPath, migrate } from './migrate.ts';
import type { Migration } from './migrations.ts';
import { migrations } from './migrations.ts';
import type { StorageHealth } from './storage-health.ts';

/** How long a write waits for one of another process while OCP starts, ms. */
const BUSY_TIMEOUT_MS = 5000;
/** The same once it serves: everybody waits meanwhile, so whoever writes tries again later instead. */
const BUSY_WHILE_SERVING_MS = 30;

/** From so many bytes on the check of the file takes seconds. */
const LARGE_BYTES = 200_000_000;
/** To how many bytes the write-ahead log is cut back when it was longer. */
const MOST_JOURNAL_BYTES = 67_108_864;

export interface OpenOptions {
  /** Hears of every failure from then on. */
  readonly health?: StorageHealth;
  /** Told in words what takes long. */
  readonly onProgress?: (what: string) => void;
}

/** SQLite's result codes for a file that makes no sense: SQLITE_CORRUPT and SQLITE_NOTADB. */
const nonsense: readonly unknown[] = [11, 26];

/** OCP's database, open. Both connections see the same data; a transaction must not span a wait. */
export interface Store {
  readonly path: string;
  /** For keys, settings and the audit log: what is committed survives a power cut. */
  readonly durable: DatabaseSync;
  /** For all else, many times faster: survives the end of OCP, however it ends; a power cut may take the newest commits. */
  readonly quick: DatabaseSync;
  close(): void;
}

/**
 * Opens the database in OCP's home, creates it where there is none, checks it, and brings it to today's schema. Raises
 * StoreError, without having changed the file, when it is damaged, newer, or cannot be opened.
 */
export async function openStore(
  folder: string,
  steps: readonly Migration[] = migrations,
  options: OpenOptions = {},
): Promise<Store> {
  const path = databasePath(folder);
  claimFiles(
    folder,
    path,
    steps.map(({ version }) => backupPath(path, version)),
  );
  let durable: DatabaseSync | undefined;
  try {
    durable = connect(path);
    if (isEmpty(durable)) durable.exec(`PRAGMA application_id = ${applicationId}`);
    if (statSync(path).size > LARGE_BYTES) options.onProgress?.('checking the database');
    check(durable, path);
    durable.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    await migrate(durable, path, steps, options.onProgress);
    const quick = connect(path);
    quick.exec('PRAGMA synchronous = NORMAL');
    for (const database of [durable, quick]) {
      database.exec(
        `PRAGMA busy_timeout = ${BUSY_WHILE_SERVING_MS}; PRAGMA journal_size_limit = ${MOST_JOURNAL_BYTES}`,
      );
      options.health?.watch(database);
    }
    return storeOf(path, durable, quick);
  } catch (error) {
    durable?.close();
    throw asStoreError(error, path);
  }
}

function storeOf(path: string, durable: DatabaseSync, quick: DatabaseSync): Store {
  return {
    path,
    durable,
    quick,
    close() {
      quick.close();
      durable.close();
    },
  };
}

function connect(path: string): DatabaseSync {
  return new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true, defensive: true });
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare('PRAGMA page_count').get()?.['page_count'] === 0;
}

/** Reads every page once, so that a damaged file is known before anything is added to it. */
function check(db: DatabaseSync, path: string): void {
  const [problem] = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {});
  if (problem !== 'ok') throw damaged(path, new Error(String(problem)));
}

function asStoreError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  if (typeof code === 'number' && nonsense.includes(code % 256)) return damaged(path, error);
  return new StoreError(`${path} cannot be opened: ${reason(error)}`, error);
}
