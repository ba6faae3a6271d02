import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import type { Store } from '../../src/store/database.ts';
import { openStore } from '../../src/store/database.ts';
import { StoreError } from '../../src/store/error.ts';
import type { Migration } from '../../src/store/migrations.ts';
import { migrations } from '../../src/store/migrations.ts';
import { temporaryFolder } from '../support/temporary.ts';

const people: Migration = { version: 1, sql: 'CREATE TABLE people (name TEXT NOT NULL) STRICT' };
const ages: Migration = { version: 2, sql: 'ALTER TABLE people ADD COLUMN age INTEGER' };
const towns: Migration = { version: 3, sql: 'CREATE TABLE towns (name TEXT NOT NULL) STRICT' };

/** Opens the database, does the work, and closes it. */
async function use(
  folder: string,
  steps: readonly Migration[],
  work: (store: Store) => void = () => {},
): Promise<void> {
  const store = await openStore(folder, steps);
  try {
    work(store);
  } finally {
    store.close();
  }
}

function home(t: TestContext): string {
  return join(temporaryFolder(t), 'home');
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

function names(path: string): unknown[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare('SELECT * FROM people ORDER BY name').all();
  db.close();
  return rows.map((row) => ({ ...row }));
}

async function refusal(folder: string, steps: readonly Migration[] = migrations): Promise<string> {
  const error: unknown = await openStore(folder, steps).then(
    (store) => store.close(),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StoreError, String(error));
  assert.equal(error.message.includes('\n'), false);
  return error.message;
}

suite('the database', () => {
  test('is the operator’s alone, whatever it was before', async (t) => {
    const folder = home(t);
    await use(folder, migrations, ({ path }) => {
      assert.equal(path, join(folder, 'ocp.db'));
      assert.deepEqual([folder, path, `${path}-wal`, `${path}-shm`].map(mode), ['700', '600', '600', '600']);
    });
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'ocp.db'), 0o644);
    writeFileSync(join(folder, 'ocp.db.v1.bak'), '', { mode: 0o644 });
    await use(folder, migrations, ({ path }) => {
      assert.deepEqual([folder, path, `${path}-wal`, `${path}.v1.bak`].map(mode), ['700', '600', '600', '600']);
    });
  });

  test('is set up to be safe: written ahead, strict, with foreign keys and the durability that each connection names', async (t) => {
    await use(home(t), migrations, ({ durable, quick }) => {
      const pragma = (db: DatabaseSync, name: string): unknown => db.prepare(`PRAGMA ${name}`).get()?.[name];
      assert.deepEqual([pragma(durable, 'journal_mode'), pragma(quick, 'journal_mode')], ['wal', 'wal']);
      assert.deepEqual([pragma(durable, 'foreign_keys'), pragma(quick, 'foreign_keys')], [1, 1]);
      assert.deepEqual([pragma(durable, 'synchronous'), pragma(quick, 'synchronous')], [2, 1]);
      const tables = durable.prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").all();
      const lax = tables.filter((row) => row['strict'] === 0 && !String(row['name']).startsWith('sqlite_'));
      assert.deepEqual(lax, []);
    });
  });

  test('is brought up to date step by step, behind a backup of each earlier state', async (t) => {
    const folder = home(t);
    await use(folder, [people], ({ quick }) => quick.exec("INSERT INTO people VALUES ('Ada')"));
    await use(folder, [people, ages, towns], ({ quick }) => {
      assert.deepEqual({ ...quick.prepare('SELECT * FROM people').get() }, { name: 'Ada', age: null });
      assert.equal(quick.prepare('PRAGMA user_version').get()?.['user_version'], 3);
    });
    assert.deepEqual(names(join(folder, 'ocp.db.v1.bak')), [{ name: 'Ada' }]);
    assert.deepEqual(names(join(folder, 'ocp.db.v2.bak')), [{ name: 'Ada', age: null }]);
    assert.deepEqual(
      [1, 2].map((version) => mode(join(folder, `ocp.db.v${version}.bak`))),
      ['600', '600'],
    );
  });

  test('is as it was when a step fails', async (t) => {
    const folder = home(t);
    await use(folder, [people], ({ quick }) => quick.exec("INSERT INTO people VALUES ('Ada')"));
    const broken: Migration = { version: 2, sql: 'DELETE FROM people; CREATE NONSENSE' };
    assert.match(await refusal(folder, [people, broken]), /ocp\.db could not be brought to schema 2: .*NONSENSE/);
    await use(folder, [people], ({ quick }) => {
      assert.equal(quick.prepare('SELECT COUNT(*) AS count FROM people').get()?.['count'], 1);
    });
  });

  test('of a newer OCP is left alone, and the message says what to do', async (t) => {
    const folder = home(t);
    await use(folder, [people, ages]);
    const before = readFileSync(join(folder, 'ocp.db'));
    const message = await refusal(folder, [people]);
    assert.match(message, /written by a newer OCP \(its schema is 2, this OCP knows 1\).*ocp\.db\.v1\.bak/);
    assert.deepEqual(readFileSync(join(folder, 'ocp.db')), before);
  });

  test('that is damaged is left alone, wherever the damage is', async (t) => {
    const folder = home(t);
    await use(folder, migrations, ({ quick }) => {
      const add = quick.prepare('INSERT INTO response_chains (owner, used_at, bytes) VALUES (?, 1, 1)');
      for (let index = 0; index < 2000; index += 1) add.run(`owner ${index}`);
    });
    const path = join(folder, 'ocp.db');
    const whole = readFileSync(path);
    const inTheMiddle = Buffer.from(whole).fill(0xee, 5 * 4096, 8 * 4096);
    const damages = [
      inTheMiddle,
      whole.subarray(0, 3 * 4096),
      Buffer.from('not a database at all'),
      Buffer.alloc(8192, 1),
    ];
    for (const damage of damages) {
      writeFileSync(path, damage);
      assert.match(await refusal(folder), /ocp\.db is damaged and was left as it is/);
      assert.deepEqual(readFileSync(path), damage);
    }
  });

  test('of another program, or one that cannot be opened, is named', async (t) => {
    const folder = home(t);
    mkdirSync(folder);
    const other = new DatabaseSync(join(folder, 'ocp.db'));
    other.exec('PRAGMA application_id = 7; CREATE TABLE t (a)');
    other.close();
    assert.match(await refusal(folder), /ocp\.db belongs to another program/);
    const file = join(temporaryFolder(t), 'file');
    writeFileSync(file, '');
    assert.match(await refusal(file), /cannot be (?:read|used): ENOTDIR/);
  });

  test('of the earlier product stays untouched beside OCP’s own, also when it goes', async (t) => {
    const folder = home(t);
    mkdirSync(folder);
    const path = join(folder, 'ocp.db');
    const earlier = new DatabaseSync(path);
    earlier.exec("PRAGMA journal_mode = WAL; CREATE TABLE api_keys (key TEXT); INSERT INTO api_keys VALUES ('ocp_x')");
    earlier.close();
    const before = readFileSync(path);
    await use(folder, [people], (store) => {
      assert.equal(store.path, join(folder, 'ocp-data.db'));
      store.quick.exec("INSERT INTO people VALUES ('Ada')");
    });
    assert.deepEqual(readFileSync(path), before);
    writeFileSync(path, '');
    await use(folder, [people], (store) => assert.equal(store.path, join(folder, 'ocp-data.db')));
    assert.deepEqual(names(join(folder, 'ocp-data.db')), [{ name: 'Ada' }]);
  });
});
