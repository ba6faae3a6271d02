import { parse } from 'smol-toml';
import { isRecord } from './settings.ts';

/** A line (or several) that gives a name a value. Offsets are those of the text. */
export interface Pair {
  /** The names before the equals sign. */
  readonly path: readonly string[];
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** A header with what follows it; the first table of a text has none. */
export interface Table {
  readonly path: readonly string[];
  /** Whether it is one entry of a list of tables. */
  readonly isList: boolean;
  readonly headerStart: number;
  readonly headerEnd: number;
  readonly pairs: Pair[];
}

/** Finds the lines of a text that is valid TOML. */
export function readLines(text: string): readonly Table[] {
  let table: Table = { path: [], isList: false, headerStart: 0, headerEnd: 0, pairs: [] };
  const tables = [table];
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (/\s/u.test(character)) at += 1;
    else if (character === '#') at = lineEnd(text, at);
    else if (character === '[') {
      const end = headerEnd(text, at);
      table = {
        path: pathOf(text.slice(at, end)),
        isList: text.startsWith('[[', at),
        headerStart: at,
        headerEnd: end,
        pairs: [],
      };
      tables.push(table);
      at = lineEnd(text, end);
    } else {
      const equals = pastKey(text, at);
      const valueStart = equals + 1 + (/^[ \t]*/u.exec(text.slice(equals + 1))?.[0].length ?? 0);
      const valueEnd = pastValue(text, valueStart);
      const path = pathOf(`${text.slice(at, equals)} = 0`);
      table.pairs.push({ path, start: lineBegin(text, at), valueStart, valueEnd });
      at = lineEnd(text, valueEnd);
    }
  }
  return tables;
}

/** Reads the names of a header or a key as TOML itself does. */
function pathOf(line: string): readonly string[] {
  const path: string[] = [];
  let value: unknown = parse(line);
  while (Array.isArray(value) || isRecord(value)) {
    if (Array.isArray(value)) {
      value = value[0];
      continue;
    }
    const [entry] = Object.entries(value);
    if (entry === undefined) break;
    path.push(entry[0]);
    [, value] = entry;
  }
  return path;
}

function lineBegin(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end;
}

function pastString(text: string, offset: number): number {
  const quote = text[offset] ?? '';
  const triple = text.startsWith(quote.repeat(3), offset);
  const close = triple ? quote.repeat(3) : quote;
  let at = offset + close.length;
  while (at < text.length && !text.startsWith(close, at)) at += quote === '"' && text[at] === '\\' ? 2 : 1;
  at += close.length;
  // Up to two quotes may stand right before the closing three.
  const more = quote === '"' ? /^"{0,2}/u : /^'{0,2}/u;
  if (triple) at += more.exec(text.slice(at))?.[0].length ?? 0;
  return at;
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'";
}

function headerEnd(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && text[at] !== ']') at = isQuote(text[at]) ? pastString(text, at) : at + 1;
  return at + (text.startsWith('[[', offset) ? 2 : 1);
}

function pastKey(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && text[at] !== '=') at = isQuote(text[at]) ? pastString(text, at) : at + 1;
  return at;
}

/** The end of a value: strings, lists and inline tables may reach over lines. */
function pastValue(text: string, offset: number): number {
  let at = offset;
  let end = offset;
  let depth = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '#') {
      if (depth === 0) return end;
      at = lineEnd(text, at);
    } else if (character === '\n' && depth === 0) return end;
    else if (isQuote(character)) {
      at = pastString(text, at);
      end = at;
    } else {
      if (character === '[' || character === '{') depth += 1;
      if (character === ']' || character === '}') depth -= 1;
      at += 1;
      if (!/\s/u.test(character)) end = at;
    }
  }
  return end;
}
