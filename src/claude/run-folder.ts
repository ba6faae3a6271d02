import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processStart } from './process-start.ts';
import { startReaper } from './reaper.ts';

/** Models see the path of their working directory, so its name says nothing. */
const PREFIX = 'w-';
const OWNER_FILE = 'owner.json';

/** Which process a file speaks of. */
interface ProcessMark {
  readonly pid: number;
  readonly start: string;
}

/** Where the settings of one worker lie while it lives, beside its working directory. */
export function settingsFile(workingDirectory: string): string {
  return `${workingDirectory}.settings`;
}

/** A folder of one OCP process in which its workers have their empty working directories. */
export interface RunFolder {
  /** An empty directory for one worker, 0700. */
  createWorkingDirectory(): Promise<string>;
  /** Writes down that this process group must not outlive OCP. */
  register(pid: number, workingDirectory: string): void;
  /** The process is gone: forgets it and removes its directory. */
  release(pid: number, workingDirectory: string): Promise<void>;
  /** Removes the folder; every worker has ended before. */
  close(): Promise<void>;
}

/** Where a worker puts what it needs for a while; it goes with its working directory. */
export function temporaryDirectory(workingDirectory: string): string {
  return `${workingDirectory}.tmp`;
}

/** Makes the folder below `parent`, and watches over its workers with a reaper. */
export async function createRunFolder(parent: string): Promise<RunFolder> {
  const folder = await mkdtemp(join(parent, PREFIX));
  await chmod(folder, 0o700);
  const start = await processStart(process.pid);
  await writeFile(join(folder, OWNER_FILE), JSON.stringify({ pid: process.pid, start: start ?? '' }), { mode: 0o600 });
  const reaper = startReaper(folder);
  let count = 0;
  return {
    async createWorkingDirectory() {
      count += 1;
      const directory = join(folder, String(count));
      await mkdir(directory, { mode: 0o700 });
      await mkdir(temporaryDirectory(directory), { mode: 0o700 });
      return directory;
    },
    register(pid, workingDirectory) {
      // A program that could not be started; as a group, 0 would be the reaper's own.
      if (pid === 0) return;
      reaper.watch(pid);
      void markProcess(pid, `${workingDirectory}.json`);
    },
    async release(pid, workingDirectory) {
      reaper.forget(pid);
      const leftovers = [`${workingDirectory}.json`, settingsFile(workingDirectory)];
      await Promise.all([
        rm(workingDirectory, { recursive: true, force: true }),
        rm(temporaryDirectory(workingDirectory), { recursive: true, force: true }),
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
