import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from '../../config/private-file.ts';
import { UpdateError } from './error.ts';

/** What a tree of OCP stands at. */
const standing = z.object({
  version: z.string(),
  /** The commit of a checkout. */
  commit: z.string().optional(),
  /** The branch that a checkout is on; absent on a detached head. */
  branch: z.string().optional(),
});

const journal = z.object({
  action: z.enum(['update', 'rollback']),
  /** The last step that was begun. */
  step: z.enum(['prepare', 'switch', 'start', 'verify', 'rollback']),
  root: z.string(),
  from: standing,
  to: standing,
  /** The folder of the snapshot. */
  snapshot: z.string(),
  /** Whether a server ran as a service before. */
  served: z.boolean(),
  /** Whether that server was well. */
  wasWell: z.boolean(),
  /** Ask for a real answer at the end. */
  turn: z.boolean(),
  /** Rollback: put the whole database of the snapshot back. */
  database: z.boolean(),
  /** ISO 8601. */
  startedAt: z.string(),
});

export type Standing = Readonly<z.infer<typeof standing>>;

/** What an update is in the middle of; there is none where everything is done. */
export type Journal = Readonly<z.infer<typeof journal>>;

/** Where the journal lies. */
export function journalPath(ocpHome: string): string {
  return join(ocpHome, 'update.json');
}

/** The journal of an update that did not come to its end, or undefined. Raises UpdateError when it cannot be read. */
export function readJournal(ocpHome: string): Journal | undefined {
  const path = journalPath(ocpHome);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
  const parsed = journal.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new UpdateError(`${path} cannot be understood; where OCP works as it should, remove that file`);
  }
  return parsed.data;
}

/** Writes it as a whole, so that a machine that stops finds the last step or the one before. */
export function writeJournal(ocpHome: string, value: Journal): Journal {
  writePrivateFile(journalPath(ocpHome), `${JSON.stringify(value, undefined, 2)}\n`);
  return value;
}

export function clearJournal(ocpHome: string): void {
  rmSync(journalPath(ocpHome), { force: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
