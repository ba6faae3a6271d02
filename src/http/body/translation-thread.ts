import { Worker } from 'node:worker_threads';
import { OcpError } from '../../wire/errors.ts';
import type { NeededState } from '../../wire/openai-responses/state.ts';
import type { FromThread, ToThread } from './thread-messages.ts';
import { raisedError } from './thread-messages.ts';
import type { KeptTexts, Translated, TranslationInput } from './translate.ts';

/** How long the thread is kept when there is nothing to do, ms. */
const IDLE_MS = 60_000;
/** The longest that one body may take, ms: the largest takes about a second. */
const JOB_MS = 60_000;
const BYTES_PER_MIB = 1_048_576;

/** Looks up what a request refers to. */
export type FindKept = (needed: NeededState) => KeptTexts | undefined | Promise<KeptTexts | undefined>;

/**
 * The thread for large bodies. It is started when it is first needed and ends a minute after its last job; one that fails or
 * hangs is replaced for the next. One job at a time.
 */
export class TranslationThread {
  readonly #heapMb: number;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** `maxBytes` is the largest body. */
  constructor(maxBytes: number) {
    // A text of two bytes a character, parsed, written and named, is there four times at most.
    this.#heapMb = Math.max(256, Math.ceil((12 * maxBytes) / BYTES_PER_MIB));
  }

  /** Raises what translating raises, and OcpError `internal_error` when the thread is lost. The memory of `bytes` is given away. */
  async run(bytes: Buffer, input: TranslationInput, findKept: FindKept): Promise<Translated> {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<Translated>();
    const onMessage = (message: FromThread): void => {
      if (message.kind === 'done') resolve(message.translated);
      else if (message.kind === 'failed') reject(raisedError(message.error));
      else void answer(worker, message.needed, findKept).catch(reject);
    };
    const lost = (cause?: unknown): void => {
      this.#drop(worker);
      reject(new OcpError('internal_error', 'The body could not be worked on.', { cause }));
    };
    const onExit = (): void => lost();
    const timer = setTimeout(() => lost(new Error('the thread did not answer in time')), JOB_MS);
    worker.on('message', onMessage).on('error', lost).on('exit', onExit);
    try {
      const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
      worker.postMessage({ kind: 'body', bytes: own, input } satisfies ToThread, [own.buffer as ArrayBuffer]);
      return await promise;
    } finally {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', lost).off('exit', onExit);
      this.#idle = setTimeout(() => this.close(), IDLE_MS);
      this.#idle.unref();
    }
  }

  close(): void {
    clearTimeout(this.#idle);
    if (this.#worker !== undefined) this.#drop(this.#worker);
  }

  #start(): Worker {
    // Compiled, as it is installed, it is a script.
    const file = import.meta.url.endsWith('.ts') ? './translate-thread.ts' : './translate-thread.js';
    const worker = new Worker(new URL(file, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#heapMb },
      env: {},
    });
    // Between two jobs nobody listens; the next one finds it gone.
    worker.on('error', () => this.#drop(worker));
    worker.unref();
    return worker;
  }

  #drop(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    void worker.terminate();
  }
}

async function answer(worker: Worker, needed: NeededState, findKept: FindKept): Promise<void> {
  const kept = await findKept(needed);
  worker.postMessage({ kind: 'kept', kept } satisfies ToThread, []);
}
