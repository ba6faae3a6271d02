import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processStart } from './process-start.ts';
import { killMarked, readMark } from './process-mark.ts';

/** How the folders of running OCPs begin, in the temporary folder. */
export const RUN_FOLDER_PREFIX = 'w-';
/** In such a folder: which process it belongs to. */
export const OWNER_FILE = 'owner.json';

/** Folders of an OCP that was killed together with its reaper; those of processes that still run and of other users do not count. */
export async function abandonedRunFolders(parent: string): Promise<readonly string[]> {
  const folders = await ownRunFolders(parent);
  const found = await Promise.all(folders.map(async (folder) => ((await isAbandoned(folder)) ? [folder] : [])));
  return found.flat();
}

/**
 * Ends what an OCP left behind that was itself killed together with its reaper: kills the process groups that its folder
 * names and removes the folder. Folders of processes that still run, and of other users, stay untouched.
 */
export async function sweepRunFolders(parent: string): Promise<number> {
  const abandoned = await abandonedRunFolders(parent);
  for (const folder of abandoned) {
    for (const file of await readdir(folder)) {
      if (file.endsWith('.json') && file !== OWNER_FILE) await killMarked(join(folder, file));
    }
    await rm(folder, { recursive: true, force: true });
  }
  return abandoned.length;
}

/** Folders of this user's OCPs, running or not. */
export async function ownRunFolders(parent: string): Promise<readonly string[]> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(RUN_FOLDER_PREFIX));
  const found = await Promise.all(
    names.map(async (name) => {
      const folder = join(parent, name);
      const status = await lstat(folder).catch(() => undefined);
      return status?.isDirectory() === true && status.uid === process.getuid?.() ? [folder] : [];
    }),
  );
  return found.flat();
}

async function isAbandoned(folder: string): Promise<boolean> {
  const owner = await readMark(join(folder, OWNER_FILE));
  return owner !== undefined && (await processStart(owner.pid)) !== owner.start;
}
