/** What ends a line of the CLI's output. */
const NEWLINE = 0x0a;

/** Raised by {@link LineSplitter.push} when a line outgrows the limit. */
export class LineTooLongError extends Error {
  constructor(limitBytes: number) {
    super(`a line of the CLI's output is longer than ${limitBytes} bytes`);
    this.name = 'LineTooLongError';
  }
}

/**
 * Splits a byte stream into lines of UTF-8 text. Chunks may end anywhere, also inside a character: a line is decoded
 * only once it is whole. The pieces of an unfinished line are kept as they are and joined once, because joining at every
 * chunk makes a long line cost the square of its length.
 */
export class LineSplitter {
  readonly #limitBytes: number;
  #pieces: Buffer[] = [];
  #pendingBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Gives every line that this chunk completes, without its newline. Raises {@link LineTooLongError}. */
  push(chunk: Buffer, onLine: (line: string) => void): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      const line = this.#complete(chunk.subarray(start, end));
      start = end + 1;
      if (line !== '') onLine(line);
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #complete(last: Buffer): string {
    if (this.#pieces.length === 0) {
      if (last.length > this.#limitBytes) throw new LineTooLongError(this.#limitBytes);
      return last.toString('utf8');
    }
    this.#keep(last);
    const line = Buffer.concat(this.#pieces, this.#pendingBytes).toString('utf8');
    this.#pieces = [];
    this.#pendingBytes = 0;
    return line;
  }

  #keep(piece: Buffer): void {
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes > this.#limitBytes) throw new LineTooLongError(this.#limitBytes);
    this.#pieces.push(piece);
  }
}
