import type { DatabaseSync } from 'node:sqlite';

/** Runs the work in one transaction that begins as a writer; what the work raises undoes it. The work must not wait. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has ended the transaction itself after some failures, such as a full disk.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
