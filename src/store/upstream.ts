import { constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from './database.ts';
import { StoreError } from './error.ts';
import { reason } from './files.ts';
import { inTransaction } from './transaction.ts';

/** One part of an earlier product's database, taken over once. */
export interface ImportPart {
  /** Its name in the table `imports`. */
  readonly name: string;
  /** Reads from the earlier database and writes into ours, within one transaction on the durable connection. */
  readonly run: (from: DatabaseSync) => void;
  /** Called once the transaction stands. */
  readonly done?: () => void;
}

/**
 * Takes over what an earlier product left in `ocp.db` beside OCP's own database (docs/adr/0009-database-file.md), in the
 * order of the parts; what was taken over before is passed over. Tells the names of the parts that were. The earlier file
 * is not even opened: SQLite works on a copy, with what its write-ahead log still holds. Raises StoreError when it cannot
 * be read; the parts before are kept then, and the others are tried at the next start.
 */
export function importUpstream(store: Store, parts: readonly ImportPart[], now: () => number): readonly string[] {
  const source = join(dirname(store.path), 'ocp.db');
  if (basename(store.path) === 'ocp.db' || !existsSync(source)) return [];
  const isDone = store.durable.prepare('SELECT 1 FROM imports WHERE part = ?');
  const left = parts.filter(({ name }) => isDone.get(name) === undefined);
  if (left.length === 0) return [];
  const folder = mkdtempSync(join(dirname(store.path), 'import-'));
  try {
    const copy = join(folder, 'ocp.db');
    copyFileSync(source, copy, constants.COPYFILE_FICLONE);
    if (existsSync(`${source}-wal`)) copyFileSync(`${source}-wal`, `${copy}-wal`, constants.COPYFILE_FICLONE);
    const from = new DatabaseSync(copy);
    try {
      for (const part of left) importPart(store, from, part, now());
    } finally {
      from.close();
    }
    return left.map(({ name }) => name);
  } catch (error) {
    throw new StoreError(`${source} could not be taken over: ${reason(error)}`, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function importPart(store: Store, from: DatabaseSync, part: ImportPart, at: number): void {
  inTransaction(store.durable, () => {
    part.run(from);
    store.durable.prepare('INSERT INTO imports (part, done_at) VALUES (?, ?)').run(part.name, at);
  });
  part.done?.();
}
