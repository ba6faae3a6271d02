import { isUtf8 } from 'node:buffer';
import { OcpError } from '../../wire/errors.ts';
import { alteredNumbers } from './altered-numbers.ts';

/** A body as it was read. */
export interface ReadBody {
  readonly value: unknown;
  /** Numbers that the CLI cannot carry, by their place. */
  readonly altered: readonly string[];
}

/** The value of a JSON body. Raises OcpError `invalid_json`. */
export function parseJson(bytes: Buffer): unknown {
  return valueOf(textOf(bytes));
}

/** The same, with what of it the CLI cannot be told. */
export function readJson(bytes: Buffer): ReadBody {
  const text = textOf(bytes);
  return { value: valueOf(text), altered: alteredNumbers(text) };
}

/** A byte order mark, as some editors write it, is no part of the text. */
function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new OcpError('invalid_json', 'The body is not valid JSON: it is not UTF-8.');
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', hasMark ? 3 : 0);
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new OcpError('invalid_json', `The body is not valid JSON: ${(error as Error).message}`);
  }
}
