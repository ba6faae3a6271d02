import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from '../../config/private-file.ts';
import { databasePath } from '../../store/files.ts';
import { copyDatabase } from './database-copy.ts';
import { UpdateError } from './error.ts';
import type { Standing } from './journal.ts';
import { makeFolders } from '../../config/folder.ts';

const prefix = 'upgrade-snapshot-';
/** Written last: a snapshot without it is not whole. */
const listName = 'snapshot.json';

const listSchema = z.object({
  createdAt: z.string(),
  kind: z.enum(['git', 'npm']),
  root: z.string(),
  from: z.object({ version: z.string(), commit: z.string().optional(), branch: z.string().optional() }),
  to: z.object({ version: z.string(), commit: z.string().optional(), branch: z.string().optional() }),
  /** Copies of files: their names here and where they come from. */
  files: z.array(z.object({ name: z.string(), path: z.string(), restored: z.boolean() })),
  database: z.object({ name: z.string(), path: z.string(), schema: z.number() }).optional(),
});

/** What was there before an update, as it can be put back. */
export interface Snapshot extends Readonly<z.infer<typeof listSchema>> {
  readonly folder: string;
}

export interface SnapshotRequest {
  readonly ocpHome: string;
  readonly kind: Snapshot['kind'];
  readonly root: string;
  readonly from: Standing;
  readonly to: Standing;
  /** Unit files of the service. */
  readonly unitFiles: readonly string[];
  /** OpenClaw's configuration, which is kept but never put back by itself. */
  readonly openclawFile: string;
  readonly now: Date;
}

/** A folder for a snapshot that is not there yet: the time in seconds, UTC. */
export function newSnapshotFolder(ocpHome: string, now: Date): string {
  const name = `${prefix}${now.toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
  for (let count = 1; ; count++) {
    const folder = join(ocpHome, count === 1 ? name : `${name}-${count}`);
    if (!existsSync(folder)) return folder;
  }
}

/**
 * Keeps everything that an update may change: versions, unit, configuration, admin key, database (by online backup) and
 * OpenClaw's file. Folder 0700, files 0600. Contract: the snapshots of `ocp update`. Raises StoreError for a damaged
 * database, and the system's errors.
 */
export async function takeSnapshot(folder: string, request: SnapshotRequest): Promise<Snapshot> {
  const { ocpHome, kind, root, from, to, unitFiles, openclawFile, now } = request;
  makeFolders(folder, 0o700);
  const lines = { 'from-commit.txt': from.commit, 'from-version.txt': from.version, 'to-version.txt': to.version };
  for (const [name, line] of Object.entries(lines)) {
    if (line !== undefined) writeFileSync(join(folder, name), `${line}\n`, { mode: 0o600 });
  }
  const wanted = [
    ...[...unitFiles, join(ocpHome, 'config.json'), join(ocpHome, 'admin-key')].map((path) => ({
      path,
      restored: true,
    })),
    { path: openclawFile, restored: false },
  ];
  const files = wanted
    .filter(({ path }) => existsSync(path))
    .map(({ path, restored }) => ({ name: basename(path), path, restored }));
  for (const { name, path } of files) {
    copyFileSync(path, join(folder, name));
    chmodSync(join(folder, name), 0o600);
  }
  const path = databasePath(ocpHome);
  const name = basename(path);
  const database = existsSync(path) ? { name, path, schema: await copyDatabase(path, join(folder, name)) } : undefined;
  const list = {
    createdAt: now.toISOString(),
    kind,
    root,
    from,
    to,
    files,
    ...(database === undefined ? {} : { database }),
  };
  writePrivateFile(join(folder, listName), `${JSON.stringify(list, undefined, 2)}\n`);
  return { ...list, folder };
}

/** Every whole snapshot of an OCP, the newest first. */
export function listSnapshots(ocpHome: string): readonly Snapshot[] {
  if (!existsSync(ocpHome)) return [];
  return readdirSync(ocpHome)
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => readSnapshot(join(ocpHome, name)) ?? [])
    .toSorted((one, other) => other.createdAt.localeCompare(one.createdAt) || other.folder.localeCompare(one.folder));
}

/** The snapshot in a folder, or the newest of all where none is named. Raises UpdateError when there is none. */
export function findSnapshot(ocpHome: string, folder: string | undefined): Snapshot {
  const found =
    folder === undefined ? listSnapshots(ocpHome)[0] : existsSync(folder) ? readSnapshot(resolve(folder)) : undefined;
  if (found !== undefined) return found;
  throw new UpdateError(
    folder === undefined
      ? `there is no snapshot in ${ocpHome} to go back to`
      : `${folder} is no snapshot of an update; ocp update --rollback --list shows those that are there`,
  );
}

function readSnapshot(folder: string): Snapshot | undefined {
  try {
    const list = listSchema.parse(JSON.parse(readFileSync(join(folder, listName), 'utf8')));
    return { ...list, folder };
  } catch {
    return undefined;
  }
}

/** Bytes that a folder takes. */
export function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Removes every snapshot but the newest; gives those that went. */
export function pruneSnapshots(ocpHome: string): readonly Snapshot[] {
  const old = listSnapshots(ocpHome).slice(1);
  for (const { folder } of old) rmSync(folder, { recursive: true, force: true });
  return old;
}
