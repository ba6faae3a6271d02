import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import type { Store } from '../../src/store/database.ts';
import { openStore } from '../../src/store/database.ts';
import { KeyStore } from '../../src/store/keys.ts';
import { OcpError } from '../../src/wire/errors.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Opened {
  readonly keys: KeyStore;
  readonly store: Store;
  readonly clock: { now: number };
  /** What a new process finds. */
  readonly reopened: () => KeyStore;
}

async function open(t: TestContext): Promise<Opened> {
  const store = await openStore(temporaryFolder(t));
  t.after(() => store.close());
  const clock = { now: 1_000_000 };
  const make = (): KeyStore =>
    new KeyStore({
      store,
      now: () => clock.now,
      randomBytes,
      onError: (error) => assert.fail(String(error)),
    });
  return { keys: make(), store, clock, reopened: make };
}

function refused(code: string): (error: unknown) => boolean {
  return (error) => error instanceof OcpError && error.code === code;
}

suite('keys', () => {
  test('open what they were made for, now and after a restart', async (t) => {
    const { keys, clock, reopened } = await open(t);
    const { key, record } = keys.create({ name: 'laptop', note: 'the blue one', models: ['sonnet'] });
    assert.match(key, /^ocp_[A-Za-z0-9_-]{32}$/);
    assert.equal(record.preview, `ocp_...${key.slice(-4)}`);
    for (const store of [keys, reopened()]) {
      assert.deepEqual(store.find(key), { ...record, createdAt: clock.now });
      assert.equal(store.find(`${key}x`), undefined);
      assert.equal(store.find(key.slice(0, -1)), undefined);
      assert.equal(store.find(''), undefined);
    }
  });

  test('stand in the database only as digests', async (t) => {
    const { keys, store } = await open(t);
    const { key, record } = keys.create({ name: 'laptop' });
    const rotated = keys.rotate(record.id, 1000).key;
    const tables = ['keys', 'key_tokens', 'audit', 'settings'];
    const rows = tables.flatMap((table) => store.durable.prepare(`SELECT * FROM ${table}`).all());
    const everything = JSON.stringify(rows, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    for (const text of [key, rotated]) assert.ok(!everything.includes(text.slice(4, 12)));
    const digests = store.durable.prepare('SELECT digest FROM key_tokens').all();
    const sha = createHash('sha256').update(key).digest('hex');
    assert.ok(digests.some(({ digest }) => Buffer.from(digest as Uint8Array).toString('hex') === sha));
  });

  test('end when revoked, switched off or expired, and only the first is for good', async (t) => {
    const { keys, clock, reopened } = await open(t);
    const { key, record } = keys.create({ name: 'laptop' });
    keys.change(record.id, { enabled: false });
    assert.deepEqual([keys.find(key), reopened().find(key)], [undefined, undefined]);
    keys.change(record.id, { enabled: true, expiresAt: clock.now + 10 });
    assert.equal(keys.find(key)?.id, record.id);
    clock.now += 10;
    assert.deepEqual([keys.find(key), reopened().find(key)], [undefined, undefined]);
    keys.change(record.id, { expiresAt: null });
    assert.equal(keys.find(key)?.id, record.id);
    keys.revoke(record.id);
    assert.deepEqual([keys.find(key), reopened().find(key)], [undefined, undefined]);
    assert.throws(() => keys.change(record.id, { enabled: true }), refused('not_found'));
    assert.throws(() => keys.rotate(record.id, 0), refused('not_found'));
    assert.throws(() => keys.revoke(record.id), refused('not_found'));
    assert.equal(keys.list()[0]?.revokedAt, clock.now);
  });

  test('get a new text while the old one works a little longer', async (t) => {
    const { keys, clock, reopened } = await open(t);
    const { key: first, record } = keys.create({ name: 'laptop' });
    const { key: second, record: after } = keys.rotate(record.id, 100);
    assert.equal(after.preview, `ocp_...${second.slice(-4)}`);
    const ids = (text: string): unknown[] => [keys.find(text)?.id, reopened().find(text)?.id];
    assert.deepEqual([...ids(first), ...ids(second)], [1, 1, 1, 1]);
    clock.now += 50;
    const { key: third } = keys.rotate(record.id, 1000);
    clock.now += 50;
    assert.deepEqual(ids(first), [undefined, undefined], 'a second rotation gives no longer time');
    assert.deepEqual([...ids(second), ...ids(third)], [1, 1, 1, 1]);
    const { key: fourth } = keys.rotate(record.id, 0);
    assert.deepEqual([...ids(second), ...ids(third)], [undefined, undefined, undefined, undefined]);
    assert.deepEqual(ids(fourth), [1, 1]);
  });

  test('are listed newest first, and their last use is kept within a second', async (t) => {
    const { keys, clock, reopened } = await open(t);
    const { record } = keys.create({ name: 'a' });
    keys.create({ name: 'b' });
    clock.now += 5;
    keys.touch(record.id);
    assert.deepEqual(
      keys.list().map(({ name, lastUsedAt }) => [name, lastUsedAt]),
      [
        ['b', null],
        ['a', clock.now],
      ],
    );
    assert.equal(reopened().byId(record.id)?.lastUsedAt, null);
    keys.flush();
    assert.equal(reopened().byId(record.id)?.lastUsedAt, clock.now);
  });

  test('are changed and told of both or not at all', async (t) => {
    const { keys, reopened } = await open(t);
    const { record, key } = keys.create({ name: 'laptop' });
    const fail = (): never => {
      throw new Error('no room for the log');
    };
    assert.throws(() => keys.create({ name: 'other' }, fail), /no room/);
    assert.throws(() => keys.change(record.id, { name: 'other' }, fail), /no room/);
    assert.throws(() => keys.rotate(record.id, 0, fail), /no room/);
    assert.throws(() => keys.revoke(record.id, fail), /no room/);
    for (const store of [keys, reopened()]) {
      assert.deepEqual(store.list(), [record]);
      assert.equal(store.find(key)?.name, 'laptop');
      assert.equal(store.isTaken('other'), false);
    }
  });
});

suite('names of keys', () => {
  test('are of few characters and not those of roles', async (t) => {
    const { keys } = await open(t);
    for (const name of ['a/b', 'ключ', 'a\nb', 'x'.repeat(65), "'; DROP TABLE keys", 'admin', 'Local']) {
      assert.throws(() => keys.create({ name }), refused('invalid_request'), name);
    }
    assert.equal(keys.create({ name: ' my laptop_1.2-x ' }).record.name, 'my laptop_1.2-x');
  });

  test('are made from the time when none is given', async (t) => {
    const { keys, clock } = await open(t);
    assert.equal(keys.create({}).record.name, `key-${clock.now}`);
    clock.now += 1;
    assert.equal(keys.create({ name: ' ' }).record.name, `key-${clock.now}`);
  });

  test('are borne by one living key at a time', async (t) => {
    const { keys } = await open(t);
    const first = keys.create({ name: 'laptop' }).record;
    const other = keys.create({ name: 'tablet' }).record;
    assert.throws(() => keys.create({ name: 'laptop' }), refused('conflict'));
    assert.throws(() => keys.change(other.id, { name: 'laptop' }), refused('conflict'));
    keys.revoke(first.id);
    const second = keys.create({ name: 'laptop' }).record;
    assert.equal(keys.get('laptop')?.id, second.id);
    keys.change(second.id, { name: 'phone' });
    assert.deepEqual([keys.get('phone')?.id, keys.get('laptop')?.id], [second.id, first.id]);
  });

  test('never lead to the key whose id they look like', async (t) => {
    const { keys, reopened } = await open(t);
    const first = keys.create({ name: 'laptop' }).record;
    const named = keys.create({ name: String(first.id) }).record;
    const both = (name: string): unknown[] => [keys.get(name)?.id, reopened().get(name)?.id];
    assert.deepEqual(both(String(first.id)), [named.id, named.id]);
    assert.deepEqual(both(String(named.id)), [named.id, named.id], 'nobody is named so');
    keys.revoke(named.id);
    assert.deepEqual(both(String(first.id)), [named.id, named.id], 'its name was taken once');
    assert.deepEqual(both('0'), [undefined, undefined]);
    assert.deepEqual(both(`${first.id}.0`), [undefined, undefined]);
  });
});

test('whatever is done to keys, a new process finds the same as the one that did it', async (t) => {
  const { keys, clock, reopened } = await open(t);
  const texts: string[] = [];
  const name = fc.constantFrom('a', 'b', '1', '2', '3');
  const id = fc.integer({ min: 1, max: 6 });
  const step = fc.oneof(
    fc.record({ do: fc.constant('create' as const), name }),
    fc.record({ do: fc.constant('rename' as const), id, name }),
    fc.record({ do: fc.constant('switch' as const), id, enabled: fc.boolean() }),
    fc.record({ do: fc.constant('expire' as const), id, ms: fc.constantFrom(null, 0, 2) }),
    fc.record({ do: fc.constant('rotate' as const), id, ms: fc.constantFrom(0, 2, 5) }),
    fc.record({ do: fc.constant('revoke' as const), id }),
    fc.record({ do: fc.constant('wait' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      for (const wanted of steps) {
        try {
          if (wanted.do === 'create') texts.push(keys.create({ name: wanted.name }).key);
          if (wanted.do === 'rename') keys.change(wanted.id, { name: wanted.name });
          if (wanted.do === 'switch') keys.change(wanted.id, { enabled: wanted.enabled });
          if (wanted.do === 'expire')
            keys.change(wanted.id, { expiresAt: wanted.ms === null ? null : clock.now + wanted.ms });
          if (wanted.do === 'rotate') texts.push(keys.rotate(wanted.id, wanted.ms).key);
          if (wanted.do === 'revoke') keys.revoke(wanted.id);
          if (wanted.do === 'wait') clock.now += 1;
        } catch (error) {
          assert.ok(error instanceof OcpError, String(error));
        }
      }
      const other = reopened();
      assert.deepEqual(other.list(), keys.list());
      for (const text of texts) assert.deepEqual(other.find(text), keys.find(text));
      for (const text of ['a', 'b', '1', '2', '3', '7']) assert.equal(other.get(text)?.id, keys.get(text)?.id);
    }),
    { numRuns: 100 },
  );
});
