import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderFault } from './own-folder.ts';
import { claimFolder, isEmptyFolder } from './own-folder.ts';

/** Models see the path of their working directory, so its name says nothing. */
const NAME = 'w';
const PRIVATE = 0o700;
const NO_WRITING = 0o500;

/** The working directory of workers that touch nothing on this machine. */
export interface EmptyFolder {
  readonly path: string;
  /** Why it is not the one that stays the same over restarts; undefined when it is. */
  readonly fault: FolderFault | undefined;
}

/**
 * Finds or makes the empty working directory. Its path is in every prompt, and the prompt cache and thinking are bound to the
 * prompt: so it has the same name for all OCPs of a user, today and after a restart. Where somebody else was there first, it
 * is one below `fallback`, which belongs to this OCP alone. Raises the system's errors.
 */
export async function findEmptyFolder(parent: string, fallback: string): Promise<EmptyFolder> {
  const shared = sharedFolder(parent);
  const path = join(shared, NAME);
  const fault = (await claimFolder(shared, PRIVATE)) ?? (await emptyFault(path));
  if (fault === undefined) return { path, fault: undefined };
  const own = join(fallback, NAME);
  const ownFault = await emptyFault(own);
  if (ownFault !== undefined) throw new Error(`the working directory of the workers cannot be used: ${ownFault}`);
  return { path: own, fault };
}

/** Removes the shared directory; other OCPs make it again when they need it. */
export async function removeEmptyFolder(parent: string): Promise<void> {
  const shared = sharedFolder(parent);
  await rmdir(join(shared, NAME)).catch(() => {});
  await rmdir(shared).catch(() => {});
}

/** One for each user: nobody can take the name of another's for long without being seen. */
export function sharedFolder(parent: string): string {
  return join(parent, `${NAME}${process.getuid?.() ?? ''}`);
}

async function emptyFault(path: string): Promise<FolderFault | undefined> {
  const fault = await claimFolder(path, NO_WRITING);
  if (fault !== undefined) return fault;
  return (await isEmptyFolder(path)) ? undefined : 'it is not empty';
}
