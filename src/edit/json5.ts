import type { Node, NodeType } from 'jsonc-parser';
import { jsonEditor } from './jsonc.ts';
import { EditError } from './settings.ts';

/** JSON5, as people write it by hand: names without quotes, single quotes, comments, trailing commas. */
export const json5 = jsonEditor((text) => {
  const reader = new Reader(text);
  if (reader.isAtEnd()) return undefined;
  const root = reader.value();
  if (!reader.isAtEnd()) throw reader.fault('one value and nothing more');
  return root;
});

const blank = /(?:[\s\uFEFF]|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*/uy;
const word = /[\p{ID_Start}$_][\p{ID_Continue}$\u200C\u200D]*/uy;
const number = /[+-]?(?:Infinity|NaN|0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y;
const literals: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' };
const deepest = 200;

/** Reads a text from its beginning to its end; a position is its state. */
class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether nothing but blanks and comments is left, which are skipped. */
  isAtEnd(): boolean {
    this.#match(blank);
    return this.#at === this.#text.length;
  }

  fault(expected: string): EditError {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    return new EditError(`it is not valid JSON5: line ${line}, ${expected} was expected`);
  }

  value(): Node {
    this.#match(blank);
    const start = this.#at;
    const character = this.#text[start];
    if (character === '{') return this.#container('object', '}', () => this.#property());
    if (character === '[') return this.#container('array', ']', () => this.value());
    if (character === '"' || character === "'") return this.#leaf('string', start, this.#string(character));
    const digits = this.#match(number);
    if (digits !== undefined) return this.#leaf('number', start, toNumber(digits));
    const name = this.#match(word);
    const literal = name === undefined || !Object.hasOwn(literals, name) ? undefined : literals[name];
    if (literal === undefined) throw this.fault('a value');
    return this.#leaf(literal === null ? 'null' : 'boolean', start, literal);
  }

  #container(type: NodeType, close: string, read: () => Node): Node {
    const start = this.#at;
    const children: Node[] = [];
    this.#at += 1;
    this.#depth += 1;
    if (this.#depth > deepest) throw this.fault('less depth');
    for (;;) {
      this.#match(blank);
      if (this.#text[this.#at] === close) break;
      children.push(read());
      this.#match(blank);
      if (this.#text[this.#at] === ',') this.#at += 1;
      else if (this.#text[this.#at] !== close) throw this.fault(`a comma or ${close}`);
    }
    this.#at += 1;
    this.#depth -= 1;
    const node: Node = { type, offset: start, length: this.#at - start, children };
    for (const child of children) adopt(child, node);
    return node;
  }

  #property(): Node {
    const start = this.#at;
    const quote = this.#text[start];
    const isQuoted = quote === '"' || quote === "'";
    const name = isQuoted ? this.#string(quote) : this.#match(word);
    if (name === undefined) throw this.fault('a name');
    const key = this.#leaf('string', start, name);
    this.#match(blank);
    const colon = this.#at;
    if (this.#text[colon] !== ':') throw this.fault('a colon');
    this.#at += 1;
    const value = this.value();
    const node: Node = {
      type: 'property',
      offset: start,
      length: this.#at - start,
      colonOffset: colon,
      children: [key, value],
    };
    adopt(key, node);
    adopt(value, node);
    return node;
  }

  #string(quote: string): string {
    let content = '';
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === '\n' || character === '\r') throw this.fault('the end of a text');
      this.#at += 1;
      if (character === quote) return content;
      content += character === '\\' ? this.#escape() : character;
    }
  }

  #escape(): string {
    const character = this.#text[this.#at] ?? '';
    this.#at += 1;
    if (character === 'u' || character === 'x') {
      const digits = this.#text.slice(this.#at, this.#at + (character === 'u' ? 4 : 2));
      this.#at += digits.length;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    if (character === '\r' && this.#text[this.#at] === '\n') this.#at += 1;
    // A line break behind a backslash is none.
    if (/[\n\r\u2028\u2029]/u.test(character)) return '';
    return escapes[character] ?? character;
  }

  #leaf(type: NodeType, start: number, value: string | number | boolean | null): Node {
    return { type, offset: start, length: this.#at - start, value };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

function adopt(child: Node, parent: Node): void {
  Object.assign(child, { parent });
}

function toNumber(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * Number(text.replace(/^[+-]/u, ''));
}
