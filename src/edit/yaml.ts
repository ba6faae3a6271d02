import type { YAMLMap, YAMLSeq } from 'yaml';
import { isCollection, isMap, isNode, isPair, isScalar, isSeq, parseDocument, stringify, type Document } from 'yaml';
import { nested } from './jsonc.ts';
import type { Editor, Path, Step } from './settings.ts';
import { EditError, isEntry, pathText } from './settings.ts';
import { indentRest, keepingMark, layoutOf, lineStart, nextLine, splice, withoutMark } from './text.ts';

/** YAML, changed at single places of the text. */
export const yaml: Editor = {
  parse: (text) => {
    const content: unknown = read(withoutMark(text)).toJS();
    return content ?? undefined;
  },
  set: (text, path, value) => keepingMark(text, (bare) => set(bare, path, value)),
  remove: (text, path) => keepingMark(text, (bare) => remove(bare, path)),
};

type Parent = YAMLMap | YAMLSeq;

function read(text: string): Document.Parsed {
  const document = parseDocument(text, { stringKeys: false });
  const [error] = document.errors;
  if (error === undefined) return document;
  throw new EditError(`it is not valid YAML: ${error.message.split('\n', 1)[0] ?? ''}`);
}

function set(text: string, path: Path, value: unknown): string {
  const document = read(text);
  const root: unknown = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return atEnd(text, block(nested(path, value)));
  const { node, parent, rest } = descend(root, path);
  const [step, ...below] = rest;
  if (step === undefined) return replace(text, node, parent, value);
  const fits = typeof step === 'string' ? isMap(node) : isSeq(node);
  if (!fits || !isCollection(node) || node.items.length === 0) return replace(text, node, parent, nested(rest, value));
  return node.flow === true
    ? insertFlow(text, node, step, nested(below, value))
    : insertBlock(text, node, step, nested(below, value));
}

interface Found {
  readonly node: unknown;
  readonly parent: Parent | undefined;
  readonly rest: Path;
}

function descend(root: unknown, path: Path): Found {
  let node = root;
  let parent: Parent | undefined;
  for (const [index, step] of path.entries()) {
    const found = isMap(node) || isSeq(node) ? childOf(node, step) : undefined;
    if (found === undefined) return { node, parent, rest: path.slice(index) };
    parent = node as Parent;
    node = isPair(found) ? (found.value ?? found) : found;
  }
  return { node, parent, rest: [] };
}

/** The pair of a member, or the node of an entry. */
function childOf(node: Parent, step: Step): unknown {
  if (typeof step === 'string') {
    return isMap(node) ? node.items.find((pair) => isScalar(pair.key) && pair.key.value === step) : undefined;
  }
  return isSeq(node)
    ? node.items.find((item) => isNode(item) && isEntry(isScalar(item) ? item.value : item.toJSON(), step))
    : undefined;
}

