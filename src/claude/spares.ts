import type { Worker } from './worker.ts';

/** For how long a model counts as in use after its last request, ms. */
const RECENT_USE_MS = 30 * 60 * 1000;
/** Spares of the model that was used last; every other model in recent use gets one. */
const SPARES_OF_LAST_MODEL = 2;
/** A client can name any model: only the ones used last get spares, and no more names than this are remembered. */
const MODELS_WITH_SPARES = 4;
const REMEMBERED_MODELS = 32;
/** How long nobody may be waiting for a first token before a spare is started, ms. */
const CALM_MS = 40;
/** How long to wait after a spare that could not be started, ms. */
const RETRY_MS = 5000;

export interface SparesOptions {
  /** Starts a worker; resolves once its process reads its input, to undefined when it was taken for a request before. */
  readonly start: (model: string) => Promise<Worker | undefined>;
  /** How many more processes the memory budget allows. */
  readonly room: () => number;
  /** How many turns are between their request and their first token: a start would take CPU from them. */
  readonly waiting: () => number;
  /** Called when nothing is missing and nobody waits, after something has changed. */
  readonly onFull: () => void;
  readonly now: () => number;
}

/** Workers that were started before anybody asked, one pool for one login. They belong to nobody until they are taken. */
export class Spares {
  readonly #options: SparesOptions;
  readonly #parked = new Map<string, Worker[]>();
  /** Time of the last request by model, the latest last. */
  readonly #lastUse = new Map<string, number>();
  #starting: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SparesOptions) {
    this.#options = options;
  }

  /** A spare of this model, if there is one. */
  take(model: string): Worker | undefined {
    this.want(model);
    return this.give(model);
  }

  /** The same for a use that says nothing about what will be asked for next. */
  give(model: string): Worker | undefined {
    const parked = this.#parked.get(model) ?? [];
    let worker = parked.shift();
    while (worker?.hasEnded === true) worker = parked.shift();
    return worker;
  }

  /** Notes that this model is in use, and starts spares for it as soon as nobody is held up by that. */
  want(model: string): void {
    this.#lastUse.delete(model);
    this.#lastUse.set(model, this.#options.now());
    const [longestUnused] = this.#lastUse.keys();
    if (this.#lastUse.size > REMEMBERED_MODELS && longestUnused !== undefined) this.#lastUse.delete(longestUnused);
    this.refillSoon();
  }

  /** Parks a worker that was started for something else and was told nothing yet; ends it when spares are closed. */
  adopt(model: string, worker: Worker): void {
    if (this.#closed) {
      worker.kill();
      return;
    }
    this.#park(model, worker);
    this.want(model);
  }

  /** Looks for what is missing a moment from now; called again, the moment starts anew. */
  refillSoon(delayMs: number = CALM_MS): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refill(), delayMs);
    this.#timer.unref();
  }

  count(model?: string): number {
    const pools = model === undefined ? [...this.#parked.values()] : [this.#parked.get(model) ?? []];
    return pools.reduce((sum, workers) => sum + workers.filter((worker) => !worker.hasEnded).length, 0);
  }

  /** Ends a spare of the model that was used longest ago, to make room. False when there is none. */
  dropOldest(): boolean {
    for (const model of [...this.#lastUse.keys(), ...this.#parked.keys()]) {
      const worker = this.#parked.get(model)?.shift();
      if (worker === undefined) continue;
      void worker.stop();
      return true;
    }
    return false;
  }

  /** Ends all spares, also the one that is just being started. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#starting;
    const workers = [...this.#parked.values()].flat();
    this.#parked.clear();
    await Promise.all(workers.map((worker) => worker.stop()));
  }

  #refill(): void {
    if (this.#closed || this.#starting !== undefined) return;
    const model = this.#missing();
    if (this.#options.waiting() > 0) {
      if (model !== undefined) this.refillSoon();
      return;
    }
    if (model === undefined) {
      this.#options.onFull();
      return;
    }
    this.#starting = this.#startOne(model).then((delayMs) => {
      this.#starting = undefined;
      this.refillSoon(delayMs);
    });
  }

  async #startOne(model: string): Promise<number> {
    try {
      const worker = await this.#options.start(model);
      if (worker !== undefined) this.#park(model, worker);
      return CALM_MS;
    } catch {
      return RETRY_MS;
    }
  }

  #park(model: string, worker: Worker): void {
    const parked = this.#parked.get(model) ?? [];
    parked.push(worker);
    this.#parked.set(model, parked);
    void worker.ended.then(() => {
      const index = parked.indexOf(worker);
      if (index === -1) return;
      parked.splice(index, 1);
      this.refillSoon();
    });
  }

  /** The model that lacks a spare, the one used last first; undefined when nothing is missing or there is no room. */
  #missing(): string | undefined {
    if (this.#options.room() <= 0) return undefined;
    const oldest = this.#options.now() - RECENT_USE_MS;
    const recent = [...this.#lastUse].toReversed().filter(([, usedAt]) => usedAt >= oldest);
    const models = recent.slice(0, MODELS_WITH_SPARES);
    return models.find(([model], index) => this.count(model) < (index === 0 ? SPARES_OF_LAST_MODEL : 1))?.[0];
  }
}
