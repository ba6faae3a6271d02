import { createRequire } from 'node:module';
import type * as Jsonc from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';

/** A place in a text, counted from 1 as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One member of the file, as it stands there. */
export interface ConfigMember {
  readonly name: string;
  readonly value: unknown;
  readonly place: Place;
}

/** What cannot be read, in words that quote nothing of the file: it may hold keys. */
export interface TextProblem {
  readonly place: Place;
  readonly what: string;
  /** The member that is at fault. */
  readonly name: string | undefined;
  /** The member in or behind which the text is no JSON. */
  readonly near?: string | undefined;
}

export interface ConfigText {
  /** As far as it can be read. */
  readonly members: readonly ConfigMember[];
  readonly problems: readonly TextProblem[];
}

const UNCLOSED = 'the closing } is missing';

/** Reads one JSON object of names and values, with comments, trailing commas and a byte order mark; never raises. */
export function readConfigText(text: string): ConfigText {
  const bare = text.replace(/^\uFEFF/u, '');
  // Loaded only when it is needed: every command reads this file, and plain JSON needs no library.
  const { parseTree, getNodeValue } = createRequire(import.meta.url)('jsonc-parser') as typeof Jsonc;
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(bare, errors, { allowTrailingComma: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { members: [], problems: [{ place: placeAt(bare, 0), what: 'it is nested too deeply', name: undefined }] };
  }
  const properties = root?.type === 'object' ? (root.children ?? []) : [];
  const [error] = errors;
  if (error !== undefined) {
    const name = properties.findLast(({ offset }) => offset <= error.offset)?.children?.[0]?.value as unknown;
    const place = placeAt(bare, error.offset);
    const members = membersOf(bare, properties, getNodeValue);
    if (bare.trim() === '') {
      return {
        members,
        problems: [{ place, what: 'it is empty; write {} where every default is meant', name: undefined }],
      };
    }
    const isAtEnd = error.offset >= bare.trimEnd().length;
    const closing = isAtEnd ? errors.find(({ error: code }) => syntaxText(code) === UNCLOSED) : undefined;
    const near = typeof name === 'string' ? name : undefined;
    return { members, problems: [{ place, what: syntaxText((closing ?? error).error), near, name: undefined }] };
  }
  if (root?.type !== 'object') {
    const place = placeAt(bare, root?.offset ?? 0);
    return { members: [], problems: [{ place, what: 'it is something else', name: undefined }] };
  }
  const members = membersOf(bare, properties, getNodeValue);
  const problems = members.flatMap(({ name, place }, index): TextProblem[] => {
    const first = members.findIndex((member) => member.name === name);
    if (first === index) return [];
    return [{ place, what: `it is set in line ${members[first]?.place.line ?? 1} already`, name }];
  });
  return { members, problems };
}

/** The members of plain JSON; undefined for text that needs a closer look. */
export function readPlainText(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const named = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gu)].filter(([, colon]) => colon !== undefined).length;
    // Of two members of one name only the last one would be seen.
    return named === Object.keys(value).length ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function membersOf(text: string, properties: readonly Node[], valueOf: (node: Node) => unknown): ConfigMember[] {
  return properties.flatMap(({ offset, children }) => {
    const [name, value] = children ?? [];
    if (value === undefined || typeof name?.value !== 'string') return [];
    return [{ name: name.value, value: valueOf(value), place: placeAt(text, offset) }];
  });
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - start + 1 };
}

/** The parser's error codes in words. */
function syntaxText(code: number): string {
  const texts: Readonly<Record<number, string>> = {
    1: 'this is no value; text needs double quotes',
    2: 'this is no number',
    3: 'a name in double quotes is missing',
    4: 'a value is missing',
    5: 'a colon is missing',
    6: 'a comma is missing',
    7: UNCLOSED,
    8: 'the closing ] is missing',
    9: 'nothing may follow the closing }',
    11: 'this comment has no end',
    12: 'this text has no closing quote',
    13: 'this number has no end',
    14: String.raw`a \u needs four hexadecimal digits`,
    15: String.raw`this is no escape; a backslash is written \\`,
    16: 'this character may not stand in a text',
  };
  return texts[code] ?? 'this is not valid JSON';
}
