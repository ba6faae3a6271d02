import { existsSync, readFileSync, rmSync } from 'node:fs';
import { withoutBlock } from '../../edit/block.ts';
import { formats } from '../../edit/formats.ts';
import { contentOf, withoutSettings } from '../../edit/restore.ts';
import { EditError, isRecord } from '../../edit/settings.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { sha256 } from './journal.ts';
import type { FoundFile } from './write.ts';
import { checkWritable, findFile, removeEmptyFolders, textOf, writeWhole } from './write.ts';

/**
 * What became of a file: `restored` to its bytes, `cleaned` of what OCP put there because somebody changed it since, `gone`
 * because there was none before, `unchanged` because nothing of OCP was left in it, or `left` with a problem.
 */
export interface UndoneFile {
  readonly path: string;
  readonly client: string;
  readonly outcome: 'restored' | 'cleaned' | 'gone' | 'unchanged' | 'left';
  readonly problem?: string;
}

/** Undoes what was done to one file, and forgets it in the journal unless it is left. */
export function undoFile(entry: JournalEntry, journal: Journal): UndoneFile {
  const { path, client } = entry;
  try {
    const outcome = undo(entry, findFile(path));
    removeEmptyFolders(entry.folders);
    journal.forget(path);
    return { path, client, outcome };
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    return { path, client, outcome: 'left', problem: error.message };
  }
}

function undo(entry: JournalEntry, found: FoundFile): UndoneFile['outcome'] {
  const { before, exact, after } = entry;
  if (found.bytes === undefined) return 'unchanged';
  const now = sha256(found.bytes);
  if (now === before?.sha256) return 'unchanged';
  const backup = readBackup(before);
  if (exact && now === after) {
    if (backup === undefined) return removeFile(found);
    write(found, backup);
    return 'restored';
  }
  const text = textOf(found.bytes);
  const rest = withoutOurs(entry, text, backup);
  if (before === null && isEmpty(entry, rest)) return removeFile(found);
  if (rest === text) return 'unchanged';
  write(found, rest);
  return 'cleaned';
}

function readBackup(before: JournalEntry['before']): Buffer | undefined {
  if (before === null) return undefined;
  if (!existsSync(before.backup)) throw new EditError(`its copy ${before.backup} is gone`);
  const bytes = readFileSync(before.backup);
  if (sha256(bytes) !== before.sha256) throw new EditError(`its copy ${before.backup} was changed`);
  return bytes;
}

function removeFile(found: FoundFile): 'gone' {
  checkWritable(found);
  rmSync(found.target);
  return 'gone';
}

function write(found: FoundFile, content: string | Buffer): void {
  checkWritable(found);
  writeWhole({ target: found.target, content, expected: found.bytes, mode: 0o600 });
}

function withoutOurs({ format, made }: JournalEntry, text: string, backup: Buffer | undefined): string {
  if (format === 'block') return withoutBlock(text);
  const editor = formats[format];
  const before = backup === undefined ? undefined : contentOf(editor, textOf(backup));
  return withoutSettings(editor, text, made, before);
}

function isEmpty({ format }: JournalEntry, text: string): boolean {
  if (format === 'block') return text.trim() === '';
  const content = formats[format].parse(text);
  const says = isRecord(content) ? Object.keys(content).length > 0 : Array.isArray(content) && content.length > 0;
  return !says && !/#|\/\/|\/\*/u.test(text);
}
