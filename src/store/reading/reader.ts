import { Worker } from 'node:worker_threads';
import { OcpError } from '../../wire/errors.ts';
import type { Questions } from './questions.ts';
import type { Askable, Asked, Told } from './answering.ts';

/** How long one question may take, ms. */
const LONGEST_MS = 30_000;
/** How long the thread stays with nothing to do, ms: it holds some MB. */
const IDLE_MS = 60_000;
/** Questions that wait at most. */
const MOST_WAITING = 128;

interface Waiting {
  readonly asked: Asked;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly handedOver: readonly ArrayBuffer[];
}

export interface ReaderOptions {
  /** Of the database. */
  readonly path: string;
  /** The thread's file, without its ending; that of the questions about usage where it is left out. */
  readonly thread?: URL;
  /** Overrides for tests, ms. */
  readonly longestMs?: number;
  readonly idleMs?: number;
}

/**
 * Asks the database about many rows without holding up requests: in a thread, which is started by the first question and
 * ends when there is nothing to ask for a while. Questions are answered one after the other.
 */
export class Reader<Asks extends Askable = Questions> {
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
  async ask<N extends keyof Asks & string>(
    name: N,
    args: Parameters<Asks[N]>,
    signal?: AbortSignal,
    handedOver: readonly ArrayBuffer[] = [],
  ): Promise<ReturnType<Asks[N]>> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw stopping();
    if (this.#waiting.length >= MOST_WAITING) {
      throw new OcpError('queue_full', 'Too many questions to the database are waiting.', { retryAfterSeconds: 2 });
    }
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.push({ asked: { name, args }, resolve, reject, signal, handedOver });
      this.#next();
    }) as Promise<ReturnType<Asks[N]>>;
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
    this.#thread.postMessage(next.asked, [...next.handedOver]);
  }

  #start(): Worker {
    // Compiled, the file has another ending.
    const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const file = this.#options.thread ?? new URL('./thread', import.meta.url);
    const thread = new Worker(new URL(`${file.href}${ending}`), { workerData: { path: this.#options.path }, env: {} });
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
    if ('error' in told) running?.reject(raised(told.error));
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

/** As SQLite or OCP raised it, so that its cause is known. */
function raised({ message, errcode, code, param }: Extract<Told, { error: unknown }>['error']): Error {
  if (code !== undefined) return new OcpError(code, message, param === undefined ? {} : { param });
  return errcode === undefined
    ? new Error(message)
    : Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode });
}
