import { isDeepStrictEqual } from 'node:util';

/** A step into a configuration: the name of a member, or one entry of a list. */
export type Step = string | EntryStep;

/** The entry of a list that has this text in its member `by`, or, without `by`, that is this text. */
export interface EntryStep {
  readonly by?: string | undefined;
  readonly is: string;
  /** Put it before all others where it is new; otherwise it goes to the end. */
  readonly first?: true | undefined;
}

export type Path = readonly Step[];

/** One thing that a client's configuration is to say. */
export interface Setting {
  readonly path: Path;
  /** Undefined removes what is there. */
  readonly value: unknown;
  /** How many steps of the path lead to something that is OCP's alone; undefined where only the value is. */
  readonly ours?: number;
  /** Only where nothing is said yet. */
  readonly ifAbsent?: true;
}

/** What a file cannot be edited for, in words for its owner. */
export class EditError extends Error {
  override readonly name = 'EditError';
}

/** How the text of one format is read and changed. Each raises EditError for what it cannot read or change safely. */
export interface Editor {
  /** The content; undefined where the text says nothing. */
  readonly parse: (text: string) => unknown;
  readonly set: (text: string, path: Path, value: unknown) => string;
  /** Removes what the path leads to, which must be there. */
  readonly remove: (text: string, path: Path) => string;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same content in plain objects, whatever a parser makes its own of; dates stay. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

/** What the path leads to; undefined where it leads nowhere. */
export function valueAt(content: unknown, path: Path): unknown {
  let value = content;
  for (const step of path) value = within(value, step);
  return value;
}

function within(value: unknown, step: Step): unknown {
  if (typeof step !== 'string') return Array.isArray(value) ? value.find((entry) => isEntry(entry, step)) : undefined;
  return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

export function isEntry(value: unknown, { by, is }: EntryStep): boolean {
  return by === undefined ? value === is : isRecord(value) && value[by] === is;
}

/** The content with another value where the path leads; what is missing on the way is made. */
export function withValueAt(content: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const next = withValueAt(within(content, step), rest, value);
  if (typeof step === 'string') return { ...(isRecord(content) ? content : {}), [step]: next };
  const list: readonly unknown[] = Array.isArray(content) ? content : [];
  const index = list.findIndex((entry) => isEntry(entry, step));
  if (index !== -1) return list.with(index, next);
  return step.first === true ? [next, ...list] : [...list, next];
}

/** The content without what the path leads to. */
export function withoutValueAt(content: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  const child = step === undefined ? undefined : within(content, step);
  if (step === undefined || child === undefined) return content;
  if (Array.isArray(content)) {
    const index = content.findIndex((entry) => typeof step !== 'string' && isEntry(entry, step));
    return rest.length > 0 ? content.with(index, withoutValueAt(child, rest)) : content.toSpliced(index, 1);
  }
  if (!isRecord(content) || typeof step !== 'string') return content;
  if (rest.length > 0) return { ...content, [step]: withoutValueAt(child, rest) };
  return Object.fromEntries(Object.entries(content).filter(([name]) => name !== step));
}

/** A path for people: `provider.ocp.options`. */
export function pathText(path: Path): string {
  return path.map((step) => (typeof step === 'string' ? step : `[${step.is}]`)).join('.');
}

/**
 * Changes a text so that it says all of this, and nothing else is changed in it. The result is read again and compared with
 * what it should say; EditError is raised where that differs, as for a text that cannot be read.
 */
export function applySettings(editor: Editor, text: string, settings: readonly Setting[]): string {
  let content = editor.parse(text);
  let changed = text;
  for (const { path, value, ifAbsent } of settings) {
    const present = valueAt(content, path);
    if (isDeepStrictEqual(present, value) || (ifAbsent === true && present !== undefined)) continue;
    changed = value === undefined ? editor.remove(changed, path) : editor.set(changed, path, value);
    content = value === undefined ? withoutValueAt(content, path) : withValueAt(content, path, value);
  }
  if (changed === text) return text;
  if (!isDeepStrictEqual(parseAgain(editor, changed) ?? {}, content ?? {})) {
    throw new EditError('it is written in a way that OCP cannot change safely');
  }
  return changed;
}

function parseAgain(editor: Editor, text: string): unknown {
  try {
    return editor.parse(text);
  } catch {
    return 'unreadable';
  }
}

/**
 * The settings that an object stands for, one for each of its leaves, so that what others added between them stays. Members
 * named in `whole` are set as one, lists always.
 */
export function ourSettings(path: Path, value: unknown, whole: readonly string[] = [], ours = path.length): Setting[] {
  if (!isRecord(value) || Object.keys(value).length === 0) return [{ path, value, ours }];
  return Object.entries(value).flatMap(([name, member]) =>
    whole.includes(name)
      ? [{ path: [...path, name], value: member, ours }]
      : ourSettings([...path, name], member, whole, ours),
  );
}
