import { existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { copyDatabase, schemaOf } from './database-copy.ts';

export interface DatabaseRestore {
  /** The database in use; nothing has it open. */
  readonly live: string;
  /** The one of the snapshot. */
  readonly kept: string;
  /** Where the database in use is copied to before it is replaced. */
  readonly aside: string;
  /** Put the snapshot's back as it is, whatever was written since. */
  readonly whole: boolean;
}

/**
 * What became of the database. `untouched`: the restored OCP reads it as it is. `carried`: the schema went back and what was
 * written since the snapshot came along, but for the `lost` tables, which are as in the snapshot. `replaced`: all of it is as
 * in the snapshot.
 */
export type DatabaseOutcome =
  | { readonly kind: 'untouched' }
  | { readonly kind: 'carried'; readonly lost: readonly string[] }
  | { readonly kind: 'replaced' };

/**
 * Makes the database one that the restored OCP can open, with the least loss: keys that were made or revoked since, usage and
 * the audit log stay wherever the older schema has a place for them. Can be run again after an interruption.
 */
export async function restoreDatabase({ live, kept, aside, whole }: DatabaseRestore): Promise<DatabaseOutcome> {
  const isThere = existsSync(live);
  if (isThere && !whole && schemaOf(live) <= schemaOf(kept)) return { kind: 'untouched' };
  const next = `${live}.restored`;
  for (const file of sidesOf(next)) rmSync(file, { force: true });
  if (isThere) await copyDatabase(live, aside);
  await copyDatabase(kept, next);
  const lost = isThere && !whole ? carryOver(next, aside) : undefined;
  // Nobody has it open, so all that its own log held is in the copy; left there, it would be taken for the new file's.
  for (const file of sidesOf(live).slice(1)) rmSync(file, { force: true });
  renameSync(next, live);
  for (const file of sidesOf(next)) rmSync(file, { force: true });
  return lost === undefined ? { kind: 'replaced' } : { kind: 'carried', lost };
}

/**
 * Puts the rows of the newer database into the older one's tables. Gives the tables that are not like they were, or undefined
 * when it cannot be done: the older one is then unchanged.
 */
function carryOver(older: string, newer: string): readonly string[] | undefined {
  const db = new DatabaseSync(older, { enableForeignKeyConstraints: false });
  try {
    db.prepare('ATTACH ? AS newer').run(newer);
    db.exec('BEGIN IMMEDIATE');
    // The audit log's triggers forbid what is done here.
    const triggers = rows(db, "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'");
    for (const { name } of triggers) db.exec(`DROP TRIGGER main.${id(name)}`);
    const lost = tablesOf(db).filter((table) => !carryTable(db, table));
    carryCounters(db, lost);
    for (const { sql } of triggers) db.exec(String(sql));
    const isSound =
      rows(db, 'PRAGMA main.foreign_key_check').length === 0 &&
      rows(db, 'PRAGMA main.integrity_check(1)')[0]?.['integrity_check'] === 'ok';
    db.exec(isSound ? 'COMMIT' : 'ROLLBACK');
    return isSound ? lost : undefined;
  } catch {
    // Closing takes back what was begun.
    return undefined;
  } finally {
    db.close();
  }
}

/** Whether the older table could take the newer rows. */
function carryTable(db: DatabaseSync, table: string): boolean {
  const columns = columnsOf(db, 'main', table);
  const there = new Set(columnsOf(db, 'newer', table));
  if (!columns.every((column) => there.has(column))) return false;
  const list = columns.map(id).join(', ');
  db.exec('SAVEPOINT one');
  try {
    db.exec(`DELETE FROM main.${id(table)}`);
    db.exec(`INSERT INTO main.${id(table)} (${list}) SELECT ${list} FROM newer.${id(table)}`);
    db.exec('RELEASE one');
    return true;
  } catch {
    db.exec('ROLLBACK TO one; RELEASE one');
    return false;
  }
}

/** The highest ids ever given: what was deleted must not come back under another's id. */
function carryCounters(db: DatabaseSync, lost: readonly string[]): void {
  const both = ['main', 'newer'].every(
    (schema) => rows(db, `SELECT name FROM ${schema}.sqlite_schema WHERE name = 'sqlite_sequence'`).length > 0,
  );
  if (!both) return;
  for (const { name, seq } of rows(db, 'SELECT name, seq FROM newer.sqlite_sequence')) {
    if (!lost.includes(String(name)) && seq !== undefined) {
      db.prepare('UPDATE main.sqlite_sequence SET seq = ? WHERE name = ?').run(seq, String(name));
    }
  }
}

function tablesOf(db: DatabaseSync): string[] {
  const sql = String.raw`SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`;
  return rows(db, sql).map(({ name }) => String(name));
}

function columnsOf(db: DatabaseSync, schema: string, table: string): string[] {
  return db
    .prepare('SELECT name FROM pragma_table_info(?, ?)')
    .all(table, schema)
    .map(({ name }) => String(name));
}

function rows(db: DatabaseSync, sql: string) {
  return db.prepare(sql).all();
}

function id(name: unknown): string {
  return `"${String(name).replaceAll('"', '""')}"`;
}

function sidesOf(path: string): readonly string[] {
  return [path, `${path}-wal`, `${path}-shm`, `${path}-journal`];
}
