import type { ServerResponse } from 'node:http';
import type { News, NewsItem, Viewer } from './news.ts';
import { maySee } from './news.ts';

/** Silence after which a comment is sent, and after which it is asked again who looks on, ms. */
const HEARTBEAT_MS = 15_000;
/** How long a reader may take nothing before it is cut off, ms. */
const SLOW_READER_MS = 60_000;
/** After what time a browser tries again, ms. */
const RETRY_MS = 2000;

export interface EventStreamOptions {
  readonly response: ServerResponse;
  readonly news: News;
  /** Names this run of the server, so that ids of an earlier one mean nothing. */
  readonly run: string;
  /** What the browser received last before it lost the connection. */
  readonly lastEventId: string | undefined;
  /** Who looks on, asked anew now and then; undefined when they may not any more. */
  readonly viewer: () => Viewer | undefined;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
}

/**
 * One open page, as server-sent events: `hello` at the beginning, what happens as it happens, and what is so at the moment
 * whenever that has changed. Nothing is held back for a page that reads slowly: it gets what it missed from what is kept
 * for all, or `gap` when that is too much, and then asks for everything anew. Contract: HTML standard, "Server-sent events".
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #shown = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  readonly #forget: () => void;
  #viewer: Viewer | undefined;
  #lastId: number;
  #cutOff: NodeJS.Timeout | undefined;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    const { response, news } = options;
    this.#viewer = options.viewer();
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    const resumed = this.#resumedFrom();
    this.#lastId = resumed ?? news.lastId;
    const hello = { now: options.now(), resumed: resumed !== undefined };
    this.#write(`retry: ${RETRY_MS}\n${this.#idLine()}event: hello\ndata: ${JSON.stringify(hello)}\n\n`);
    this.#catchUp();
    this.#forget = news.listen((item) => this.#take(item));
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#timer.unref();
    response.once('close', () => this.#stop());
  }

  /** Undefined once it is over. */
  get viewer(): Viewer | undefined {
    return this.#viewer;
  }

  /** Says how something is at the moment, if that is news to this page. */
  show(name: string, data: unknown): void {
    const text = JSON.stringify(data);
    if (this.#isBlocked || this.#shown.get(name) === text) return;
    this.#shown.set(name, text);
    this.#write(`event: ${name}\ndata: ${text}\n\n`);
  }

  /** Asks again who looks on; ends with `ended` when that has changed. */
  recheck(): void {
    const before = this.#viewer;
    if (before === undefined) return;
    const now = this.#options.viewer();
    if (now?.isAdmin === before.isAdmin && now.account === before.account) return;
    this.close('ended');
  }

  close(reason: 'ended' | 'stopping'): void {
    if (!this.#options.response.writableEnded) this.#options.response.end(`event: ${reason}\ndata: {}\n\n`);
    this.#stop();
  }

  get #isBlocked(): boolean {
    return this.#cutOff !== undefined;
  }

  #resumedFrom(): number | undefined {
    const [run, id] = (this.#options.lastEventId ?? '').split(':');
    if (run !== this.#options.run || id === undefined || !/^\d{1,15}$/.test(id)) return undefined;
    return this.#options.news.since(Number(id)) === undefined ? undefined : Number(id);
  }

  #take(item: NewsItem): void {
    if (this.#isBlocked || this.#viewer === undefined) return;
    this.#lastId = item.id;
    if (!maySee(this.#viewer, item)) return;
    this.#write(`${this.#idLine()}event: ${item.name}\ndata: ${JSON.stringify(item.data)}\n\n`);
  }

  #catchUp(): void {
    const { news } = this.#options;
    const missed = news.since(this.#lastId);
    if (missed === undefined) {
      this.#lastId = news.lastId;
      this.#write(`${this.#idLine()}event: gap\ndata: {}\n\n`);
    }
    for (const item of missed ?? []) this.#take(item);
  }

  #idLine(): string {
    return `id: ${this.#options.run}:${this.#lastId}\n`;
  }

  #beat(): void {
    this.recheck();
    if (this.#viewer !== undefined && !this.#isBlocked) this.#write(': alive\n\n');
  }

  #write(frame: string): void {
    const { response } = this.#options;
    if (response.destroyed || response.writableEnded || response.write(frame)) return;
    if (this.#isBlocked) return;
    this.#cutOff = setTimeout(() => response.destroy(), SLOW_READER_MS).unref();
    response.once('drain', () => {
      clearTimeout(this.#cutOff);
      this.#cutOff = undefined;
      if (this.#viewer !== undefined) this.#catchUp();
    });
  }

  #stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#cutOff);
    this.#forget();
    this.#viewer = undefined;
  }
}
