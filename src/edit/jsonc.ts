import type { Node } from 'jsonc-parser';
import { getNodeValue, parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { jsonText } from './json-text.ts';
import type { Editor, Path, Step } from './settings.ts';
import { EditError, isEntry, plain } from './settings.ts';
import { indentAt, indentRest, keepingMark, layoutOf, lineStart, splice, withoutMark } from './text.ts';

/** How a dialect of JSON becomes a tree; undefined for a text that says nothing. Raises EditError. */
export type ReadTree = (text: string) => Node | undefined;

/** JSON with comments and trailing commas. */
export const jsonc: Editor = jsonEditor((text) => {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [error] = errors;
  if (error === undefined) return root;
  const line = text.slice(0, error.offset).split('\n').length;
  throw new EditError(`it is not valid JSON: line ${line}, ${printParseErrorCode(error.error)}`);
});

/** An editor that changes a text at single places of its tree and leaves all others as they are. */
export function jsonEditor(readTree: ReadTree): Editor {
  return {
    parse: (text) => {
      const root = readTree(withoutMark(text));
      return root === undefined ? undefined : plain(getNodeValue(root));
    },
    set: (text, path, value) => keepingMark(text, (bare) => set(readTree, bare, path, value)),
    remove: (text, path) => keepingMark(text, (bare) => remove(readTree, bare, path)),
  };
}

function set(readTree: ReadTree, text: string, path: Path, value: unknown): string {
  const root = readTree(text);
  if (root === undefined) return withRoot(text, nested(path, value));
  const { node, rest } = descend(root, path);
  const [step, ...below] = rest;
  if (step === undefined) return splice(text, node.offset, node.offset + node.length, render(text, value, node.offset));
  const container = typeof step === 'string' ? 'object' : 'array';
  // A value of another kind is in the way, such as null where members are to go.
  if (node.type !== container) {
    return splice(text, node.offset, node.offset + node.length, render(text, nested(rest, value), node.offset));
  }
  return insert(text, node, step, nested(below, value));
}

/** Goes as far as the path leads; `rest` is what is missing. */
function descend(root: Node, path: Path): { node: Node; rest: Path } {
  let node = root;
  for (const [index, step] of path.entries()) {
    const child = childOf(node, step);
    if (child === undefined) return { node, rest: path.slice(index) };
    node = child;
  }
  return { node, rest: [] };
}

function childOf(node: Node, step: Step): Node | undefined {
  if (typeof step !== 'string') {
    return node.type === 'array' ? node.children?.find((entry) => isEntry(getNodeValue(entry), step)) : undefined;
  }
  // Of two members of one name the last one counts, as for JSON.parse.
  return node.type === 'object'
    ? node.children?.findLast((property) => property.children?.[0]?.value === step)?.children?.[1]
    : undefined;
}

/** The value with the steps to it around it. */
export function nested(path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  return typeof step === 'string' ? { [step]: nested(rest, value) } : [nested(rest, value)];
}

function withRoot(text: string, value: unknown): string {
  const { eol } = layoutOf(text);
  const before = text.trim() === '' ? '' : text.endsWith('\n') ? text : text + eol;
  return `${before}${render(text, value, before.length)}${eol}`;
}

/** JSON as it stands at this offset of the text. */
function render(text: string, value: unknown, offset: number): string {
  const { eol, indent } = layoutOf(text);
  return indentRest(jsonText(value, indent), offset < text.length ? indentAt(text, offset) : '', eol);
}

function insert(text: string, node: Node, step: Step, value: unknown): string {
  const { eol, indent } = layoutOf(text);
  const name = typeof step === 'string' ? `${JSON.stringify(step)}: ` : '';
  const inner = text.slice(node.offset + 1, node.offset + node.length - 1);
  const children = node.children ?? [];
  const [first] = children;
  const last = children.at(-1);
  if (first === undefined || last === undefined) return insertOnly(text, node, inner, name, value);
  const putFirst = typeof step !== 'string' && step.first === true;
  if (!text.slice(node.offset, last.offset).includes('\n')) {
    const item = name + jsonText(value);
    if (putFirst) return splice(text, first.offset, first.offset, `${item}, `);
    return splice(text, last.offset + last.length, last.offset + last.length, `, ${item}`);
  }
  const margin = indentAt(text, first.offset);
  const item = name + indentRest(jsonText(value, indent), margin, eol);
  if (putFirst) return splice(text, first.offset, first.offset, `${item},${eol}${margin}`);
  const end = last.offset + last.length;
  const comma = commaAfter(text, end);
  // A comment behind the last entry belongs to it, and stays on its line.
  const place = endOfLine(text, (comma ?? end - 1) + 1);
  const after = comma === undefined ? '' : ',';
  const added = splice(text, place, place, `${eol}${margin}${item}${after}`);
  return comma === undefined ? splice(added, end, end, ',') : added;
}

function insertOnly(text: string, node: Node, inner: string, name: string, value: unknown): string {
  const { eol, indent } = layoutOf(text);
  const outer = indentAt(text, node.offset);
  const item = name + indentRest(jsonText(value, indent), outer + indent, eol);
  const kept = inner.trim() === '' ? '' : inner.trimEnd();
  return splice(
    text,
    node.offset + 1,
    node.offset + node.length - 1,
    `${kept}${eol}${outer}${indent}${item}${eol}${outer}`,
  );
}

/** Offset of the comma that follows, with nothing but blanks and comments before it. */
function commaAfter(text: string, offset: number): number | undefined {
  const gap = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/u.exec(text.slice(offset))?.[0].length ?? 0;
  return text[offset + gap] === ',' ? offset + gap : undefined;
}

/** The end of a line whose rest is a comment; the offset itself where anything else follows. */
function endOfLine(text: string, offset: number): number {
  const rest = /^[ \t]*(?:\/\/[^\r\n]*|(?:\/\*(?:(?!\*\/)[^\n])*\*\/[ \t]*)+)?(?=\r?\n|$)/u.exec(text.slice(offset));
  return offset + (rest?.[0].trimEnd().length ?? 0);
}

function remove(readTree: ReadTree, text: string, path: Path): string {
  const root = readTree(text);
  const found = root === undefined ? undefined : descend(root, path);
  if (found === undefined || found.rest.length > 0) return text;
  const node = found.node.parent?.type === 'property' ? found.node.parent : found.node;
  const siblings = node.parent?.children;
  if (siblings === undefined) return splice(text, node.offset, node.offset + node.length, '');
  const index = siblings.indexOf(node);
  const end = node.offset + node.length;
  const comma = commaAfter(text, end);
  const previous = siblings[index - 1];
  if (comma !== undefined) return withoutLine(text, node.offset, end, comma);
  // The last entry, without a comma of its own: the one before it goes.
  const before = previous === undefined ? undefined : commaAfter(text, previous.offset + previous.length);
  if (before !== undefined && /^[ \t]*$/u.test(text.slice(before + 1, node.offset)))
    return splice(text, before, end, '');
  const shorter = withoutLine(text, node.offset, end);
  return before === undefined ? shorter : splice(shorter, before, before + 1, '');
}

/** Takes out an entry and the comma behind it, with the lines that held nothing else. */
function withoutLine(text: string, start: number, end: number, comma?: number): string {
  const bare = comma === undefined ? text : splice(text, comma, comma + 1, '');
  const begin = lineStart(bare, start);
  const startsLine = bare.slice(begin, start).trim() === '';
  const blank = /^[ \t]*(\r?\n)?/u.exec(bare.slice(end));
  if (startsLine && blank?.[1] !== undefined) return splice(bare, begin, end + blank[0].length, '');
  return splice(bare, start, end + (startsLine || comma === undefined ? 0 : (blank?.[0].length ?? 0)), '');
}
