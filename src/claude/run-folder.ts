import { chmod, lstat, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unusableFolder } from '../config/folder.ts';
import { findEmptyFolder, removeEmptyFolder, sharedFolder } from './empty-folder.ts';
import type { EmptyFolder } from './empty-folder.ts';
import { claimFolder, folderFault, hasCode } from './own-folder.ts';
import { markProcess } from './process-mark.ts';
import { processStart } from './process-start.ts';
import type { Reaper } from './reaper.ts';
import { startReaper } from './reaper.ts';
import { ownRunFolders, OWNER_FILE, RUN_FOLDER_PREFIX } from './sweep.ts';

export { abandonedRunFolders, sweepRunFolders } from './sweep.ts';

const PRIVATE = 0o700;
/** How often the folders are looked at, ms: cleaners of temporary files take what looks old. */
const CHECK_MS = 5000;
/** How often a folder is made that is taken away again before it is there. */
const MOST_TRIES = 5;
/** How often they are touched, so that they do not look old, ms. */
const TOUCH_MS = 3_600_000;

/** Where the settings of one worker lie while it lives, beside its own folder. */
export function settingsFile(workerFolder: string): string {
  return `${workerFolder}.settings`;
}

/** How the folders are, for `/health`. */
export interface RunFolderState {
  /** What keeps workers from being started; undefined when nothing does. */
  readonly problem: string | undefined;
  /** How often something of them was gone and was made again. */
  readonly recreated: number;
  /** Why the working directory is another one after each restart; undefined when it is the same. */
  readonly unstable: string | undefined;
  readonly reaper: Pick<Reaper, 'isRunning' | 'deaths'>;
}

/** A folder of one OCP process for what its workers need while they live. */
export interface RunFolder {
  /**
   * The working directory of all workers that touch nothing on this machine. It is empty and cannot be written to. It is the
   * same one for all because its path is in each prompt: a conversation that moves to another worker would else find nothing
   * of itself in the prompt cache.
   */
  readonly emptyDirectory: string;
  readonly state: RunFolderState;
  /** A folder for one worker, 0700, where it puts what it needs for a while. Raises the system's errors. */
  createWorkerFolder(): Promise<string>;
  /** Writes down that this process group must not outlive OCP. */
  register(pid: number, workerFolder: string): void;
  /** The process is gone: forgets it and removes its folder. */
  release(pid: number, workerFolder: string): Promise<void>;
  /** Makes what has been taken away. Never rejects: `state` tells what could not be done. */
  check(): Promise<void>;
  /** Removes the folder; every worker has ended before. */
  close(): Promise<void>;
}

export interface RunFolderOptions {
  /** Told when something was gone and is there again, and when it cannot be made: one line for the log. */
  readonly onTrouble?: (what: string) => void;
  /** Instead of the usual interval, ms; for tests. */
  readonly checkMs?: number;
}

/** Makes the folder below `parent`, and watches over its workers with a reaper. Raises ConfigError when `parent` cannot be used. */
export async function createRunFolder(parent: string, options: RunFolderOptions = {}): Promise<RunFolder> {
  const folder = await makeFolder(parent);
  const start = (await processStart(process.pid)) ?? '';
  const keeper = new RunFolderKeeper(parent, folder, JSON.stringify({ pid: process.pid, start }), options);
  await keeper.open();
  return keeper;
}

async function makeFolder(parent: string): Promise<string> {
  try {
    const folder = await mkdtemp(join(parent, RUN_FOLDER_PREFIX));
    await chmod(folder, PRIVATE);
    return folder;
  } catch (error) {
    throw unusableFolder('TMPDIR', 'the folder for temporary files', parent, error) ?? error;
  }
}

