import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError } from './error.ts';

/** Marks a database as OCP's own (SQLite's `application_id`): the letters OCP and a 1. */
export const applicationId = 0x4f435031;

const usual = 'ocp.db';
const besideAnother = 'ocp-data.db';
const magic = 'SQLite format 3\0';
const headerBytes = 72;
const applicationIdAt = 68;

/**
 * Where OCP's database lies in the folder, or will: `ocp.db`, or `ocp-data.db` where an earlier product's `ocp.db` is in
 * its place, which stays as it is. Raises StoreError when `ocp.db` is no database.
 */
export function databasePath(folder: string): string {
  const path = join(folder, usual);
  const beside = join(folder, besideAnother);
  return existsSync(beside) || isAnothers(path) ? beside : path;
}

/**
 * Makes the folder and the database's files the operator's alone: 0700, and 0600 for the database, the two files that
 * SQLite keeps beside it, and its backups. Creates what is missing. Raises StoreError when that is not possible.
 */
export function claimFiles(folder: string, path: string, backups: readonly string[]): void {
  try {
    createFolder(folder);
    chmodSync(folder, 0o700);
    closeSync(openSync(path, 'a', 0o600));
    for (const file of [path, `${path}-wal`, `${path}-shm`, ...backups]) {
      if (existsSync(file)) chmodSync(file, 0o600);
    }
  } catch (error) {
    throw new StoreError(`${path} cannot be used: ${reason(error)}`, error);
  }
}

/** Folder by folder: Node's own `recursive` tries for ever where the system refuses a folder with ENOENT (below /proc). */
function createFolder(folder: string): void {
  if (existsSync(folder)) return;
  createFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/** A database that does not carry OCP's mark. OCP sets its own before anything else is written. */
function isAnothers(path: string): boolean {
  const header = readHeader(path);
  if (header.length === 0) return false;
  if (header.length < headerBytes || header.toString('latin1', 0, magic.length) !== magic) throw damaged(path);
  const mark = header.readUInt32BE(applicationIdAt);
  if (mark !== applicationId && mark !== 0) {
    throw new StoreError(`${path} belongs to another program; move it away, or set OCP_HOME to another folder`);
  }
  return mark === 0;
}

function readHeader(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw new StoreError(`${path} cannot be read: ${reason(error)}`, error);
  }
  try {
    const header = Buffer.alloc(headerBytes);
    return header.subarray(0, readSync(file, header, 0, headerBytes, 0));
  } catch (error) {
    throw new StoreError(`${path} cannot be read: ${reason(error)}`, error);
  } finally {
    closeSync(file);
  }
}

/** What is said of a file that SQLite cannot make sense of. */
export function damaged(path: string, cause?: unknown): StoreError {
  return new StoreError(
    `${path} is damaged and was left as it is; put a backup in its place, or move it away to begin with an empty one`,
    cause,
  );
}

export function reason(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
}
