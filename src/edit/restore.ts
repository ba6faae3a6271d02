import { createHash } from 'node:crypto';
import type { Editor, Path, Setting } from './settings.ts';
import { applySettings, EditError, isRecord, valueAt } from './settings.ts';

/** A setting that was made, without its value, which may be a key. */
export interface MadeSetting {
  readonly path: Path;
  readonly ours?: number | undefined;
  /** Digest of the value; null where it was removed. */
  readonly digest: string | null;
}

export function madeSetting({ path, value, ours }: Setting): MadeSetting {
  return { path, ...(ours === undefined ? {} : { ours }), digest: digestOf(value) };
}

/** Names a value without telling it. */
export function digestOf(value: unknown): string | null {
  return value === undefined ? null : createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/**
 * Takes the settings that were made out of a text that somebody has changed since. What is OCP's alone goes whatever it says
 * by now; of the others only those that still say what OCP made them say. In their place comes what `before` says.
 */
export function withoutSettings(editor: Editor, text: string, made: readonly MadeSetting[], before: unknown): string {
  let changed = text;
  for (const path of pathsToUndo(editor.parse(text), made)) {
    changed = step(editor, changed, path, before);
  }
  return changed;
}

function pathsToUndo(content: unknown, made: readonly MadeSetting[]): readonly Path[] {
  const paths = new Map<string, Path>();
  for (const { path, ours, digest } of made.toReversed()) {
    const isOurs = ours !== undefined;
    if (!isOurs && digestOf(valueAt(content, path)) !== digest) continue;
    const whole = isOurs ? path.slice(0, ours) : path;
    paths.set(JSON.stringify(whole), whole);
  }
  return [...paths.values()];
}

function step(editor: Editor, text: string, path: Path, before: unknown): string {
  const value = valueAt(before, path);
  if (value !== undefined) return applySettings(editor, text, [{ path, value }]);
  const present = valueAt(editor.parse(text), path);
  if (present === undefined) return text;
  return applySettings(editor, text, [removal(editor.parse(text), path, before)]);
}

/** Containers that were made for a setting go with it; those that were there before stay, empty. */
function removal(content: unknown, path: Path, before: unknown): Setting {
  const parent = path.slice(0, -1);
  const siblings = parent.length === 0 ? undefined : valueAt(content, parent);
  const isOnly = Array.isArray(siblings)
    ? siblings.length === 1
    : isRecord(siblings) && Object.keys(siblings).length === 1;
  if (!isOnly) return { path, value: undefined };
  if (valueAt(before, parent) === undefined) return removal(content, parent, before);
  return { path: parent, value: Array.isArray(siblings) ? [] : {} };
}

/** What a text says, or nothing where it cannot be read. */
export function contentOf(editor: Editor, text: string): unknown {
  try {
    return editor.parse(text);
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    return undefined;
  }
}
