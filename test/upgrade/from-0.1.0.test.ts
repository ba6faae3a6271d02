import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { copyDatabase } from '../../src/host/update/database-copy.ts';
import { restoreDatabase } from '../../src/host/update/database-restore.ts';
import { migrations } from '../../src/store/migrations.ts';
import { asAdmin, bearer, remote, send, startMulti } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { OldHome } from './old-home.ts';
import { makeOldHome } from './old-home.ts';

/** With `npm run test:upgrade` the home of a busy household after three months, else a small one. */
const isLarge = process.env['OCP_TEST_LARGE'] === '1';
const size = isLarge ? { requests: 1_000_000, responseMb: 512 } : { requests: 20_000, responseMb: 10 };
/** Most time of a start with such a home, ms. */
const LONGEST_START_MS = 60_000;
/** The schema of 0.1.0. */
const OLD_SCHEMA = 5;

interface Home extends OldHome {
  readonly folder: string;
}

function oldHome(t: TestContext): Home {
  const folder = join(temporaryFolder(t), 'ocp');
  return { folder, ...makeOldHome(folder, { ...size, now: Date.now() - 60_000 }) };
}

async function start(home: Home): Promise<Ocp> {
  return startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary, OCP_HOME: home.folder } });
}

function facts(path: string): {
  schema: unknown;
  requests: unknown;
  responses: unknown;
  keys: unknown;
  audit: unknown;
} {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const one = (sql: string): unknown => Object.values(db.prepare(sql).get() ?? {})[0];
    return {
      schema: one('PRAGMA user_version'),
      requests: one('SELECT count(*) FROM usage_requests'),
      responses: one('SELECT count(*) FROM responses'),
      keys: one('SELECT count(*) FROM keys'),
      audit: one('SELECT count(*) FROM audit'),
    };
  } finally {
    db.close();
  }
}

suite('a home that OCP 0.1.0 left', () => {
  test('starts in time, says what takes long, and has lost nothing', { timeout: 300_000 }, async (t) => {
    const home = oldHome(t);
    const before = facts(home.database);
    const month = monthOf(home.database);
    const began = performance.now();
    await using ocp = await start(home);
    const took = performance.now() - began;
    t.diagnostic(`started in ${(took / 1000).toFixed(1)} s`);
    assert.ok(took < LONGEST_START_MS);
    assert.ok(
      ocp.log.some((line) => line.includes('"starting"') && line.includes('bringing the database to schema')),
      'progress is told',
    );
    const key = { ...remote, ...bearer(home.key) };
    const chat = { model: 'sonnet', messages: [{ role: 'user', content: 'hi' }] };
    assert.equal((await send(ocp, 'POST', '/v1/chat/completions', chat, key)).status, 200);
    const usage = (await asAdmin(ocp, 'GET', '/api/usage?all=true&since=2020-01-01')).body as {
      byKey: { requests: number; successes: number }[];
    };
    assert.equal(
      usage.byKey.reduce((sum, row) => sum + row.requests, 0),
      home.requests + 1,
    );
    const check = (await asAdmin(ocp, 'GET', '/api/audit/verify')).body as { ok: boolean; entries: number };
    assert.equal(check.ok, true);
    assert.ok(check.entries >= home.audit);
    const { used } = (await send(ocp, 'GET', '/api/me', undefined, key)).body as {
      used: { monthly: { requests: number } };
    };
    assert.equal(used.monthly.requests, month + 1, 'what was used counts on');
    const kept = await send(ocp, 'GET', '/v1/responses/resp_20', undefined, key);
    assert.equal(kept.status, 200, kept.text);
    const next = { model: 'sonnet', input: 'and?', previous_response_id: 'resp_20' };
    assert.equal((await send(ocp, 'POST', '/v1/responses', next, key)).status, 200);
    assert.equal(
      ((await asAdmin(ocp, 'GET', '/settings')).body as Record<string, { value: number }>)['maxConcurrent']?.value,
      5,
    );
    await ocp.stop();
    const after = facts(home.database);
    assert.equal(after.schema, migrations.at(-1)?.version);
    assert.deepEqual([after.keys, after.responses], [before.keys, Number(before.responses) + 1]);
  });

  test('can be gone back to, with the copy beside it or with what came later', { timeout: 300_000 }, async (t) => {
    const home = oldHome(t);
    const before = facts(home.database);
    const snapshot = join(home.folder, 'snapshot.db');
    await copyDatabase(home.database, snapshot);
    {
      await using ocp = await start(home);
      const chat = { model: 'sonnet', messages: [{ role: 'user', content: 'hi' }] };
      await send(ocp, 'POST', '/v1/chat/completions', chat, { ...remote, ...bearer(home.key) });
      assert.equal((await asAdmin(ocp, 'POST', '/api/keys', { name: 'later' })).status, 201);
    }
    const backup = join(home.folder, `ocp.db.v${OLD_SCHEMA}.bak`);
    assert.deepEqual(facts(backup), before);
    const outcome = await restoreDatabase({
      live: home.database,
      kept: snapshot,
      aside: join(home.folder, 'aside.db'),
      whole: false,
    });
    assert.deepEqual(outcome, { kind: 'carried', lost: [] });
    const back = facts(home.database);
    assert.equal(back.schema, OLD_SCHEMA);
    assert.deepEqual([back.keys, back.requests], [Number(before.keys) + 1, Number(before.requests) + 1]);
    // And forward again.
    cpSync(backup, `${backup}.kept`);
    await using ocp = await start(home);
    const { body } = await asAdmin(ocp, 'GET', '/api/audit/verify');
    assert.equal((body as { ok: boolean }).ok, true);
  });

  test('is not what a fresh installation leaves: no copies', { timeout: 60_000 }, async (t) => {
    const folder = temporaryFolder(t);
    {
      const ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary, OCP_HOME: folder } });
      await ocp[Symbol.asyncDispose]();
    }
    assert.ok(existsSync(join(folder, 'ocp.db')));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('.bak')),
      [],
    );
  });
});

/** Successes of the first key within the last thirty days, by whole hours. */
function monthOf(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const first = Math.floor(Date.now() / 3_600_000) - 30 * 24;
    const row = db
      .prepare("SELECT sum(successes) AS n FROM usage_hours WHERE account = 'key:1' AND hour >= ?")
      .get(first);
    return Number(row?.['n']);
  } finally {
    db.close();
  }
}
