import { isDeepStrictEqual } from 'node:util';
import { withBlock } from '../../edit/block.ts';
import type { Format } from '../../edit/formats.ts';
import { formats } from '../../edit/formats.ts';
import type { MadeSetting } from '../../edit/restore.ts';
import { madeSetting } from '../../edit/restore.ts';
import type { Setting } from '../../edit/settings.ts';
import { applySettings, EditError, pathText, valueAt } from '../../edit/settings.ts';
import type { Journal } from './journal.ts';
import { sha256 } from './journal.ts';
import type { FoundFile } from './write.ts';
import { checkWritable, findFile, textOf, writeWhole } from './write.ts';

/** What is to be said in a configuration file; `settings` gets what the file says so far. */
export interface SettingsChange {
  readonly path: string;
  readonly format: Format;
  readonly settings: (present: unknown) => readonly Setting[];
}

/** Lines that are to stand in a file of commands as one marked block. */
export interface BlockChange {
  readonly path: string;
  readonly format: 'block';
  readonly lines: readonly string[];
}

export type FileChange = SettingsChange | BlockChange;

/** A change that was tried on paper. */
export interface PlannedChange {
  readonly path: string;
  readonly client: string;
  readonly format: Format | 'block';
  readonly found: FoundFile;
  readonly before: string;
  readonly after: string;
  readonly made: readonly MadeSetting[];
}

/** A file that is left as it is. */
export interface Hindrance {
  readonly path: string;
  /** Why, in words for its owner. */
  readonly problem: string;
}

/** Works out what a file would say; nothing is written. */
export function planChange(change: FileChange, client: string): PlannedChange | Hindrance {
  const { path, format } = change;
  try {
    const found = findFile(path);
    const before = found.bytes === undefined ? '' : textOf(found.bytes);
    const { after, made } = change.format === 'block' ? withLines(before, change.lines) : withSettings(before, change);
    if (after !== before) checkWritable(found);
    return { path, client, format, found, before, after, made };
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    return { path, problem: error.message };
  }
}

function withLines(text: string, lines: readonly string[]): Pick<PlannedChange, 'after' | 'made'> {
  return { after: withBlock(text, lines), made: [] };
}

function withSettings(text: string, { format, settings }: SettingsChange): Pick<PlannedChange, 'after' | 'made'> {
  const editor = formats[format];
  const present = editor.parse(text);
  const wanted = settings(present);
  const made = wanted.filter(({ path, value, ifAbsent }) => {
    const now = valueAt(present, path);
    return !isDeepStrictEqual(now, value) && (ifAbsent !== true || now === undefined);
  });
  return { after: applySettings(editor, text, wanted), made: made.map(madeSetting) };
}

/** What a new file would say. */
export function freshText(change: FileChange): string {
  return change.format === 'block'
    ? withBlock('', change.lines)
    : applySettings(formats[change.format], '', change.settings(undefined));
}

export function isHindrance(plan: PlannedChange | Hindrance): plan is Hindrance {
  return 'problem' in plan;
}

/** Whether the file would be another one than before. */
export function isChange(plan: PlannedChange): boolean {
  return plan.after !== plan.before;
}

/** Writes a planned change and notes it in the journal; nothing where it changes nothing. Raises EditError where it cannot be written. */
export function makeChange(plan: PlannedChange, journal: Journal): void {
  if (!isChange(plan)) return;
  const { path, client, format, found } = plan;
  const present = found.bytes;
  const earlier = journal.find(path);
  const now = present === undefined ? undefined : sha256(present);
  // Whoever put back what was there before has undone everything.
  const isFirst = earlier === undefined || now === earlier.before?.sha256;
  const before = isFirst ? keep(plan, journal) : earlier.before;
  const entry = {
    path,
    client,
    format,
    before,
    after: sha256(plan.after),
    exact: isFirst || (earlier.exact && now === earlier.after),
    made: [...(isFirst ? [] : merged(earlier.made, plan.made)), ...plan.made],
    folders: isFirst ? [] : earlier.folders,
  };
  // Noted first: what is interrupted here can be undone.
  journal.note(entry);
  const folders = writeWhole({ target: found.target, content: plan.after, expected: present, mode: 0o600 });
  if (folders.length > 0) journal.note({ ...entry, folders: [...folders] });
}

function keep({ path, found }: PlannedChange, journal: Journal): { sha256: string; backup: string } | null {
  return found.bytes === undefined ? null : { sha256: sha256(found.bytes), backup: journal.keep(path, found.bytes) };
}

/** The earlier ones that are not made anew. */
function merged(earlier: readonly MadeSetting[], made: readonly MadeSetting[]): readonly MadeSetting[] {
  const anew = new Set(made.map((setting) => pathText(setting.path)));
  return earlier.filter((setting) => !anew.has(pathText(setting.path)));
}
