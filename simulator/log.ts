import type { IncomingHttpHeaders } from 'node:http';

/** How a request ended; `open` while it has not. */
export type Outcome =
  | 'open'
  /** The whole answer was sent. */
  | 'completed'
  /** An error status was answered, or an `error` event was streamed. */
  | 'error'
  /** The client closed the connection before the answer was complete. */
  | 'client_closed'
  /** The simulator closed the connection, as scripted. */
  | 'cut'
  /** The answer was sent with a broken event or body in it, as scripted. */
  | 'malformed';

/** One request as the simulator received it. */
export interface RequestRecord {
  readonly id: string;
  /** When its headers came, in milliseconds since the epoch; `startedAt` is the first byte of the answer. */
  readonly at: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; undefined while it has not come, and for a request without one. */
  readonly body: unknown;
  readonly status: number | undefined;
  readonly outcome: Outcome;
  /** Tokens of the answer sent so far. */
  readonly tokensSent: number;
  /** Thinking blocks that were left out because they were bound to something else. */
  readonly droppedThinking: number;
  /** Usage as the answer reported it. */
  readonly usage: Readonly<Record<string, unknown>> | undefined;
}

/** How long to wait for a record. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds; 10 000 unless given. */
  readonly timeoutMs?: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The simulator's own handle on a record. */
export interface OpenRecord {
  readonly record: RequestRecord;
  readonly update: (change: Partial<Writable<RequestRecord>>) => void;
}

/** Every request that the simulator received, oldest first, and a way to wait for one. */
export class RequestLog {
  #records: RequestRecord[] = [];
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();

  /** `limit`: how many records are kept; the oldest go first. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get all(): readonly RequestRecord[] {
    return this.#records;
  }

  /** The `POST /v1/messages` among them. */
  messages(): readonly RequestRecord[] {
    return this.#records.filter(isMessagesCall);
  }

  clear(): void {
    this.#records = [];
  }

  /**
   * The first record, past or future, for which the predicate holds; asked again at every change of a record.
   * @throws TimeoutError or the signal's reason.
   */
  waitFor(predicate: (record: RequestRecord) => boolean, options: WaitOptions = {}): Promise<RequestRecord> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? 10_000);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.delete(look);
        signal.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        stop();
        reject(signal.reason as Error);
      };
      const look = (): void => {
        const found = this.#records.find(predicate);
        if (found === undefined) return;
        stop();
        resolve(found);
      };
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort);
      this.#waiting.add(look);
      look();
    });
  }

  /** Opens a record for a request whose headers have come. */
  open(received: Pick<RequestRecord, 'id' | 'at' | 'method' | 'path' | 'query' | 'headers'>): OpenRecord {
    const record: Writable<RequestRecord> = {
      ...received,
      startedAt: undefined,
      endedAt: undefined,
      body: undefined,
      status: undefined,
      outcome: 'open',
      tokensSent: 0,
      droppedThinking: 0,
      usage: undefined,
    };
    this.#records.push(record);
    if (this.#records.length > this.#limit) this.#records.shift();
    return {
      record,
      update: (change) => {
        Object.assign(record, change);
        this.#changed();
      },
    };
  }

  #changed(): void {
    for (const look of this.#waiting) look();
  }
}

/** Tells whether a record is a call of the Messages endpoint (not of its `count_tokens`). */
export function isMessagesCall(record: RequestRecord): boolean {
  return record.method === 'POST' && record.path === '/v1/messages';
}
