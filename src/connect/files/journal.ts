import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ConnectError } from '../error.ts';
import { removeEmptyFolders } from './write.ts';
import { makeFolders } from '../../config/folder.ts';

// The journal is read by what wrote it, perhaps by a later version.
const step = z.union([
  z.string(),
  z.object({ by: z.string().optional(), is: z.string(), first: z.literal(true).optional() }),
]);

const entry = z.object({
  path: z.string(),
  /** Whose configuration it is: the id of a client, or `shell`. */
  client: z.string(),
  format: z.enum(['json', 'json5', 'yaml', 'toml', 'block']),
  /** SHA-256 of the bytes before the first edit, whose copy is in `backup`; null where there was no file. */
  before: z.object({ sha256: z.string(), backup: z.string() }).nullable(),
  /** SHA-256 of the bytes after the last edit. */
  after: z.string(),
  /** Whether nobody else changed the file between OCP's edits, so that `before` is all that there was. */
  exact: z.boolean(),
  made: z.array(z.object({ path: z.array(step), ours: z.number().optional(), digest: z.string().nullable() })),
  /** Folders that were made for the file, outermost first. */
  folders: z.array(z.string()),
});

const file = z.object({
  version: z.literal(1),
  /** Variables set for the graphical session of macOS. */
  launchctl: z.array(z.string()),
  files: z.array(entry),
});

type Deep<T> = T extends readonly (infer E)[]
  ? readonly Deep<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Deep<T[K]> }
    : T;

/** What was done to one file. */
export type JournalEntry = Deep<z.infer<typeof entry>>;

/** What `ocp connect` did to the files of this user, so that it can be undone. */
export interface Journal {
  readonly entries: () => readonly JournalEntry[];
  readonly find: (path: string) => JournalEntry | undefined;
  /** Notes what is about to be done to a file. */
  readonly note: (entry: JournalEntry) => void;
  readonly forget: (path: string) => void;
  readonly launchctl: () => readonly string[];
  readonly noteLaunchctl: (names: readonly string[]) => void;
  /** Keeps bytes for later; gives the path of the copy. */
  readonly keep: (path: string, bytes: Buffer) => string;
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Opens `connect.json` in OCP's home; each change is on disk when the call returns. Raises ConnectError for one that is damaged. */
export function openJournal(ocpHome: string): Journal {
  const path = join(ocpHome, 'connect.json');
  const backups = join(ocpHome, 'connect-backups');
  let { files, launchctl } = read(path);

  const save = (): void => {
    if (files.length === 0 && launchctl.length === 0) {
      rmSync(path, { force: true });
      removeEmptyFolders([backups]);
      return;
    }
    makeFolders(ocpHome, 0o700);
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify({ version: 1, launchctl, files }, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  };
  const find = (at: string): JournalEntry | undefined => files.find((candidate) => candidate.path === at);
  return {
    entries: () => files,
    find,
    note: (made) => {
      const others = files.filter((candidate) => candidate.path !== made.path);
      files = [...others, made];
      save();
    },
    forget: (at) => {
      const backup = find(at)?.before?.backup;
      files = files.filter((candidate) => candidate.path !== at);
      if (backup !== undefined) rmSync(backup, { force: true });
      save();
    },
    launchctl: () => launchctl,
    noteLaunchctl: (names) => {
      launchctl = [...names];
      save();
    },
    keep: (at, bytes) => {
      makeFolders(backups, 0o700);
      chmodSync(backups, 0o700);
      const copy = join(backups, `${sha256(at).slice(0, 12)}-${basename(at)}`);
      writeFileSync(copy, bytes, { mode: 0o600 });
      return copy;
    },
  };
}

function read(path: string): Deep<z.infer<typeof file>> {
  if (!existsSync(path)) return { version: 1, launchctl: [], files: [] };
  try {
    return file.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new ConnectError(`${path} cannot be read; what ocp connect did is noted there. Mend it, or move it away`);
  }
}
