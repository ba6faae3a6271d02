import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, backup as copyOnline } from 'node:sqlite';
import { profilesIn } from '../claude/profiles.ts';
import { readStoredLogin } from '../claude/stored-login.ts';
import { readAdminKeyFile } from '../config/admin-key.ts';
import { configFilePath, configFileText, inspectConfigFile } from '../config/config-file.ts';
import { isSecretName } from '../config/secret-names.ts';
import { databasePath } from '../store/files.ts';
import type { FileName, Manifest } from './archive.ts';
import { digestOf, fileNames, writeArchive } from './archive.ts';

const BUSY_TIMEOUT_MS = 2000;
/** Tables whose rows people want to see counted. */
const counted = ['keys', 'usage_requests', 'audit'];

export interface BackupOptions {
  readonly ocpHome: string;
  /** The file that is made; what is there is replaced once the new one is whole. */
  readonly path: string;
  readonly version: string;
  readonly withSecrets: boolean;
  /** Unix ms. */
  readonly now: number;
}

/**
 * Makes a backup of an OCP that may be running: its database by SQLite's online backup, its configuration, the names of its
 * profiles, and where that is asked for its secrets. Raises the system's and SQLite's errors; leaves nothing half-made.
 */
export async function makeBackup({ ocpHome, path, version, withSecrets, now }: BackupOptions): Promise<Manifest> {
  const work = mkdtempSync(join(dirname(path), '.ocp-backup-'));
  chmodSync(work, 0o700);
  const pathOf = (name: FileName): string => join(work, name);
  const put = (name: FileName, text: string): void => writeFileSync(pathOf(name), text, { mode: 0o600 });
  try {
    const database = databasePath(ocpHome);
    const { schema, counts } = existsSync(database)
      ? await copyDatabase(database, pathOf('ocp.db'))
      : { schema: 0, counts: {} };
    const config = configFilePath(ocpHome);
    const { values, problems } = inspectConfigFile(ocpHome);
    if (withSecrets && problems.length === 0 && existsSync(config)) put('config.json', readFileSync(config, 'utf8'));
    else put('config.json', configFileText(withSecrets ? values : withoutSecrets(values)));
    const logins = (await profilesIn(ocpHome).list()).map((name) => ({ name, stored: readStoredLogin(ocpHome, name) }));
    const profiles = logins.map(({ name, stored }) => ({ name, login: stored?.kind ?? 'the CLI' }));
    put('profiles.json', `${JSON.stringify({ profiles, secretSettings: secretsOf(values) }, undefined, 2)}\n`);
    if (withSecrets) {
      const stored = Object.fromEntries(
        logins.flatMap((each) => (each.stored === undefined ? [] : [[each.name, each.stored]])),
      );
      put('secrets.json', `${JSON.stringify({ adminKey: readAdminKeyFile(ocpHome) ?? null, logins: stored })}\n`);
    }
    const names = fileNames.filter((name) => existsSync(pathOf(name)));
    const files = await Promise.all(names.map(async (name) => ({ name, ...(await digestOf(pathOf(name))) })));
    const manifest = { version, schema, createdAt: new Date(now).toISOString(), withSecrets, counts, files };
    const whole = join(work, 'archive');
    await writeArchive(whole, manifest, pathOf);
    renameSync(whole, path);
    return manifest;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Names of settings that a backup without secrets leaves out. */
function secretsOf(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(values).filter(isSecretName);
}

function withoutSecrets(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !isSecretName(name)));
}

async function copyDatabase(
  from: string,
  to: string,
): Promise<{ readonly schema: number; readonly counts: Record<string, number> }> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    await copyOnline(source, to);
  } finally {
    source.close();
  }
  chmodSync(to, 0o600);
  const copy = new DatabaseSync(to);
  try {
    const schema = Number(copy.prepare('PRAGMA user_version').get()?.['user_version']);
    const tables = copy.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const present = counted.filter((table) => tables.some(({ name }) => name === table));
    const rows = (table: string): number => Number(copy.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
    return { schema, counts: Object.fromEntries(present.map((table) => [table, rows(table)])) };
  } finally {
    copy.close();
  }
}
