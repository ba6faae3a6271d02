/** A part of a regular expression that can write itself. */
type Node = (variant: number, extra: number) => string;

const maxExtra = 40;

/**
 * Texts that match a regular expression, from short to long; none for a pattern that cannot be read. Knows literals,
 * classes, groups, alternatives and quantifiers; the caller checks each, since look-arounds and back references are
 * passed over.
 */
export function samplePattern(pattern: string, variant: number): readonly string[] {
  try {
    const node = new PatternReader(pattern).alternatives();
    return Array.from({ length: maxExtra + 1 }, (_, extra) => node(variant, extra));
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const escapes: Readonly<Record<string, string>> = {
  d: digits,
  w: letters + letters.toUpperCase() + digits + '_',
  s: ' \t',
  D: letters,
  W: '-.',
  S: letters + digits,
  n: '\n',
  t: '\t',
  r: '\r',
};
const anything = letters + letters.toUpperCase() + digits + ' _-.:/@#+,!?$%&*()[]{}<>=;\'"~^|`\\';

/** A recursive-descent reader over the pattern. */
class PatternReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  alternatives(): Node {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    return (variant, extra) => (options[variant % options.length] ?? empty)(variant, extra);
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#peek())) parts.push(this.#quantified());
    return (variant, extra) => parts.map((part) => part(variant, extra)).join('');
  }

  #quantified(): Node {
    const atom = this.#atom();
    const [least, most] = this.#quantifier();
    return (variant, extra) =>
      Array.from({ length: Math.min(least + extra, most) }, () => atom(variant, extra)).join('');
  }

  #quantifier(): readonly [number, number] {
    const bounds = this.#bounds();
    this.#take('?');
    return bounds;
  }

  #bounds(): readonly [number, number] {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const counted = /^\{(\d+)(,?)(\d*)\}/.exec(this.#source.slice(this.#at));
    if (counted === null) return [1, 1];
    this.#at += counted[0].length;
    const least = Number(counted[1]);
    if (counted[2] === '') return [least, least];
    return [least, counted[3] === '' ? Infinity : Number(counted[3])];
  }

  #atom(): Node {
    if (this.#take('^') || this.#take('$')) return empty;
    if (this.#take('(')) return this.#group();
    if (this.#take('[')) return oneOf(this.#characterClass());
    if (this.#take('.')) return oneOf(anything);
    return oneOf(this.#character());
  }

  #group(): Node {
    const prefix = /^\?(?:[:=!]|<[=!]|<\w+>)/.exec(this.#source.slice(this.#at))?.[0] ?? '';
    this.#at += prefix.length;
    const inner = this.alternatives();
    if (!this.#take(')')) throw new SyntaxError('group without an end');
    return prefix.endsWith('=') || prefix.endsWith('!') ? empty : inner;
  }

  #characterClass(): string {
    const negated = this.#take('^');
    let members = '';
    while (this.#peek() !== ']') {
      const first = this.#character();
      const isRange = first.length === 1 && this.#peek() === '-' && this.#source[this.#at + 1] !== ']';
      if (!isRange) {
        members += first;
        continue;
      }
      this.#at += 1;
      const last = this.#character();
      for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) members += String.fromCharCode(code);
    }
    this.#at += 1;
    return negated
      ? Array.from(anything)
          .filter((character) => !members.includes(character))
          .join('')
      : members;
  }

  /** The characters that one character or escape stands for. */
  #character(): string {
    const character = this.#next();
    if (character !== '\\') return character;
    const escaped = this.#next();
    if (escaped === 'b' || escaped === 'B') return '';
    const code = escaped === 'u' ? /^[0-9a-f]{4}/i.exec(this.#source.slice(this.#at))?.[0] : undefined;
    if (code === undefined) return escapes[escaped] ?? escaped;
    this.#at += code.length;
    return String.fromCharCode(Number.parseInt(code, 16));
  }

  #peek(): string {
    const character = this.#source[this.#at];
    if (character === undefined) throw new SyntaxError('pattern ends too early');
    return character;
  }

  #next(): string {
    const character = this.#peek();
    this.#at += 1;
    return character;
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }
}

const empty: Node = () => '';

function oneOf(characters: string): Node {
  return (variant) => characters[variant % Math.max(1, characters.length)] ?? '';
}
