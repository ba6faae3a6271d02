import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EditError } from '../../edit/settings.ts';

/** A file as it is found. */
export interface FoundFile {
  /** Where it lies after every symbolic link. */
  readonly target: string;
  /** Its bytes; undefined where there is no file. */
  readonly bytes: Buffer | undefined;
}

/** Reads a file. Raises EditError for one that cannot be read or is none. */
export function findFile(path: string): FoundFile {
  if (isDangling(path)) throw new EditError('it is a symbolic link to nothing');
  if (!existsSync(path)) return { target: path, bytes: undefined };
  try {
    const target = realpathSync(path);
    if (!statSync(target).isFile()) throw new EditError('it is not a file');
    return { target, bytes: readFileSync(target) };
  } catch (error) {
    throw error instanceof EditError ? error : new EditError(`it cannot be read (${codeOf(error)})`);
  }
}

function isDangling(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(path);
}

/** The text of a file. Raises EditError for bytes that are no UTF-8. */
export function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EditError('it is not text in UTF-8');
  }
}

/** Raises EditError where a file could not be written. */
export function checkWritable({ target, bytes }: FoundFile): void {
  if (bytes !== undefined) {
    // Root may write anything, but a file without any write permission is not meant to be changed.
    if ((statSync(target).mode & 0o222) === 0 || !may(target, constants.W_OK)) throw new EditError('it is read-only');
  }
  const folder = nearestFolder(dirname(target));
  if (!statSync(folder).isDirectory()) throw new EditError(`${folder} is not a folder`);
  if ((statSync(folder).mode & 0o222) === 0 || !may(folder, constants.W_OK | constants.X_OK)) {
    throw new EditError('its folder is read-only');
  }
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

export interface Write {
  readonly target: string;
  readonly content: string | Buffer;
  /** The bytes that it is thought to have; something else means that another program was faster. */
  readonly expected: Buffer | undefined;
  /** The mode of a new file; one that is there keeps its own. */
  readonly mode: number;
}

/**
 * Writes a file in one step: whoever reads it finds the old or the new content, whole. Gives the folders that were made for
 * it, outermost first. Raises EditError where it cannot be written or was changed by another.
 */
export function writeWhole({ target, content, expected, mode }: Write): readonly string[] {
  let made: readonly string[] = [];
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.ocp-${randomBytes(6).toString('hex')}`);
  try {
    made = makeFolders(folder);
    const present = statSync(target, { throwIfNoEntry: false });
    // The last path component must be new, so that nobody's link is followed.
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = openSync(temporary, flags, 0o600);
    try {
      writeAll(file, Buffer.from(content));
      fchmodSync(file, present === undefined ? mode : present.mode & 0o7777);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (present !== undefined && process.getuid?.() === 0) chownSync(temporary, present.uid, present.gid);
    const now = existsSync(target) ? readFileSync(target) : undefined;
    if (!sameBytes(now, expected)) throw new EditError('another program changed it at the same time; try again');
    renameSync(temporary, target);
    return made;
  } catch (error) {
    rmSync(temporary, { force: true });
    removeEmptyFolders(made);
    throw error instanceof EditError ? error : new EditError(`it cannot be written (${codeOf(error)})`);
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

export function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

function makeFolders(folder: string): readonly string[] {
  if (existsSync(folder)) return [];
  const above = makeFolders(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
  return [...above, folder];
}

/** Removes folders, innermost first, as far as nothing is in them. */
export function removeEmptyFolders(folders: readonly string[]): void {
  for (const folder of folders.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