/** Block style, without the line break at its end. */
function block(value: unknown, indent = 2): string {
  return stringify(value, { indent, lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
}

function isShort(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

function replace(text: string, node: unknown, parent: Parent | undefined, value: unknown): string {
  const [start, end] = rangeOf(node);
  const inFlow = parent?.flow === true || (isCollection(node) && node.flow === true && isShortList(value));
  if (isShort(value) || inFlow) {
    const space = text[start - 1] === ':' ? ' ' : '';
    const flat = isShort(value) && !inFlow ? block(value) : JSON.stringify(value);
    return splice(text, start, contentEnd(text, start, end), space + flat);
  }
  const { eol } = layoutOf(text);
  const margin = ' '.repeat(columnOf(text, parent) + 2);
  const lines = eol + margin + indentRest(block(value), margin, eol);
  const before = text.slice(0, start).trimEnd().length;
  // What stood on the line of the name gives way to lines below it; a comment there stays.
  return before < lineStart(text, start)
    ? splice(text, before, contentEnd(text, start, end), lines)
    : splice(text, before, Math.max(before, contentEnd(text, start, end)), lines);
}

function isShortList(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => isShort(entry));
}

/** Ranges of block collections reach into the blanks behind them. */
function contentEnd(text: string, start: number, end: number): number {
  return start + text.slice(start, end).trimEnd().length;
}

function rangeOf(node: unknown): readonly [number, number] {
  const range = isNode(node) ? node.range : undefined;
  if (range !== undefined && range !== null) return [range[0], range[1]];
  throw unusual();
}

function unusual(): EditError {
  return new EditError('it is written in a way that OCP cannot change safely');
}

/** How far the entries of a collection are indented. */
function columnOf(text: string, node: Parent | undefined): number {
  if (node === undefined) return 0;
  const [start] = rangeOf(node);
  return start - lineStart(text, start);
}

function insertFlow(text: string, node: Parent, step: Step, value: unknown): string {
  const item = typeof step === 'string' ? `${JSON.stringify(step)}: ${JSON.stringify(value)}` : JSON.stringify(value);
  if (typeof step !== 'string' && step.first === true) {
    const [start] = rangeOf(node);
    return splice(text, start + 1, start + 1, `${item}, `);
  }
  const end = lastEnd(node);
  return splice(text, end, end, `, ${item}`);
}

function insertBlock(text: string, node: Parent, step: Step, value: unknown): string {
  const { eol } = layoutOf(text);
  const [start] = rangeOf(node);
  const margin = ' '.repeat(columnOf(text, node));
  const item = indentRest(block(typeof step === 'string' ? { [step]: value } : [value]), margin, eol);
  if (typeof step !== 'string' && step.first === true) {
    const place = beforeComments(text, lineStart(text, start));
    if (text.slice(lineStart(text, start), start).trim() !== '') throw unusual();
    return splice(text, place, place, `${margin}${item}${eol}`);
  }
  const end = lastEnd(node);
  // A block scalar ends behind its line break.
  const place = text[end - 1] === '\n' ? end : nextLine(text, end);
  const before = place > 0 && text[place - 1] !== '\n' ? eol : '';
  return splice(text, place, place, `${before}${margin}${item}${eol}`);
}

/** The lines of comments right above a line belong to it. */
function beforeComments(text: string, place: number): number {
  const above = lineStart(text, place - 1);
  return place > 0 && text.slice(above, place).trimStart().startsWith('#') ? beforeComments(text, above) : place;
}

/** Where the last value in a node ends. */
function lastEnd(node: unknown): number {
  if (isCollection(node) && node.flow !== true) {
    const last: unknown = node.items.at(-1);
    if (last !== undefined) return lastEnd(last);
  }
  if (isPair(node)) {
    const { value, key } = node;
    return isNode(value) && value.range?.[1] !== undefined ? lastEnd(value) : rangeOf(key)[1];
  }
  return rangeOf(node)[1];
}

function atEnd(text: string, added: string): string {
  const { eol } = layoutOf(text);
  const before = text === '' || text.endsWith('\n') ? '' : eol;
  return `${text}${before}${indentRest(added, '', eol)}${eol}`;
}

function remove(text: string, path: Path): string {
  const { node: value, parent, rest } = descend(read(text).contents, path);
  if (rest.length > 0 || parent === undefined) return text;
  const last = path.at(-1);
  const entry = last === undefined ? undefined : childOf(parent, last);
  const [start] = isPair(entry) ? rangeOf(entry.key) : rangeOf(value);
  if (parent.flow === true || (parent.items.length < 2 && path.length > 1)) {
    throw new EditError(`${pathText(path)} cannot be taken out alone`);
  }
  const end = lastEnd(entry);
  const begin = lineStart(text, start);
  const isItem = isSeq(parent);
  const first = parent.items[0] === entry;
  // An entry begins with its dash; the first member of an entry stands behind the dash.
  const lead = text.slice(begin, start).trim();
  if (lead !== (isItem ? '-' : '') || (first && !isItem && lead !== '')) throw unusual();
  return splice(text, begin, text[end - 1] === '\n' ? end : nextLine(text, end), '');
}
