import { isUtf8 } from 'node:buffer';
import { OcpError } from '../../wire/errors.ts';

/** The value of a JSON body. Raises OcpError `invalid_json`. A byte order mark, as some editors write it, is no part of it. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new OcpError('invalid_json', 'The body is not valid JSON: it is not UTF-8.');
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    return JSON.parse(bytes.toString('utf8', hasMark ? 3 : 0));
  } catch (error) {
    throw new OcpError('invalid_json', `The body is not valid JSON: ${(error as Error).message}`);
  }
}
