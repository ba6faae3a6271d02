/**
 * Where a value stands in a JSON text: the keys of the objects around it, `*` for an element of an array.
 * `['calls', '*', 'name']` is the name in each of the calls.
 */
export type TapPath = readonly string[];

/** Told what a JSON text contains while the text is still coming. */
export interface TapVisitor {
  /** A value begins; true to be given its text as it is written. */
  begin(path: TapPath): boolean;
  /** Part of the text of the value that was asked for. */
  piece(text: string): void;
  /** The value that was asked for is complete. */
  end(path: TapPath): void;
  /** An object or array that was not asked for is complete. */
  close(path: TapPath): void;
}

/**
 * Reads a JSON text in pieces and hands out the very text of chosen values, without waiting for their end and without
 * reformatting them. Nothing is checked: of a text that is no JSON, what comes out is undefined, but it never throws.
 */
export class JsonTap {
  readonly #visitor: TapVisitor;
  readonly #path: string[] = [];
  readonly #containers: ('{' | '[')[] = [];
  #expectKey = false;
  #key: string | undefined;
  /** What is being read: a string (key or value), a number or word, or nothing. */
  #inside: 'string' | 'scalar' | undefined;
  #escaped = false;
  /** Open brackets of the captured value; undefined while none is captured. */
  #depth: number | undefined;

  constructor(visitor: TapVisitor) {
    this.#visitor = visitor;
  }

  feed(text: string): void {
    let from = 0;
    for (let i = 0; i < text.length; i += 1) {
      const char = text.charAt(i);
      if (this.#inside === 'string') {
        this.#readString(char);
      } else if (this.#inside === 'scalar') {
        if (!/[\s,\]}]/.test(char)) continue;
        this.#inside = undefined;
        if (this.#depth === 0) this.#finish(text.slice(from, i));
        i -= 1;
        continue;
      } else if (this.#depth === undefined) {
        if (this.#readStructure(char)) from = i;
      } else {
        this.#readCaptured(char);
      }
      if (this.#depth === 0 && this.#inside === undefined) this.#finish(text.slice(from, i + 1));
    }
    if (this.#depth !== undefined && from < text.length) this.#visitor.piece(text.slice(from));
  }

  #readString(char: string): void {
    const ends = char === '"' && !this.#escaped;
    this.#escaped = char === '\\' && !this.#escaped;
    if (this.#key !== undefined && !ends) this.#key += char;
    if (!ends) return;
    this.#inside = undefined;
    if (this.#key === undefined) return;
    this.#path[this.#containers.length - 1] = keyOf(this.#key);
    this.#key = undefined;
    this.#expectKey = false;
  }

  /** Between values, outside a captured one; true when a captured value begins here. */
  #readStructure(char: string): boolean {
    switch (char) {
      case '}':
      case ']':
        this.#containers.pop();
        this.#path.length = this.#containers.length;
        this.#expectKey = false;
        this.#visitor.close(this.#path);
        return false;
      case ',':
        this.#expectKey = this.#containers.at(-1) === '{';
        return false;
      case '"':
        if (!this.#expectKey) return this.#beginValue(char);
        this.#inside = 'string';
        this.#key = '';
        return false;
      default:
        return /[\s:]/.test(char) ? false : this.#beginValue(char);
    }
  }

  #beginValue(char: string): boolean {
    const captured = this.#visitor.begin(this.#path);
    if (captured) this.#depth = 0;
    if (char === '"') this.#inside = 'string';
    else if (char !== '{' && char !== '[') this.#inside = 'scalar';
    else if (captured) this.#depth = 1;
    else {
      this.#containers.push(char);
      this.#path.push('*');
      this.#expectKey = char === '{';
    }
    return captured;
  }

  #readCaptured(char: string): void {
    if (char === '"') this.#inside = 'string';
    else if (char === '{' || char === '[') this.#depth = (this.#depth ?? 0) + 1;
    else if (char === '}' || char === ']') this.#depth = (this.#depth ?? 0) - 1;
  }

  #finish(rest: string): void {
    this.#depth = undefined;
    if (rest !== '') this.#visitor.piece(rest);
    this.#visitor.end(this.#path);
  }
}

function keyOf(raw: string): string {
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw;
  }
}
