import type { Socket } from 'node:net';
import { connect } from 'node:net';

/** What came of a request. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly head: string; readonly body: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'hung' };

/** How long an answer may take as a whole, ms. */
const PATIENCE_MS = 20_000;
/** How much of an answer's body is kept. */
const KEPT_CHARACTERS = 2000;

/** One connection that is kept open for one request after another, and opened again where the server has closed it. */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** Sends a request and waits for the whole answer. */
  async send(bytes: Buffer, method: string): Promise<Outcome> {
    const isKept = this.#socket !== undefined && !this.#socket.destroyed;
    const outcome = await this.#exchange(bytes, method);
    // A connection that had been closed meanwhile says nothing of this request.
    return outcome.kind === 'closed' && isKept ? this.#exchange(bytes, method) : outcome;
  }

  async #exchange(bytes: Buffer, method: string): Promise<Outcome> {
    const socket = this.#opened();
    return new Promise((resolve) => {
      const reader = new AnswerReader(method);
      const finish = (outcome: Outcome): void => {
        clearTimeout(timer);
        socket.removeAllListeners('data');
        socket.removeAllListeners('close');
        if (outcome.kind !== 'answered' || reader.closes) this.close();
        resolve(outcome);
      };
      const timer = setTimeout(() => finish({ kind: 'hung' }), PATIENCE_MS);
      socket.on('data', (chunk) => {
        if (reader.read(chunk)) finish(reader.outcome());
      });
      socket.on('close', () => finish(reader.atEnd()));
      socket.write(bytes);
    });
  }

  #opened(): Socket {
    if (this.#socket !== undefined && !this.#socket.destroyed) return this.#socket;
    const socket = connect(this.#port, '127.0.0.1');
    // What is wrong with a connection shows in its end.
    socket.on('error', () => {});
    this.#socket = socket;
    return socket;
  }
}

/** Reads one HTTP/1.1 answer: to its length, its last chunk, or the end of the connection. */
class AnswerReader {
  readonly #method: string;
  #text = '';
  #head: string | undefined;
  /** Bytes of the body that still have to come; undefined for one in chunks or to the end. */
  #left: number | undefined;
  #kept = '';
  #tail = '';

  constructor(method: string) {
    this.#method = method;
  }

  get closes(): boolean {
    return this.#isFeed || /\r\nconnection: close/iu.test(this.#head ?? '');
  }

  /** A live feed, which has no end: that it has begun is its answer. */
  get #isFeed(): boolean {
    return this.#method === 'GET' && /\r\ncontent-type: text\/event-stream/iu.test(this.#head ?? '');
  }

  /** True once the answer is whole. */
  read(chunk: Buffer): boolean {
    const piece = chunk.toString('latin1');
    if (this.#head !== undefined) return this.#body(piece);
    this.#text += piece;
    for (;;) {
      const end = this.#text.indexOf('\r\n\r\n');
      if (end === -1) return false;
      const head = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 4);
      // `100 Continue` is only a word in between.
      if (/^HTTP\/1\.1 1\d\d/u.test(head)) continue;
      this.#head = head;
      const length = /\r\ncontent-length: (\d+)/iu.exec(head)?.[1];
      const isEmpty = this.#method === 'HEAD' || this.#isFeed || /^HTTP\/1\.1 (?:204|304)/u.test(head);
      this.#left = isEmpty ? 0 : length === undefined ? undefined : Number(length);
      return this.#body(this.#text);
    }
  }

  outcome(): Outcome {
    const status = Number(/^HTTP\/1\.1 (\d{3})/u.exec(this.#head ?? '')?.[1]);
    return { kind: 'answered', status, head: this.#head ?? '', body: this.#kept };
  }

  /** The connection has ended: that ends an answer which says neither its length nor its chunks. */
  atEnd(): Outcome {
    if (this.#head === undefined) return { kind: 'closed' };
    const isDelimited = this.#left !== undefined || /\r\ntransfer-encoding: chunked/iu.test(this.#head);
    return isDelimited ? { kind: 'closed' } : this.outcome();
  }

  #body(piece: string): boolean {
    if (this.#kept.length < KEPT_CHARACTERS) this.#kept += piece.slice(0, KEPT_CHARACTERS);
    if (this.#left !== undefined) {
      this.#left -= piece.length;
      return this.#left <= 0;
    }
    this.#tail = (this.#tail + piece).slice(-7);
    return this.#tail.endsWith('0\r\n\r\n') && /\r\ntransfer-encoding: chunked/iu.test(this.#head ?? '');
  }
}
