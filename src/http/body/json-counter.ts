const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Counts what a JSON text holds while it arrives, before anything is made of it: a look at the parsed body would come too
 * late. Chunks may end anywhere. It does not check the text; of one that is not JSON the counts mean nothing.
 */
export class JsonCounter {
  /** Values of every kind: objects, arrays, texts, numbers, words. Keys are none. */
  values = 0;
  /** How many arrays and objects stood in one another at most. */
  deepest = 0;
  #depth = 0;
  #inString = false;
  /** How many backslashes the last chunk ended with, within a string. */
  #backslashes = 0;
  /** An array or object was opened and nothing of what is in it has come. */
  #isFresh = false;
  #hasBegun = false;

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) at = this.#inString ? this.#endOfString(chunk, at) : this.#outside(chunk, at);
  }

  /** Returns the place behind the string, or behind a quote that belongs to it. */
  #endOfString(chunk: Uint8Array, from: number): number {
    const quote = chunk.indexOf(QUOTE, from);
    const end = quote === -1 ? chunk.length : quote;
    let start = end;
    while (start > from && chunk[start - 1] === BACKSLASH) start -= 1;
    const backslashes = end - start + (start === from ? this.#backslashes : 0);
    if (quote === -1) {
      this.#backslashes = backslashes % 2;
      return chunk.length;
    }
    this.#backslashes = 0;
    this.#inString = backslashes % 2 === 1;
    return quote + 1;
  }

  /** Returns the place behind the quote that opens the next string, or the end. */
  #outside(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      switch (chunk[at]) {
        case 0x20:
        case 0x09:
        case 0x0a:
        case 0x0d:
          break;
        case QUOTE:
          this.#mark();
          this.#inString = true;
          this.#backslashes = 0;
          return at + 1;
        case 0x5b: // [
        case 0x7b: // {
          this.#mark();
          this.#isFresh = true;
          this.#depth += 1;
          if (this.#depth > this.deepest) this.deepest = this.#depth;
          break;
        case 0x5d: // ]
        case 0x7d: // }
          this.#isFresh = false;
          if (this.#depth > 0) this.#depth -= 1;
          break;
        case 0x2c: // ,
          this.values += 1;
          break;
        default:
          if (this.#isFresh || !this.#hasBegun) this.#mark();
      }
    }
    return chunk.length;
  }

  /** Something stands here: the first thing of the text, or of what was opened last. Every further one has its comma. */
  #mark(): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.values += 1;
    } else if (this.#isFresh) {
      this.#isFresh = false;
      this.values += 1;
    }
  }
}
