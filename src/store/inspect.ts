import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from './error.ts';
import { applicationId, databasePath, reason } from './files.ts';
import { migrations } from './migrations.ts';

/** What was found where OCP keeps its database. */
export type StoreState =
  | { readonly kind: 'missing'; readonly path: string }
  /** `backups` are files that may be put in its place, the newest schema first. */
  | { readonly kind: 'damaged'; readonly path: string; readonly reason: string; readonly backups: readonly string[] }
  | { readonly kind: 'newer'; readonly path: string; readonly schema: number; readonly known: number }
  | { readonly kind: 'unusable'; readonly path: string; readonly reason: string }
  | SoundStore;

export interface SoundStore extends StoreFacts {
  readonly kind: 'sound';
  readonly path: string;
}

export interface StoreFacts {
  readonly schema: number;
  /** The newest time in it, Unix ms; undefined in one without any. */
  readonly newest: number | undefined;
  /** Profiles of keys that still open something. */
  readonly keyProfiles: readonly string[];
  /** What was kept of each login's plan, as JSON values by profile. */
  readonly plans: ReadonlyMap<string, unknown>;
}

const latest = migrations.at(-1)?.version ?? 0;

/** Looks at the database in OCP's home without changing it, also while a server has it open. Reads every page. Never raises. */
export function inspectStore(folder: string): StoreState {
  let path = join(folder, 'ocp.db');
  let database: DatabaseSync | undefined;
  try {
    path = databasePath(folder);
    if (!existsSync(path)) return { kind: 'missing', path };
    database = new DatabaseSync(path, { readOnly: true, timeout: 2000 });
    const schema = pragma(database, 'user_version');
    // The server made the file and was ended before it wrote into it.
    if (pragma(database, 'page_count') === 0) return { kind: 'missing', path };
    if (pragma(database, 'application_id') !== applicationId) {
      return { kind: 'unusable', path, reason: `${path} belongs to another program` };
    }
    const [found] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
    if (found !== 'ok') return damagedState(path, String(found));
    if (schema > latest) return { kind: 'newer', path, schema, known: latest };
    return { kind: 'sound', path, ...storeFacts(database, schema) };
  } catch (error) {
    if (error instanceof StoreError && !error.message.includes('damaged')) {
      return { kind: 'unusable', path, reason: error.message };
    }
    if (!existsSync(folder)) return { kind: 'missing', path };
    return damagedState(path, error instanceof StoreError ? 'the file is no database' : reason(error));
  } finally {
    database?.close();
  }
}

/** What doctor asks an open database that is known to be whole. */
export function storeFacts(database: DatabaseSync, schema = pragma(database, 'user_version')): StoreFacts {
  const has = new Set(
    database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map((row) => row['name']),
  );
  // A database of an earlier schema lacks tables until the server opens it.
  const rows = (table: string, sql: string): ReturnType<ReturnType<DatabaseSync['prepare']>['all']> =>
    has.has(table) ? database.prepare(sql).all() : [];
  const times = [
    ...rows('usage_requests', 'SELECT MAX(at) AS at FROM usage_requests'),
    ...rows('audit', 'SELECT MAX(at) AS at FROM audit'),
  ].flatMap(({ at }) => (typeof at === 'number' ? [at] : []));
  return {
    schema,
    newest: times.length === 0 ? undefined : Math.max(...times),
    keyProfiles: rows('keys', 'SELECT DISTINCT profile FROM keys WHERE revoked_at IS NULL AND enabled = 1').map((row) =>
      String(row['profile']),
    ),
    plans: new Map(
      rows('plans', 'SELECT profile, plan FROM plans').map((row) => [
        String(row['profile']),
        JSON.parse(String(row['plan'])) as unknown,
      ]),
    ),
  };
}

function damagedState(path: string, why: string): StoreState {
  const prefix = `${basename(path)}.v`;
  const backups = readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && name.endsWith('.bak'))
    .toSorted((a, b) => versionOf(b, prefix) - versionOf(a, prefix))
    .map((name) => join(dirname(path), name));
  return { kind: 'damaged', path, reason: why, backups };
}

function versionOf(name: string, prefix: string): number {
  return Number.parseInt(name.slice(prefix.length), 10) || 0;
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}
