import { workerArguments, workerSwitches } from './arguments.ts';
import type { RateLimitInfo } from './protocol.ts';
import type { RunFolder } from './run-folder.ts';
import { Worker } from './worker.ts';

export interface WorkerFactoryOptions {
  /** Path of the CLI. */
  readonly binary: string;
  /** The environment of the login, already reduced to what a worker may see. */
  readonly env: Readonly<Record<string, string>>;
  readonly runFolder: RunFolder;
  readonly onPlan: (info: RateLimitInfo) => void;
  readonly now: () => number;
}

/** Starts workers of one login, each in an empty directory of its own that goes with it. */
export class WorkerFactory {
  readonly #options: WorkerFactoryOptions;
  readonly #takenNames = new Set<string>();
  readonly #released = new Set<Promise<void>>();

  constructor(options: WorkerFactoryOptions) {
    this.#options = options;
  }

  /** Starts a worker; it may be told things at once. Its failure to start shows when it is told. */
  async start(model: string): Promise<Worker> {
    const { binary, env, runFolder, onPlan, now } = this.#options;
    const cwd = await runFolder.createWorkingDirectory();
    const worker = new Worker({
      command: { path: binary, args: workerArguments(model), env: { ...env, ...workerSwitches }, cwd },
      model,
      onPlan,
      onTakenNames: (names) => names.forEach((name) => this.#takenNames.add(name)),
      takenNames: this.#takenNames,
      now,
    });
    runFolder.register(worker.pid, cwd);
    const released = worker.ended.then(() => runFolder.release(worker.pid, cwd));
    this.#released.add(released);
    void released.then(() => this.#released.delete(released));
    return worker;
  }

  /** Resolves when the directories of all workers that have ended so far are gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#released);
  }
}
