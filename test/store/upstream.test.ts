import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import type { Store } from '../../src/store/database.ts';
import { openStore } from '../../src/store/database.ts';
import { StoreError } from '../../src/store/error.ts';
import { KeyStore } from '../../src/store/keys.ts';
import { importUpstream } from '../../src/store/upstream.ts';
import { importedKeyIds, upstreamKeys } from '../../src/store/upstream-keys.ts';
import { temporaryFolder } from '../support/temporary.ts';

const text = (name: string): string => `ocp_${name.padEnd(32, 'x')}`;

/** The earlier product's table as its later versions have it. */
const schema = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, name TEXT NOT NULL, created_at TEXT, revoked INTEGER,
    quota_daily INTEGER, quota_weekly INTEGER, quota_monthly INTEGER
  );`;

type Row = readonly [name: string, revoked: 0 | 1, daily: number | null];

function earlier(folder: string, rows: readonly Row[]): DatabaseSync {
  const db = new DatabaseSync(join(folder, 'ocp.db'));
  db.exec(schema);
  const add = db.prepare(
    "INSERT INTO api_keys (key, name, created_at, revoked, quota_daily) VALUES (?, ?, '2026-02-03 04:05:06', ?, ?)",
  );
  for (const [index, [name, revoked, daily]] of rows.entries()) add.run(text(`k${index}`), name, revoked, daily);
  return db;
}

function open(store: Store): KeyStore {
  return new KeyStore({ store, now: () => 5, randomBytes, onError: (error) => assert.fail(String(error)) });
}

suite('an earlier product’s database', () => {
  test('gives its keys once, and stays as it is', async (t) => {
    const folder = temporaryFolder(t);
    // Left open, so that the newest rows are in its write-ahead log only.
    const from = earlier(folder, [
      ['laptop', 0, 20],
      ['old', 1, null],
      ['laptop', 0, null],
      ['son’s/tablet', 0, 0],
      ['admin', 0, null],
      ['', 0, null],
    ]);
    t.after(() => from.close());
    const before = ['ocp.db', 'ocp.db-wal'].map((name) => readFileSync(join(folder, name)));
    const store = await openStore(folder);
    t.after(() => store.close());
    const keys = open(store);
    assert.deepEqual(
      importUpstream(store, [upstreamKeys(keys)], () => 5),
      ['keys'],
    );
    for (const found of [keys, open(store)]) {
      assert.deepEqual(
        found.list().map(({ name, revokedAt, limits }) => [name, revokedAt, limits.requests.daily]),
        [
          ['key-6', null, null],
          ['key-5', null, null],
          ['son-s-tablet', null, 0],
          ['laptop-2', null, null],
          ['old', 5, null],
          ['laptop', null, 20],
        ],
      );
      assert.equal(found.find(text('k0'))?.createdAt, Date.UTC(2026, 1, 3, 4, 5, 6));
      assert.equal(found.find(text('k1')), undefined);
      assert.equal(found.find(text('k2'))?.name, 'laptop-2');
    }
    assert.deepEqual([...importedKeyIds(store.durable).keys()], [1, 2, 3, 4, 5, 6]);
    keys.revoke(keys.get('laptop-2')?.id ?? 0);
    assert.deepEqual(
      importUpstream(store, [upstreamKeys(keys)], () => 5),
      [],
    );
    assert.equal(keys.size, 6);
    assert.deepEqual(
      ['ocp.db', 'ocp.db-wal'].map((name) => readFileSync(join(folder, name))),
      before,
    );
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('import-')),
      [],
    );
  });

  test('of its first versions, without quotas, is taken over as well', async (t) => {
    const folder = temporaryFolder(t);
    const from = new DatabaseSync(join(folder, 'ocp.db'));
    from.exec(`CREATE TABLE api_keys (id INTEGER PRIMARY KEY, key TEXT, name TEXT, created_at TEXT, revoked INTEGER);
      INSERT INTO api_keys VALUES (7, '${text('a')}', 'a', 'yesterday', 0)`);
    from.close();
    const store = await openStore(folder);
    t.after(() => store.close());
    const keys = open(store);
    importUpstream(store, [upstreamKeys(keys)], () => 5);
    assert.partialDeepStrictEqual(keys.find(text('a')), { name: 'a', createdAt: 0 });
  });

  test('that cannot be read leaves nothing half, and is tried again', async (t) => {
    const folder = temporaryFolder(t);
    earlier(folder, [['laptop', 0, null]]).close();
    const whole = readFileSync(join(folder, 'ocp.db'));
    const store = await openStore(folder);
    t.after(() => store.close());
    const keys = open(store);
    writeFileSync(join(folder, 'ocp.db'), Buffer.concat([whole.subarray(0, 100), randomBytes(5000)]));
    assert.throws(() => importUpstream(store, [upstreamKeys(keys)], () => 5), StoreError);
    assert.equal(open(store).size, 0);
    writeFileSync(join(folder, 'ocp.db'), whole);
    assert.deepEqual(
      importUpstream(store, [upstreamKeys(keys)], () => 5),
      ['keys'],
    );
    assert.equal(open(store).size, 1);
  });

  test('that is not there is nothing to take over', async (t) => {
    const store = await openStore(temporaryFolder(t));
    t.after(() => store.close());
    assert.deepEqual(
      importUpstream(store, [upstreamKeys(open(store))], () => 5),
      [],
    );
  });
});
