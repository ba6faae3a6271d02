import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders } from './folder.ts';

/**
 * Writes a file for its owner alone (0600, in a folder that is made 0700 where it is missing). Whoever reads it finds the
 * old text or the new one, never a part, also when the machine stops in between. Raises the system's errors.
 */
export function writePrivateFile(path: string, text: string): void {
  makeFolders(dirname(path), 0o700);
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = openSync(beside, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
