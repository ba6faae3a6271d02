import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from './error.ts';

/**
 * Makes a folder with all that lead to it; those that are there stay as they are. Folder by folder, because Node's own
 * `recursive` tries for ever where the system refuses a folder with ENOENT, as it does below /proc. Raises the system's errors.
 */
export function makeFolders(path: string, mode: number = 0o777): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    makeFolders(parent, mode);
    mkdirSync(path, { mode });
  }
}

/** Makes OCP's home, and sees that it can be written to. Raises ConfigError with what to do where it cannot. */
export function claimHome(home: string): void {
  try {
    makeFolders(home, 0o700);
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusableFolder('OCP_HOME', "OCP's home", home, error) ?? error;
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist and cannot be made there',
  EEXIST: 'is a file',
  ENOTDIR: 'cannot be made: something on the way to it is no folder',
  EACCES: 'cannot be written to: this user may not',
  EPERM: 'cannot be written to: this user may not',
  EROFS: 'cannot be written to: the disk is read-only',
  ENOSPC: 'cannot be written to: the disk is full',
  EDQUOT: "cannot be written to: this user's disk quota is used up",
  ENAMETOOLONG: 'cannot be made: the name is too long',
  ELOOP: 'cannot be used: its links go round in a circle',
};

/** What to tell the operator when a folder that a setting names cannot be used; undefined for other errors. */
export function unusableFolder(setting: string, what: string, path: string, error: unknown): ConfigError | undefined {
  const code = codeOf(error);
  const advice = code === undefined ? undefined : ADVICE[code];
  if (advice === undefined) return undefined;
  return new ConfigError(
    setting,
    `${setting}: ${what}, ${path}, ${advice}. Set ${setting} to another folder, or mend this one`,
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
