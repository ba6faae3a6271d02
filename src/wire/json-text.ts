import { caps } from './caps.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads texts of a request that hold JSON themselves, such as the arguments of a call. In the body such a text is one
 * value, whatever is in it, so its values and levels are counted here before it is parsed: those of all texts of the
 * request together.
 */
export class JsonTexts {
  #valuesLeft: number = caps.valuesInTexts;

  /** The value of a JSON text; undefined for one that is no JSON, or that holds more than this request may. */
  parse(text: string): unknown {
    const values = valuesIn(text, this.#valuesLeft);
    if (values === undefined) return undefined;
    this.#valuesLeft -= values;
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }
}

/** How many brackets and commas a JSON text has outside strings; undefined beyond `most`, or for too many levels. */
function valuesIn(text: string, most: number): number | undefined {
  let values = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i + 1);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth += 1;
        values += 1;
        if (depth > caps.levels || values > most) return undefined;
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
        if (values > most) return undefined;
        break;
    }
  }
  return values;
}

/** Where the string ends that begins at `from`, behind its quote. */
function endOfString(text: string, from: number): number {
  let i = from;
  for (; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) return i;
    if (unit === BACKSLASH) i += 1;
  }
  return i;
}
