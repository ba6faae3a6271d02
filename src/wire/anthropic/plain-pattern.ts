/** Characters of a pattern. */
const LONGEST = 512;
const MOST_REPEATS = 1000;
const MOST_NESTED = 20;

const syntax = new Set('^$\\.*+?()[]{}|/');
const classLetters = new Set('dDwWsS');
const controls = new Set('tnrfv');

/**
 * Tells whether a regular expression is one that every reader of JSON Schema takes, and that takes no time to speak of:
 * no group with a repetition or a choice in it is itself repeated, and there are no look-arounds, back references and
 * Unicode properties. The pattern is only read here; neither compiling nor running a client's pattern is safe, because
 * some of 30 characters run for hours. Grammar: ECMAScript, `Pattern` with the `u` flag.
 */
export function isPlainPattern(pattern: string): boolean {
  if (pattern.length > LONGEST) return false;
  return new PatternReader(Array.from(pattern)).isPlain();
}

class PatternReader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(characters: readonly string[]) {
    this.#characters = characters;
  }

  isPlain(): boolean {
    return this.#choice(0) !== undefined && this.#at === this.#characters.length;
  }

  get #next(): string | undefined {
    return this.#characters[this.#at];
  }

  #take(character: string): boolean {
    if (this.#next !== character) return false;
    this.#at += 1;
    return true;
  }

  /** Undefined where it is not plain; else whether there is a repetition or a choice in it. */
  #choice(depth: number): boolean | undefined {
    let repeats = false;
    for (;;) {
      while (this.#next !== undefined && this.#next !== '|' && this.#next !== ')') {
        const term = this.#term(depth);
        if (term === undefined) return undefined;
        repeats ||= term;
      }
      if (!this.#take('|')) return repeats;
      repeats = true;
    }
  }

  #term(depth: number): boolean | undefined {
    if (this.#take('^') || this.#take('$')) return false;
    if (this.#take('(')) {
      if (depth === MOST_NESTED || (this.#take('?') && !this.#take(':'))) return undefined;
      const inner = this.#choice(depth + 1);
      if (inner === undefined || !this.#take(')')) return undefined;
      const outer = this.#repetition();
      if (outer === undefined || (outer === 'many' && inner)) return undefined;
      return inner || outer !== 'none';
    }
    if (!this.#atom()) return undefined;
    const repetition = this.#repetition();
    return repetition === undefined ? undefined : repetition !== 'none';
  }

  #atom(): boolean {
    const character = this.#characters[this.#at];
    this.#at += 1;
    if (character === '[') return this.#classOf();
    if (character === '\\') return this.#escape(false) !== undefined;
    return character !== undefined && (character === '.' || character === '/' || !syntax.has(character));
  }

  /** The code point that an escape stands for, `-1` for a set of them; undefined where it is not plain. */
  #escape(inClass: boolean): number | undefined {
    const character = this.#characters[this.#at];
    this.#at += 1;
    if (character === undefined) return undefined;
    if (classLetters.has(character)) return -1;
    if (controls.has(character)) return 9 + ['t', 'n', 'v', 'f', 'r'].indexOf(character);
    return syntax.has(character) || (inClass && character === '-') ? character.codePointAt(0) : undefined;
  }

  #classOf(): boolean {
    this.#take('^');
    while (!this.#take(']')) {
      const first = this.#member();
      if (first === undefined) return false;
      if (this.#next !== '-' || this.#characters[this.#at + 1] === ']') continue;
      this.#at += 1;
      const last = this.#member();
      if (last === undefined || first === -1 || last === -1 || last < first) return false;
    }
    return true;
  }

  #member(): number | undefined {
    const character = this.#characters[this.#at];
    this.#at += 1;
    return character === '\\' ? this.#escape(true) : character?.codePointAt(0);
  }

  #repetition(): 'none' | 'once' | 'many' | undefined {
    let kind: 'once' | 'many' = 'many';
    if (this.#take('?')) kind = 'once';
    else if (this.#take('{')) {
      const least = this.#number();
      const most = this.#take(',') ? (this.#number() ?? MOST_REPEATS) : least;
      if (least === undefined || most === undefined || most < least || most > MOST_REPEATS || !this.#take('}')) {
        return undefined;
      }
    } else if (!this.#take('*') && !this.#take('+')) return 'none';
    this.#take('?');
    return kind;
  }

  #number(): number | undefined {
    let value: number | undefined;
    for (let next = this.#next; next !== undefined && next >= '0' && next <= '9'; next = this.#next) {
      value = Math.min((value ?? 0) * 10 + Number(next), MOST_REPEATS + 1);
      this.#at += 1;
    }
    return value;
  }
}
