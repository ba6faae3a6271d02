import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, openSync, readSync, fstatSync, writeSync } from 'node:fs';
import { z } from 'zod';

/**
 * The file of a backup: the line `OCP-BACKUP 1`, one line of JSON (the manifest), then the bytes of its files in the order of
 * the manifest, and nothing else. There are no paths in it, only names that OCP knows.
 */

const MAGIC = 'OCP-BACKUP 1\n';
/** Bytes that a manifest may take. */
const MOST_MANIFEST = 65_536;
const PIECE = 1_048_576;

/** What a backup may hold. */
export const fileNames = ['ocp.db', 'config.json', 'profiles.json', 'secrets.json'] as const;
export type FileName = (typeof fileNames)[number];

const manifestSchema = z.strictObject({
  version: z.string().max(64),
  /** The schema of the database; 0 where there is none. */
  schema: z.int().min(0),
  /** ISO 8601. */
  createdAt: z.string().max(64),
  withSecrets: z.boolean(),
  /** Rows of the database by table, for people. */
  counts: z.record(z.string().max(64), z.int().min(0)),
  files: z
    .array(
      z.strictObject({
        name: z.enum(fileNames),
        size: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
        sha256: z.string().regex(/^[0-9a-f]{64}$/u),
      }),
    )
    .max(fileNames.length),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A backup that cannot be made or used; one line for the operator. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** Size and SHA-256 of a file. */
export async function digestOf(path: string): Promise<{ readonly size: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of createReadStream(path)) {
    hash.update(piece as Buffer);
    size += (piece as Buffer).length;
  }
  return { size, sha256: hash.digest('hex') };
}

/** Writes the archive of these files into a new file for its owner alone (0600). */
export async function writeArchive(
  path: string,
  manifest: Manifest,
  pathOf: (name: FileName) => string,
): Promise<void> {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${MAGIC}${JSON.stringify(manifest)}\n`);
    for (const { name } of manifest.files) {
      for await (const piece of createReadStream(pathOf(name))) writeWhole(file, piece as Buffer);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The manifest of an archive, whose size is that of its files. Raises BackupError for anything else. */
export function readManifest(path: string): { readonly manifest: Manifest; readonly start: number } {
  const file = openArchive(path);
  try {
    const { size } = fstatSync(file);
    const head = Buffer.alloc(Math.min(size, MAGIC.length + MOST_MANIFEST));
    readSync(file, head, 0, head.length, 0);
    if (head.toString('latin1', 0, MAGIC.length) !== MAGIC) {
      const isNewer = /^OCP-BACKUP \d+\n/u.test(head.toString('latin1', 0, 24));
      throw new BackupError(`${path} is ${isNewer ? 'a backup of a newer OCP' : 'no backup of OCP'}`);
    }
    const end = head.indexOf('\n', MAGIC.length);
    const parsed = manifestSchema.safeParse(
      end === -1 ? undefined : parseJson(head.toString('utf8', MAGIC.length, end)),
    );
    if (!parsed.success) throw damaged(path);
    const manifest = parsed.data;
    const names = manifest.files.map(({ name }) => name);
    const start = end + 1;
    const total = manifest.files.reduce((sum, each) => sum + each.size, start);
    if (new Set(names).size !== names.length || total !== size) throw damaged(path);
    return { manifest, start };
  } finally {
    closeSync(file);
  }
}

/** Takes the files out of an archive, each for its owner alone, and checks every byte. Raises BackupError. */
export async function extract(path: string, pathOf: (name: FileName) => string): Promise<Manifest> {
  const { manifest, start } = readManifest(path);
  let offset = start;
  for (const { name, size, sha256 } of manifest.files) {
    const hash = createHash('sha256');
    const file = openSync(pathOf(name), 'wx', 0o600);
    try {
      const from = { start: offset, end: offset + size - 1, highWaterMark: PIECE };
      if (size > 0) {
        for await (const piece of createReadStream(path, from)) {
          hash.update(piece as Buffer);
          writeWhole(file, piece as Buffer);
        }
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (hash.digest('hex') !== sha256) throw damaged(path);
    offset += size;
  }
  return manifest;
}

function openArchive(path: string): number {
  try {
    const file = openSync(path, 'r');
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new BackupError(code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read (${code})`);
  }
  throw new BackupError(`${path} is no file`);
}

function damaged(path: string): BackupError {
  return new BackupError(`${path} is damaged: it is not what it was when it was written`);
}

function writeWhole(file: number, piece: Buffer): void {
  for (let at = 0; at < piece.length;) at += writeSync(file, piece, at);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
