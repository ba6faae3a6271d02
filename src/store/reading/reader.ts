import { Worker } from 'node:worker_threads';
import { OcpError } from '../../wire/errors.ts';
import type { Questions } from './questions.ts';
import type { Asked, Told } from './thread.ts';

/** How long one question may take, ms. */
const LONGEST_MS = 30_000;
/** How long the thread stays with nothing to do, ms: it holds some MB. */
const IDLE_MS = 60_000;
/** Questions that wait at most. */
const MOST_WAITING = 128;

type Name = keyof Questions;

/** The answer to a question. */
export type Answer<N extends Name> = ReturnType<Questions[N]>;

interface Waiting {
  readonly asked: Asked;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

export interface ReaderOptions {
  /** Of the database. */
  readonly path: string;
  /** Overrides for tests, ms. */
  readonly longestMs?: number;
  readonly idleMs?: number;
}

/**
 * Asks the database about many rows without holding up requests: in a thread, which is started by the first question and
 * ends when there is nothing to ask for a while. Questions are answered one after the other.
 */
export class Reader {
  readonly #options: ReaderOptions;
  #waiting: Waiting[] = [];
  #running: Waiting | undefined;
  #thread: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Whether the thread runs. */
  get isRunning(): boolean {
    return this.#thread !== undefined;
  }

  /**
   * Asks a question. Raises OcpError `queue_full` when too many wait, `timeout` when it takes too long, `shutting_down`, what
   * SQLite raises, and what the signal is aborted with before the question has its turn.
   */
  async ask<N extends Name>(name: N, args: Parameters<Questions[N]>, signal?: AbortSignal): Promise<Answer<N>> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw stopping();
    if (this.#waiting.length >= MOST_WAITING) {
      throw new OcpError('queue_full', 'Too many questions about usage are waiting.', { retryAfterSeconds: 2 });
    }
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.push({ asked: { name, args }, resolve, reject, signal });
      this.#next();
    }) as Promise<Answer<N>>;
  }

  /** Ends the thread; questions that wait are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(stopping());
    await this.#end(stopping());
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const next = this.#waiting.shift();
    clearTimeout(this.#timer);
    if (next === undefined) {
      this.#timer = setTimeout(() => void this.#end(), this.#options.idleMs ?? IDLE_MS).unref();
      return;
    }
    if (next.signal?.aborted === true) {
      next.reject(next.signal.reason);
      this.#next();
      return;
    }
    this.#running = next;
    this.#thread ??= this.#start();
    const late = new OcpError('timeout', 'The database took too long to answer.');
    this.#timer = setTimeout(() => void this.#end(late), this.#options.longestMs ?? LONGEST_MS);
    this.#timer.unref();
    this.#thread.postMessage(next.asked);
  }

  #start(): Worker {
    // Compiled, the file has another ending.
    const file = import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js';
    const thread = new Worker(new URL(file, import.meta.url), { workerData: { path: this.#options.path }, env: {} });
    thread.unref();
    thread.on('message', (told: Told) => {
      if (this.#thread === thread) this.#told(told);
    });
    thread.on('error', (error) => {
      if (this.#thread === thread) void this.#end(error);
    });
    thread.on('exit', () => {
      if (this.#thread === thread) void this.#end(new Error('the reading thread ended'));
    });
    return thread;
  }

  #told(told: Told): void {
    const running = this.#running;
    this.#running = undefined;
    if ('error' in told) running?.reject(asSqliteError(told.error));
    else running?.resolve(told.answer);
    this.#next();
  }

  /** Ends the thread, and with it what runs; what waits goes on in another one. */
  async #end(error?: unknown): Promise<void> {
    clearTimeout(this.#timer);
    const thread = this.#thread;
    const running = this.#running;
    this.#thread = undefined;
    this.#running = undefined;
    running?.reject(error);
    if (this.#waiting.length > 0) this.#next();
    await thread?.terminate();
  }
}

function stopping(): OcpError {
  return new OcpError('shutting_down', 'OCP is stopping.');
}

/** As SQLite raised it, so that its cause is known. */
function asSqliteError({ message, errcode }: { readonly message: string; readonly errcode: unknown }): Error {
  return errcode === undefined
    ? new Error(message)
    : Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode });
}
