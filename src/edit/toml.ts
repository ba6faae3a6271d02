import { parse, stringify, TomlError } from 'smol-toml';
import type { Editor, Path } from './settings.ts';
import { EditError, isRecord, pathText, plain } from './settings.ts';
import { keepingMark, layoutOf, nextLine, splice, withoutMark } from './text.ts';
import type { Pair, Table } from './toml-lines.ts';
import { readLines } from './toml-lines.ts';

/** TOML, changed line by line. Lists are set as one. */
export const toml: Editor = {
  parse: (text) => {
    const content = read(withoutMark(text));
    return Object.keys(content).length === 0 ? undefined : plain(content);
  },
  set: (text, path, value) => keepingMark(text, (bare) => set(bare, names(path), value)),
  remove: (text, path) => keepingMark(text, (bare) => remove(bare, names(path))),
};

function read(text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new EditError(`it is not valid TOML: line ${error.line}, ${error.message.split('\n', 1)[0] ?? ''}`);
  }
}

function names(path: Path): readonly string[] {
  return path.map((step) => {
    if (typeof step === 'string') return step;
    throw new EditError(`${pathText(path)} is in a list, which OCP does not change`);
  });
}

function set(text: string, path: readonly string[], value: unknown): string {
  read(text);
  if (isRecord(value)) {
    return Object.entries(value).reduce((changed, [name, member]) => set(changed, [...path, name], member), text);
  }
  const tables = readLines(text);
  for (const table of tables) {
    const pair = table.isList ? undefined : table.pairs.find((entry) => isSame([...table.path, ...entry.path], path));
    if (pair !== undefined) return splice(text, pair.valueStart, pair.valueEnd, render(value));
  }
  return insert(text, tables, path, value);
}

function insert(text: string, tables: readonly Table[], path: readonly string[], value: unknown): string {
  const { eol } = layoutOf(text);
  const tablePath = path.slice(0, -1);
  const line = `${keyText(path.slice(-1))} = ${render(value)}${eol}`;
  const table = tables.find((candidate) => !candidate.isList && isSame(candidate.path, tablePath));
  if (table !== undefined && tablePath.length > 0) return atLine(text, lastLine(text, table), line, eol);
  if (tablePath.length > 0) {
    const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
    return `${text}${gap}[${keyText(tablePath)}]${eol}${line}`;
  }
  const last = tables[0]?.pairs.at(-1);
  if (last !== undefined) return atLine(text, nextLine(text, last.valueEnd), line, eol);
  const place = afterHead(text);
  const gap = place < text.length ? eol : '';
  return atLine(text, place, `${line}${gap}`, eol);
}

function atLine(text: string, place: number, line: string, eol: string): string {
  const before = place > 0 && text[place - 1] !== '\n' ? eol : '';
  return splice(text, place, place, before + line);
}

/** Where a further line of a table goes. */
function lastLine(text: string, table: Table): number {
  return nextLine(text, table.pairs.at(-1)?.valueEnd ?? table.headerEnd);
}

/** Behind the comment at the top of a file, if there is one that stands by itself. */
function afterHead(text: string): number {
  return (
    /^(?:[ \t]*#[^\n]*\n)+[ \t]*\r?\n/u.exec(text)?.[0].length ?? (/^(?:\s*#[^\n]*\s*)+$/u.test(text) ? text.length : 0)
  );
}

function remove(text: string, path: readonly string[]): string {
  const tables = readLines(text);
  const gone: (readonly [number, number])[] = [];
  for (const table of tables) {
    if (startsWith(table.path, path)) gone.push([table.headerStart, lastLine(text, table)]);
    else {
      const pairs = table.isList ? [] : table.pairs.filter((pair) => startsWith([...table.path, ...pair.path], path));
      gone.push(...pairs.map((pair: Pair) => [pair.start, nextLine(text, pair.valueEnd)] as const));
    }
  }
  return gone.reduceRight((rest, [start, end]) => splice(rest, blankBefore(rest, start), end, ''), text);
}

/** A blank line before a table goes with it. */
function blankBefore(text: string, start: number): number {
  if (text[start] !== '[') return start;
  return start - (/(?<=\n)\r?\n$/u.exec(text.slice(0, start))?.[0].length ?? 0);
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && startsWith(a, b);
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.length <= path.length && start.every((name, index) => path[index] === name);
}

function keyText(path: readonly string[]): string {
  return path.map((name) => (/^[A-Za-z0-9_-]+$/u.test(name) ? name : JSON.stringify(name))).join('.');
}

function render(value: unknown): string {
  return stringify({ value }).trimEnd().slice('value = '.length);
}
