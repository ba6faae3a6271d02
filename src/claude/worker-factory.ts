import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OcpError, shortageError } from '../wire/errors.ts';
import type { Shortage } from '../wire/shortage.ts';
import { shortageOf } from '../wire/shortage.ts';
import type { ServerPowers } from './arguments.ts';
import { flag, powerSwitches, workerArguments, workerSwitches } from './arguments.ts';
import type { ProcessEnd } from './cli-process.ts';
import { EmptyingRecord } from './emptying.ts';
import type { RateLimitInfo } from './protocol.ts';
import type { RunFolder } from './run-folder.ts';
import { settingsFile } from './run-folder.ts';
import type { StartGate } from './start-gate.ts';
import { Worker } from './worker.ts';
import { makeFolders } from '../config/folder.ts';

/** How many names of the CLI's conversations are remembered. */
const KNOWN_SESSIONS = 10_000;

export interface WorkerFactoryOptions {
  /** Path of the CLI; asked anew for each worker. */
  readonly binary: () => string;
  /** The environment of the login, already reduced to what a worker may see. */
  readonly env: Readonly<Record<string, string>>;
  readonly runFolder: RunFolder;
  /** Where owners who may run tools keep their working directories. */
  readonly workFolder: string;
  readonly onPlan: (info: RateLimitInfo) => void;
  /** A worker ended by itself with a failure, or something else killed it; what it said of it is for OCP's log only. */
  readonly onFailure: (end: ProcessEnd) => void;
  /** A worker could not be started for want of something. */
  readonly onShortage?: (shortage: Shortage) => void;
  /** Shared by all that start processes on this machine. */
  readonly starts: StartGate;
  readonly now: () => number;
  /** See WorkerOptions. */
  readonly restAfterMs?: number;
}

/** What sets a worker apart from a spare. */
export interface StartOptions {
  /** With powers it belongs to one owner from the start, and tools run in a directory that the owner keeps. */
  readonly powers?: ServerPowers | undefined;
  readonly owner?: string;
  /** Aborted when nobody wants it any more. */
  readonly signal?: AbortSignal;
}

/** Starts workers of one login. */
export class WorkerFactory {
  readonly #options: WorkerFactoryOptions;
  readonly #sessions = new Set<string>();
  readonly #released = new Set<Promise<void>>();
  readonly #emptying = new EmptyingRecord();
  #canOpen = true;

  constructor(options: WorkerFactoryOptions) {
    this.#options = options;
  }

  /**
   * Starts a worker as soon as its turn has come; it may be told things at once. A program that cannot be run shows when it
   * is told. Raises OcpError `out_of_resources` when the machine lacks something; rejects when the signal is aborted before.
   */
  async start(model: string, { signal, ...rest }: StartOptions = {}): Promise<Worker> {
    return this.#options.starts.start(
      async () => this.#begin(model, rest),
      async (worker) => worker.up,
      signal,
    );
  }

  async #begin(model: string, options: Omit<StartOptions, 'signal'>): Promise<Worker> {
    let isSecond = false;
    for (;;) {
      let worker: Worker;
      let error: NodeJS.ErrnoException | undefined;
      try {
        worker = await this.#launch(model, options);
        error = await worker.startError();
        const shortage = shortageOf(error);
        if (shortage === undefined && (error === undefined || isSecond || (await this.#hasDirectory()))) return worker;
        if (shortage !== undefined) throw shortageError(shortage, error);
      } catch (thrown) {
        throw this.#explained(thrown);
      }
      // The directory went away between the look at it and the start.
      isSecond = true;
    }
  }

  async #hasDirectory(): Promise<boolean> {
    return access(this.#options.runFolder.emptyDirectory).then(
      () => true,
      () => false,
    );
  }

  /** The files of a worker are all that can fail here besides its start. */
  #explained(thrown: unknown): OcpError {
    const error = thrown instanceof OcpError ? thrown.cause : thrown;
    const shortage = shortageOf(error) ?? 'a folder for temporary files';
    this.#options.onShortage?.(shortage);
    return thrown instanceof OcpError ? thrown : shortageError(shortage, thrown);
  }

  async #launch(model: string, { powers, owner }: Omit<StartOptions, 'signal'>): Promise<Worker> {
    const { binary, runFolder, onPlan, now, restAfterMs } = this.#options;
    const folder = await runFolder.createWorkerFolder();
    const cwd =
      powers === undefined || owner === undefined ? runFolder.emptyDirectory : await this.#ownDirectory(owner);
    const special = powers === undefined ? undefined : powerSwitches(powers, this.#options.env);
    const args = [...workerArguments(model, powers), ...(await settingsArgument(special?.settings, folder))];
    const env = {
      ...this.#options.env,
      ...(special?.env ?? workerSwitches),
      ...temporaryVariables(folder, powers),
    };
    const worker = new Worker({
      command: { path: binary(), args, env, cwd },
      model,
      onPlan,
      canOpen: () => this.#canOpen && powers === undefined,
      onOpenedWrongly: () => {
        this.#canOpen = false;
      },
      emptying: this.#emptying,
      onSession: (sessionId) => this.#noteSession(sessionId),
      now,
      ...(restAfterMs === undefined ? {} : { restAfterMs }),
    });
    runFolder.register(worker.pid, folder);
    const released = worker.ended.then(async (end) => {
      if (hasFailed(end)) this.#options.onFailure(end);
      await runFolder.release(worker.pid, folder);
    });
    this.#released.add(released);
    void released.then(() => this.#released.delete(released));
    return worker;
  }

  /** How a worker without powers is started: what of it could shape an answer. May hold a credential; to be hashed. */
  shapeOf(model: string): unknown {
    return [workerArguments(model), { ...this.#options.env, ...workerSwitches }];
  }

  /** Whether an API call under this session name comes from one of OCP's own workers. */
  isOwnSession(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  #noteSession(sessionId: string): void {
    this.#sessions.add(sessionId);
    const [oldest] = this.#sessions;
    if (this.#sessions.size > KNOWN_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }

  async #ownDirectory(owner: string): Promise<string> {
    const directory = join(this.#options.workFolder, owner.replaceAll(/[^A-Za-z0-9-]/gu, '_'));
    makeFolders(directory, 0o700);
    return directory;
  }

  /** Resolves when the directories of all workers that have ended so far are gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#released);
  }
}

/** The command line is public to every user of the machine; a file of the run folder is not. */
async function settingsArgument(settings: object | undefined, folder: string): Promise<readonly string[]> {
  if (settings === undefined) return [];
  const file = settingsFile(folder);
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
  return [flag('--settings', file)];
}

/**
 * The CLI leaves files and a socket for each process in the folders of these variables when it is killed. Tools of the
 * operator may need the runtime folder of their session, so it stays theirs.
 */
function temporaryVariables(folder: string, powers: ServerPowers | undefined): Record<string, string> {
  return {
    TMPDIR: folder,
    CLAUDE_CODE_TMPDIR: folder,
    ...(powers === undefined ? { XDG_RUNTIME_DIR: folder } : {}),
  };
}

/** Neither gone as it was told to, nor killed by OCP. */
function hasFailed({ code, signal, wasKilled }: ProcessEnd): boolean {
  return signal === null ? code !== 0 : !wasKilled;
}
