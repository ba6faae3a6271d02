import type { Setup } from './setup.ts';
import type { Worker } from './worker.ts';

/** How many set-ups are remembered to see which of them come again. */
const REMEMBERED = 256;
/** How many set-ups may wait for a worker to be made ready for them. */
const WISHES = 8;
/** How long a worker may take to be made ready, ms. */
const PREPARE_TIMEOUT_MS = 30_000;

/** Whose conversation begins with what. */
export interface Beginning {
  readonly owner: string;
  readonly setupKey: string;
  readonly setup: Setup;
}

interface ReadyWorker extends Omit<Beginning, 'setup'> {
  readonly worker: Worker;
  /** Unix time, ms. */
  readonly since: number;
}

export interface ReadyWorkersOptions {
  /** A spare of this model that can be given away. */
  readonly takeSpare: (model: string) => Worker | undefined;
  readonly now: () => number;
}

/**
 * Spares that were told ahead what the next conversation of a key will be told: most tools begin every conversation with the
 * same system prompt and tools. Such a worker belongs to its key from then on. Set-ups that come only once get none.
 */
export class ReadyWorkers {
  readonly #options: ReadyWorkersOptions;
  readonly #ready = new Set<ReadyWorker>();
  /** Beginnings that were seen, by their names, the latest last. */
  readonly #seen = new Set<string>();
  /** Beginnings that came again and wait for a worker, the latest last. */
  readonly #wishes = new Map<string, Beginning>();
  #preparing: { readonly worker: Worker; readonly owner: string } | undefined;
  #closed = false;

  constructor(options: ReadyWorkersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#ready.size;
  }

  /** Whether a set-up waits for a worker. */
  get isWanted(): boolean {
    return this.#wishes.size > 0 && this.#preparing === undefined && !this.#closed;
  }

  /** Notes that a conversation began like this, and gives out the worker that is ready for it. */
  take(beginning: Beginning): Worker | undefined {
    const name = nameOf(beginning);
    if (this.#seen.delete(name)) {
      this.#wishes.delete(name);
      this.#wishes.set(name, beginning);
      if (this.#wishes.size > WISHES) dropFirst(this.#wishes);
    }
    this.#seen.add(name);
    if (this.#seen.size > REMEMBERED) dropFirst(this.#seen);
    for (const ready of this.#ready) {
      if (nameOf(ready) !== name || ready.worker.hasEnded) continue;
      this.#ready.delete(ready);
      return ready.worker;
    }
    return undefined;
  }

  /** Makes a worker ready for the set-up that was wanted last. Resolves to false when there was nothing to do it with. */
  async prepare(): Promise<boolean> {
    const [name, beginning] = [...this.#wishes].at(-1) ?? [];
    if (name === undefined || beginning === undefined || !this.isWanted) return false;
    if ([...this.#ready].some((ready) => nameOf(ready) === name)) {
      this.#wishes.delete(name);
      return true;
    }
    const worker = this.#options.takeSpare(beginning.setup.model);
    if (worker === undefined) return false;
    this.#wishes.delete(name);
    this.#preparing = { worker, owner: beginning.owner };
    const timer = setTimeout(() => worker.kill(), PREPARE_TIMEOUT_MS);
    try {
      await worker.initialize(beginning.setup);
      await worker.warmUp();
      this.#keep({ worker, owner: beginning.owner, setupKey: beginning.setupKey, since: this.#options.now() });
    } catch {
      worker.kill();
    } finally {
      clearTimeout(timer);
      this.#preparing = undefined;
    }
    return true;
  }

  /** Ends the worker that has been ready longest, to make room. False when there is none. */
  dropOldest(): boolean {
    const [oldest] = this.#ready;
    if (oldest === undefined) return false;
    this.#ready.delete(oldest);
    void oldest.worker.stop();
    return true;
  }

  /** Ends the workers that match, one that is just being made ready included, and makes none for such owners until they ask again. */
  endWhere(test: (ready: { readonly owner: string; readonly since: number }) => boolean): void {
    const preparing = this.#preparing;
    if (preparing !== undefined && test({ owner: preparing.owner, since: this.#options.now() }))
      preparing.worker.kill();
    for (const [name, { owner }] of this.#wishes) {
      if (test({ owner, since: this.#options.now() })) this.#wishes.delete(name);
    }
    for (const ready of [...this.#ready].filter(test)) {
      this.#ready.delete(ready);
      void ready.worker.stop();
    }
  }

  /** Ends all of them, also the one that is just being made ready. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#preparing?.worker.kill();
    const workers = [...this.#ready].map(({ worker }) => worker);
    this.#ready.clear();
    await Promise.all([...workers.map(async (worker) => worker.stop()), this.#preparing?.worker.ended]);
  }

  #keep(ready: ReadyWorker): void {
    if (this.#closed) {
      ready.worker.kill();
      return;
    }
    this.#ready.add(ready);
    void ready.worker.ended.then(() => this.#ready.delete(ready));
  }
}

function nameOf({ owner, setupKey }: Omit<Beginning, 'setup'>): string {
  return JSON.stringify([owner, setupKey]);
}

function dropFirst(collection: Set<string> | Map<string, Beginning>): void {
  const [first] = collection.keys();
  if (first !== undefined) collection.delete(first);
}
