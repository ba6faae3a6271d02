import type { JsonObject } from '../../wire/json.ts';
import { Position } from './positions.ts';
import type { FormTables } from './tables.ts';

/** A character can take this many in JSON. */
const LONGEST_ESCAPE = 6;

interface Frame {
  readonly isObject: boolean;
  readonly at: Position;
  /** Of an object: a name comes next, not a value. */
  wantsName: boolean;
  name: string;
  index: number;
}

/**
 * Puts the client's names and values back into JSON that comes in pieces, wherever it is cut. All else passes as it is
 * written, also where it is no JSON. `schema` is the client's.
 */
export class JsonRestorer {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, string>;
  readonly #longest: number;
  readonly #top: Position;
  readonly #stack: Frame[] = [];
  /** The string that is being read, with its quotes; undefined outside of one and where it passes. */
  #held: string | undefined;
  #inString = false;
  #isEscaped = false;

  constructor(schema: JsonObject, tables: FormTables) {
    this.#names = reversed(tables.keys);
    this.#values = reversed(tables.values);
    const lengths = [...this.#names.keys(), ...this.#values.keys()].map(({ length }) => length);
    this.#longest = Math.max(0, ...lengths) * LONGEST_ESCAPE + 2;
    this.#top = Position.top(schema);
  }

  /** Takes a piece, and returns what can be passed on. */
  push(piece: string): string {
    let out = '';
    for (const character of piece) {
      if (this.#inString) out += this.#inside(character);
      else if (character === '"') out += this.#begin();
      else out += this.#between(character);
    }
    return out;
  }

  /** What is held back once nothing more comes. */
  end(): string {
    const rest = this.#held ?? '';
    this.#held = undefined;
    return rest;
  }

  #begin(): string {
    this.#inString = true;
    const frame = this.#stack.at(-1);
    const isName = frame?.isObject === true && frame.wantsName;
    if (!isName && this.#values.size === 0) return '"';
    this.#held = '"';
    return '';
  }

  #inside(character: string): string {
    const ends = character === '"' && !this.#isEscaped;
    this.#isEscaped = character === '\\' && !this.#isEscaped;
    this.#inString = !ends;
    if (this.#held === undefined) return character;
    this.#held += character;
    const held = this.#held;
    if (ends) {
      this.#held = undefined;
      return this.#restored(held);
    }
    const frame = this.#stack.at(-1);
    const mustBeKnown = frame?.isObject === true && frame.wantsName && this.#values.size > 0;
    if (mustBeKnown || held.length <= this.#longest) return '';
    // Longer than all that could change: it passes.
    this.#held = undefined;
    return held;
  }

  #restored(written: string): string {
    const text = parsed(written);
    const frame = this.#stack.at(-1);
    if (text === undefined) return written;
    if (frame?.isObject === true && frame.wantsName) {
      const name = this.#names.get(text);
      frame.name = name ?? text;
      return name === undefined ? written : JSON.stringify(name);
    }
    const value = this.#values.get(text);
    if (value === undefined || !this.#here().names(value)) return written;
    return JSON.stringify(value);
  }

  #between(character: string): string {
    const frame = this.#stack.at(-1);
    switch (character) {
      case '{':
      case '[':
        this.#stack.push({ isObject: character === '{', at: this.#here(), wantsName: true, name: '', index: 0 });
        break;
      case '}':
      case ']':
        this.#stack.pop();
        break;
      case ':':
        if (frame !== undefined) frame.wantsName = false;
        break;
      case ',':
        if (frame === undefined) break;
        frame.wantsName = true;
        frame.index += 1;
        break;
      default:
        break;
    }
    return character;
  }

  /** The place of the value that comes next. */
  #here(): Position {
    const frame = this.#stack.at(-1);
    // Where no value can change, the place does not matter.
    if (frame === undefined || this.#values.size === 0) return this.#top;
    return frame.isObject ? frame.at.member(frame.name) : frame.at.item(frame.index);
  }
}

function reversed(record: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(record).map(([original, form]) => [form, original]));
}

function parsed(written: string): string | undefined {
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
