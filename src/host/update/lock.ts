import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UpdateError, firstLine } from './error.ts';

const SQLITE_BUSY = 5;

/**
 * Makes sure that one update at a time works on this machine. The lock is SQLite's on a file of its own, so the system frees
 * it with the process, however that ends. Raises UpdateError when another holds it.
 */
export function lockUpdates(ocpHome: string): Disposable {
  const path = join(ocpHome, 'update.lock');
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(path, { timeout: 0 });
    chmodSync(path, 0o600);
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file?.close();
    const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
    if (code === SQLITE_BUSY) throw new UpdateError('another ocp update is at work; wait for its end');
    throw new UpdateError(`${path} cannot be locked: ${firstLine(error)}`);
  }
  const held = file;
  return { [Symbol.dispose]: () => held.close() };
}
