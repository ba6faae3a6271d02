/** The other escapes stand for themselves. */
const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const opening = /^\s*\{\s*"input"\s*:\s*"/;
/** More than this without the opening is JSON of another shape; in characters. */
const longestOpening = 64;

/**
 * Decodes the one string of a freeform tool's arguments, `{"input":"…"}`, while its JSON arrives in pieces. A half of a
 * surrogate pair waits for its other half, since clients in other languages cannot read it alone.
 */
export class FreeformInputDecoder {
  #state: 'before' | 'inside' | 'over' = 'before';
  #undecoded = '';
  #highSurrogate = '';

  /** The part of the text that this piece of JSON completes, possibly empty. */
  push(json: string): string {
    if (this.#state === 'over') return '';
    this.#undecoded += json;
    if (this.#state === 'before') this.#open();
    return this.#state === 'inside' ? this.#holdBack(this.#decode()) : '';
  }

  #open(): void {
    const match = opening.exec(this.#undecoded);
    if (match !== null) {
      this.#undecoded = this.#undecoded.slice(match[0].length);
      this.#state = 'inside';
    } else if (this.#undecoded.length > longestOpening) {
      this.#state = 'over';
    }
  }

  #decode(): string {
    const json = this.#undecoded;
    const special = /[\\"]/g;
    let text = '';
    let at = 0;
    for (;;) {
      special.lastIndex = at;
      const found = special.exec(json)?.index ?? json.length;
      text += json.slice(at, found);
      at = found;
      if (json[at] === '"') this.#state = 'over';
      const escape = json[at + 1];
      const length = escape === 'u' ? 6 : 2;
      if (json[at] !== '\\' || escape === undefined || at + length > json.length) break;
      text += length === 6 ? String.fromCharCode(Number.parseInt(json.slice(at + 2, at + 6), 16)) : unescaped(escape);
      at += length;
    }
    this.#undecoded = json.slice(at);
    return text;
  }

  #holdBack(decoded: string): string {
    const text = this.#highSurrogate + decoded;
    const isHalf = /[\uD800-\uDBFF]$/.test(text);
    this.#highSurrogate = isHalf ? text.slice(-1) : '';
    return isHalf ? text.slice(0, -1) : text;
  }
}

function unescaped(letter: string): string {
  return escapes[letter] ?? letter;
}
