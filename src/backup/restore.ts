import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { isProfileName, profilesIn } from '../claude/profiles.ts';
import { DEFAULT_PROFILE, loginFile, writeStoredLogin } from '../claude/stored-login.ts';
import { adminKeyPath } from '../config/admin-key.ts';
import { configFilePath, inspectConfigFile } from '../config/config-file.ts';
import { writePrivateFile } from '../config/private-file.ts';
import { applicationId } from '../store/files.ts';
import { migrations } from '../store/migrations.ts';
import type { FileName, Manifest } from './archive.ts';
import { BackupError, extract, readManifest } from './archive.ts';

const profilesFile = z.object({
  profiles: z.array(z.object({ name: z.string(), login: z.string() })).max(10_000),
  secretSettings: z.array(z.string()).max(1000),
});
const secretsFile = z.object({ adminKey: z.string().nullable(), logins: z.record(z.string(), loginFile) });

export interface RestoreOptions {
  readonly path: string;
  readonly ocpHome: string;
  /** Whether a home that holds something is put aside. */
  readonly force: boolean;
  /** Unix ms. */
  readonly now: number;
}

/** What a restore did, and what it could not. */
export interface Restored {
  readonly manifest: Manifest;
  /** Where the home before lies now; undefined where there was none. */
  readonly aside: string | undefined;
  /** What has to be entered again, one line each. */
  readonly missing: readonly string[];
}

/**
 * Makes an OCP's home of a backup. Everything is checked before anything is changed, and the home that is there stays beside it.
 * Raises BackupError, and the system's errors.
 */
export async function restoreBackup({ path, ocpHome, force, now }: RestoreOptions): Promise<Restored> {
  readManifest(path);
  const isEmpty = !existsSync(ocpHome) || readdirSync(ocpHome).length === 0;
  if (!isEmpty && !force) {
    throw new BackupError(`${ocpHome} is not empty; --force puts it aside, and nothing in it is lost`);
  }
  mkdirSync(dirname(ocpHome), { recursive: true });
  const fresh = mkdtempSync(`${ocpHome}.restoring-`);
  try {
    const pathOf = (name: FileName): string => join(fresh, name);
    const manifest = await extract(path, pathOf);
    checkDatabase(path, pathOf('ocp.db'), manifest.schema);
    const { problems } = inspectConfigFile(fresh);
    if (!existsSync(configFilePath(fresh)) || problems.length > 0) {
      throw new BackupError(`${path}: its configuration cannot be used: ${problems[0]?.message ?? 'it is missing'}`);
    }
    const missing = await unpack(path, fresh, manifest);
    const aside = isEmpty ? undefined : `${ocpHome}.before-restore-${stamp(now)}`;
    if (aside !== undefined) renameSync(ocpHome, aside);
    else rmSync(ocpHome, { recursive: true, force: true });
    renameSync(fresh, ocpHome);
    return { manifest, aside, missing };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Puts profiles and secrets where they belong; gives what the backup does not have. */
async function unpack(path: string, home: string, { withSecrets }: Manifest): Promise<readonly string[]> {
  const { profiles, secretSettings } = read(path, join(home, 'profiles.json'), profilesFile);
  const secrets = withSecrets ? read(path, join(home, 'secrets.json'), secretsFile) : { adminKey: null, logins: {} };
  for (const name of ['profiles.json', 'secrets.json']) rmSync(join(home, name), { force: true });
  const names = profiles.map(({ name }) => name).filter((name) => name !== DEFAULT_PROFILE);
  if (![...names, ...Object.keys(secrets.logins)].every(isProfileName)) throw new BackupError(`${path} is damaged`);
  for (const name of names) await profilesIn(home).add(name);
  if (secrets.adminKey !== null) writePrivateFile(adminKeyPath(home), `${secrets.adminKey}\n`);
  for (const [name, login] of Object.entries(secrets.logins)) writeStoredLogin(home, name, login);
  return [
    ...(secrets.adminKey === null ? ['the admin key: ocp setup makes a new one'] : []),
    ...(withSecrets ? [] : secretSettings.map((name) => `${name}, in config.json`)),
    ...profiles
      .filter(({ name }) => secrets.logins[name] === undefined)
      .map(({ name, login }) => {
        const how = login === 'token' ? ' --token' : login === 'api-key' ? ' --api-key' : '';
        return `the Claude login of ${name}: ocp login${name === DEFAULT_PROFILE ? '' : ` ${name}`}${how}`;
      }),
  ];
}

function read<T extends z.ZodType>(path: string, file: string, schema: T): z.output<T> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new BackupError(`${path} is damaged: ${basename(file)} is missing or not what OCP writes`);
  }
}

function checkDatabase(path: string, file: string, schema: number): void {
  if (!existsSync(file)) {
    if (schema === 0) return;
    throw new BackupError(`${path} is damaged: it has no database`);
  }
  if (schema > migrations.length) {
    throw new BackupError(
      `${path} was made by a newer OCP (schema ${schema}, this one knows ${migrations.length}): update OCP first`,
    );
  }
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
      const isSound = pragma('quick_check') === 'ok' && pragma('application_id') === applicationId;
      if (isSound && pragma('user_version') === schema) return;
    } finally {
      db.close();
    }
  } catch {
    // Told below.
  }
  throw new BackupError(`${path} is damaged: its database is not sound`);
}

function stamp(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replaceAll(':', '-');
}
