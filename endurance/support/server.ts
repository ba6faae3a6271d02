import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { adminKey, asAdmin } from '../../test/support/admin.ts';
import { fakeClaudeBinary, writeScenario } from '../../test/support/fake-claude.ts';
import type { Scenario } from '../../test/support/fake-claude/scenario.ts';
import { until } from '../../test/support/processes.ts';
import type { LaunchLimits, ServeProcess, Site } from '../../test/support/serve-process.ts';
import { createSite, serve } from '../../test/support/serve-process.ts';
import type { Scope } from './scope.ts';

/** Nothing listens there: the scripted CLI calls nobody. */
const NOWHERE = 'http://127.0.0.1:9';

/** An OCP of its own, with the scripted CLI behind it. */
export interface Place extends Site {
  readonly home: string;
  readonly database: string;
  start(limits?: LaunchLimits): Promise<ServeProcess>;
  /** How its CLI behaves from now on. */
  change(scenario: Scenario): void;
}

export function createPlace(scope: Scope, env: Readonly<Record<string, string>> = {}): Place {
  const site = createSite(scope.test, NOWHERE, {
    CLAUDE_BIN: fakeClaudeBinary,
    CLAUDE_AUTH_MODE: 'multi',
    OCP_ADMIN_KEY: adminKey,
    OCP_SPARES_MEMORY_MB: '300',
    ...env,
  });
  const config = site.env['CLAUDE_CONFIG_DIR'] ?? '';
  mkdirSync(config, { recursive: true });
  const home = site.env['OCP_HOME'] ?? '';
  return {
    ...site,
    home,
    database: join(home, 'ocp.db'),
    start: async (limits) => serve(site, limits),
    change: (scenario) => writeScenario(config, scenario),
  };
}

/** What `/health` says, as far as chaos looks at it. */
export interface Health {
  readonly status: string;
  readonly problem: string | null;
  readonly workers: Readonly<Record<'busy' | 'spares' | 'ready' | 'conversations', number>>;
  readonly concurrency: { readonly inflight: number; readonly queued: number };
  readonly machine: {
    readonly problem: string | null;
    readonly temporaryFolder: { readonly ok: boolean; readonly recreated: number };
    readonly reaper: { readonly ok: boolean; readonly deaths: number };
    readonly troubles: readonly { readonly what: string; readonly count: number }[];
  };
}

export async function healthOf(ocp: Pick<ServeProcess, 'url'>): Promise<Health> {
  return (await (await fetch(`${ocp.url}/health`, { signal: AbortSignal.timeout(10_000) })).json()) as Health;
}

/** Requests of a key that count today. */
export async function usedToday(ocp: Pick<ServeProcess, 'url'>, key: number): Promise<number> {
  const { body } = await asAdmin(ocp, 'GET', `/api/keys/${key}/quota`);
  return (body as { readonly quota: { readonly daily: { readonly used: number } } }).quota.daily.used;
}

/** Ends OCP as its supervisor does, and sees that nothing of it is left. */
export async function endCleanly(place: Place, ocp: ServeProcess): Promise<void> {
  ocp.child.kill('SIGTERM');
  const { code } = await ocp.ended;
  assert.equal(code, 0, 'OCP did not end with 0');
  await nothingLeft(place);
  assert.equal(problemOf(place.database), 'ok', 'the database is damaged');
}

/** Resolves when there is neither a process nor a folder of this OCP. */
export async function nothingLeft(place: Place): Promise<void> {
  await until(() => place.processes().length === 0 && leftovers(place).length === 0, 20_000).catch(() => {
    throw new Error(`left behind: ${JSON.stringify({ processes: place.processes(), files: leftovers(place) })}`);
  });
}

function leftovers({ temporary }: Place): readonly string[] {
  return readdirSync(temporary).filter((name) => !name.startsWith('node-compile-cache'));
}

/** Numbers of the database, read beside the server. */
export function inDatabase<T>(path: string, read: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

export function countIn(path: string, sql: string): number {
  return inDatabase(path, (db) => Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0));
}

function problemOf(path: string): string {
  return inDatabase(path, (db) => String(Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0]));
}
