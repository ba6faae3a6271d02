import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';

/** What is wrong with a folder: a phrase for the operator's log. */
export type FolderFault = string;

/**
 * Looks whether a path is a real directory of this user with exactly this mode; in a shared temporary folder anybody can put
 * something else there first. Undefined when it is; raises ENOENT when there is nothing.
 */
export async function folderFault(path: string, mode: number): Promise<FolderFault | undefined> {
  const status = await lstat(path);
  if (status.isSymbolicLink()) return 'it is a link';
  if (!status.isDirectory()) return 'it is no folder';
  if (status.uid !== process.getuid?.()) return 'it belongs to another user';
  const found = status.mode & 0o7777;
  return found === mode ? undefined : `its mode is ${found.toString(8)}, not ${mode.toString(8)}`;
}

/**
 * Makes the folder where it is missing, and looks at what is there. Resolves to what keeps it from being used, undefined when
 * nothing does. Raises the system's errors.
 */
export async function claimFolder(path: string, mode: number): Promise<FolderFault | undefined> {
  try {
    await mkdir(path, { mode });
    // What the umask took away.
    await chmod(path, mode);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return folderFault(path, mode);
}

export async function isEmptyFolder(path: string): Promise<boolean> {
  return (await readdir(path)).length === 0;
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
