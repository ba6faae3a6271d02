import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processStart } from './process-start.ts';
import { startReaper } from './reaper.ts';

/** Models see the path of their working directory, so its name says nothing. */
const PREFIX = 'w-';
const OWNER_FILE = 'owner.json';
const EMPTY = 'w';

/** Which process a file speaks of. */
interface ProcessMark {
  readonly pid: number;
  readonly start: string;
}

/** Where the settings of one worker lie while it lives, beside its own folder. */
export function settingsFile(workerFolder: string): string {
  return `${workerFolder}.settings`;
}

/** A folder of one OCP process for what its workers need while they live. */
export interface RunFolder {
  /**
   * The working directory of all workers that touch nothing on this machine. It is empty and cannot be written to. It is the
   * same one for all because its path is in each prompt: a conversation that moves to another worker would else find nothing
   * of itself in the prompt cache.
   */
  readonly emptyDirectory: string;
  /** A folder for one worker, 0700, where it puts what it needs for a while. */
  createWorkerFolder(): Promise<string>;
  /** Writes down that this process group must not outlive OCP. */
  register(pid: number, workerFolder: string): void;
  /** The process is gone: forgets it and removes its folder. */
  release(pid: number, workerFolder: string): Promise<void>;
  /** Removes the folder; every worker has ended before. */
  close(): Promise<void>;
}

/** Makes the folder below `parent`, and watches over its workers with a reaper. */
export async function createRunFolder(parent: string): Promise<RunFolder> {
  const folder = await mkdtemp(join(parent, PREFIX));
  await chmod(folder, 0o700);
  const start = await processStart(process.pid);
  await writeFile(join(folder, OWNER_FILE), JSON.stringify({ pid: process.pid, start: start ?? '' }), { mode: 0o600 });
  const emptyDirectory = join(folder, EMPTY);
  await mkdir(emptyDirectory, { mode: 0o500 });
  const reaper = startReaper(folder);
  let count = 0;
  return {
    emptyDirectory,
    async createWorkerFolder() {
      count += 1;
      const workerFolder = join(folder, String(count));
      await mkdir(workerFolder, { mode: 0o700 });
      return workerFolder;
    },
    register(pid, workerFolder) {
      // A program that could not be started; as a group, 0 would be the reaper's own.
      if (pid === 0) return;
      reaper.watch(pid);
      void markProcess(pid, `${workerFolder}.json`);
    },
    async release(pid, workerFolder) {
      reaper.forget(pid);
      const leftovers = [`${workerFolder}.json`, settingsFile(workerFolder)];
      await Promise.all([
        rm(workerFolder, { recursive: true, force: true }),
        ...leftovers.map(async (file) => rm(file, { force: true })),
      ]);
    },
    async close() {
      await reaper.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Folders of an OCP that was killed together with its reaper; those of processes that still run and of other users do not count. */
export async function abandonedRunFolders(parent: string): Promise<readonly string[]> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(PREFIX));
  const found = await Promise.all(
    names.map(async (name) => ((await isAbandoned(join(parent, name))) ? [join(parent, name)] : [])),
  );
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

async function isAbandoned(folder: string): Promise<boolean> {
  const status = await stat(folder).catch(() => undefined);
  if (status === undefined || !status.isDirectory() || status.uid !== process.getuid?.()) return false;
  const owner = await readMark(join(folder, OWNER_FILE));
  return owner !== undefined && (await processStart(owner.pid)) !== owner.start;
}

async function killMarked(file: string): Promise<void> {
  const mark = await readMark(file);
  if (mark === undefined || (await processStart(mark.pid)) !== mark.start) return;
  try {
    process.kill(-mark.pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

async function markProcess(pid: number, file: string): Promise<void> {
  const start = await processStart(pid);
  if (start !== undefined) await writeFile(file, JSON.stringify({ pid, start }), { mode: 0o600 }).catch(() => {});
}

async function readMark(file: string): Promise<ProcessMark | undefined> {
  try {
    const mark = JSON.parse(await readFile(file, 'utf8')) as Partial<ProcessMark>;
    return typeof mark.pid === 'number' && typeof mark.start === 'string'
      ? { pid: mark.pid, start: mark.start }
      : undefined;
  } catch {
    return undefined;
  }
}