class RunFolderKeeper implements RunFolder {
  readonly #parent: string;
  readonly #options: RunFolderOptions;
  readonly #owner: string;
  #folder: string;
  #empty: EmptyFolder = { path: '', fault: undefined };
  #reaper: Reaper | undefined;
  /** Processes that live, with their folders. */
  readonly #workers = new Map<string, number>();
  #count = 0;
  #recreated = 0;
  #problem: string | undefined;
  #touchedAt = performance.now();
  #checking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(parent: string, folder: string, owner: string, options: RunFolderOptions) {
    this.#parent = parent;
    this.#folder = folder;
    this.#owner = owner;
    this.#options = options;
  }

  async open(): Promise<void> {
    await this.#writeOwner();
    this.#empty = await findEmptyFolder(this.#parent, this.#folder);
    this.#reaper = this.#startReaper();
    this.#timer = setInterval(() => void this.check(), this.#options.checkMs ?? CHECK_MS);
    this.#timer.unref();
  }

  get emptyDirectory(): string {
    return this.#empty.path;
  }

  get state(): RunFolderState {
    const { isRunning = false, deaths = 0 } = this.#reaper ?? {};
    return {
      problem: this.#problem,
      recreated: this.#recreated,
      unstable: this.#empty.fault,
      reaper: { isRunning, deaths },
    };
  }

  async createWorkerFolder(): Promise<string> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#restore();
        this.#count += 1;
        const workerFolder = join(this.#folder, String(this.#count));
        await mkdir(workerFolder, { mode: PRIVATE });
        return workerFolder;
      } catch (error) {
        // A cleaner is at work at this very moment.
        if (!hasCode(error, 'ENOENT') || tries === MOST_TRIES) throw error;
      }
    }
  }

  register(pid: number, workerFolder: string): void {
    // A program that could not be started; as a group, 0 would be the reaper's own.
    if (pid === 0) return;
    this.#workers.set(workerFolder, pid);
    this.#reaper?.watch(pid);
    // Without the mark only the sweep of a later start would miss it.
    markProcess(pid, `${workerFolder}.json`).catch(() => {});
  }

  async release(pid: number, workerFolder: string): Promise<void> {
    this.#workers.delete(workerFolder);
    this.#reaper?.forget(pid);
    if (dirname(workerFolder) !== this.#folder) return;
    await Promise.all(
      [workerFolder, `${workerFolder}.json`, settingsFile(workerFolder)].map(async (path) =>
        rm(path, { recursive: true, force: true, maxRetries: 2 }).catch(() => {}),
      ),
    );
  }

  async check(): Promise<void> {
    await this.#restore().catch(() => {});
    if (performance.now() - this.#touchedAt < TOUCH_MS) return;
    this.#touchedAt = performance.now();
    const now = new Date();
    const paths = [sharedFolder(this.#parent), this.#empty.path, this.#folder, ...this.#workers.keys()];
    await Promise.all(paths.map(async (path) => utimes(path, now, now).catch(() => {})));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking?.catch(() => {});
    await this.#reaper?.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 2 });
    const isLast = this.#empty.fault === undefined && (await ownRunFolders(this.#parent)).length === 0;
    if (isLast) await removeEmptyFolder(this.#parent);
  }

  /** Looks at everything, one look at a time. Raises the system's errors. */
  async #restore(): Promise<void> {
    this.#checking ??= this.#look().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #look(): Promise<void> {
    try {
      const isWhole = await this.#makeWhole();
      if (this.#problem !== undefined || !isWhole) this.#options.onTrouble?.(`made again below ${this.#folder}`);
      this.#problem = undefined;
    } catch (error) {
      const problem = `the temporary folder of the workers cannot be used (${reasonOf(error)})`;
      if (problem !== this.#problem) this.#options.onTrouble?.(problem);
      this.#problem = problem;
      throw error;
    }
  }

  /** Resolves to false when something was missing. */
  async #makeWhole(): Promise<boolean> {
    let isWhole = true;
    const note = (): void => {
      if (isWhole) this.#recreated += 1;
      isWhole = false;
    };
    if (await isMissing(this.#folder)) {
      note();
      if ((await claimFolder(this.#folder, PRIVATE)) !== undefined) await this.#moveAway();
    } else if ((await folderFault(this.#folder, PRIVATE)) !== undefined) {
      note();
      await this.#moveAway();
    }
    if (await isMissing(join(this.#folder, OWNER_FILE))) {
      note();
      await this.#writeOwner();
    }
    for (const [workerFolder, pid] of this.#workers) {
      // What lies where somebody else has taken the place is theirs; the worker ends some day, and none comes after it there.
      if (dirname(workerFolder) !== this.#folder || !(await isMissing(workerFolder))) continue;
      note();
      await mkdir(workerFolder, { mode: PRIVATE });
      await markProcess(pid, `${workerFolder}.json`).catch(() => {});
      if (!this.#workers.has(workerFolder)) await this.release(pid, workerFolder);
    }
    if (await isMissing(this.#empty.path)) note();
    this.#empty = await findEmptyFolder(this.#parent, this.#folder);
    return isWhole;
  }

  /** Somebody else has something where the folder was. */
  async #moveAway(): Promise<void> {
    this.#folder = await makeFolder(this.#parent);
    const before = this.#reaper;
    this.#reaper = this.#startReaper();
    for (const pid of this.#workers.values()) {
      this.#reaper.watch(pid);
      before?.forget(pid);
    }
    await before?.close();
  }

  #startReaper(): Reaper {
    const shared = this.#empty.fault === undefined ? sharedFolder(this.#parent) : '';
    return startReaper({ run: this.#folder, parent: this.#parent, shared });
  }

  async #writeOwner(): Promise<void> {
    await writeFile(join(this.#folder, OWNER_FILE), this.#owner, { mode: 0o600 });
  }
}

async function isMissing(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
