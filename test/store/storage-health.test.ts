import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { mock, suite, test } from 'node:test';
import type { Store } from '../../src/store/database.ts';
import { openStore } from '../../src/store/database.ts';
import { KeyStore } from '../../src/store/keys.ts';
import { StorageHealth } from '../../src/store/storage-health.ts';
import { UsageLog } from '../../src/store/usage-log.ts';
import type { UsageRow } from '../../src/store/usage-row.ts';
import { toOcpError } from '../../src/wire/errors.ts';
import { temporaryFolder } from '../support/temporary.ts';

const row: UsageRow = {
  at: 1,
  account: 'key:1',
  caller: 'someone',
  surface: 'openai-chat',
  client: 'curl',
  modelAsked: 'x'.repeat(3000),
  modelAnswered: 'claude-x',
  outcome: 'ok',
  promptChars: 1,
  responseChars: 1,
  inputTokens: 1,
  outputTokens: 1,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  usd: 0,
  firstEventMs: 1,
  durationMs: 1,
  source: null,
  replayed: false,
};

interface Opened {
  readonly store: Store;
  readonly health: StorageHealth;
  readonly usage: UsageLog;
  readonly keys: KeyStore;
  readonly errors: unknown[];
}

async function opened(t: TestContext): Promise<Opened> {
  const health = new StorageHealth(() => 42);
  const store = await openStore(temporaryFolder(t), undefined, { health });
  const errors: unknown[] = [];
  const onError = (error: unknown): number => errors.push(error);
  const usage = new UsageLog({ database: store.quick, onError });
  const keys = new KeyStore({ store, now: Date.now, randomBytes, onError });
  t.after(() => {
    health.close();
    usage.close();
    store.close();
  });
  return { store, health, usage, keys, errors };
}

function refusal(work: () => unknown): ReturnType<typeof toOcpError> {
  try {
    work();
  } catch (error) {
    return toOcpError(error);
  }
  return assert.fail('nothing was refused');
}

suite('a database that cannot be written', () => {
  const pages = (store: Store, count: number): void => {
    for (const database of [store.quick, store.durable]) database.exec(`PRAGMA max_page_count = ${count}`);
  };
  const troubles = [
    {
      state: 'full',
      words: /the disk is full/u,
      begin: (store: Store) => pages(store, 1),
      end: (store: Store) => pages(store, 1_000_000),
    },
    {
      state: 'read_only',
      words: /cannot be written to/u,
      begin: ({ quick, durable }: Store) => [quick, durable].forEach((each) => each.exec('PRAGMA query_only = 1')),
      end: ({ quick, durable }: Store) => [quick, durable].forEach((each) => each.exec('PRAGMA query_only = 0')),
    },
  ] as const;
  for (const { state, words, begin, end } of troubles) {
    test(`is named (${state}), loses no usage, and is used again by itself`, async (t) => {
      mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
      t.after(() => mock.timers.reset());
      const { store, health, usage, keys, errors } = await opened(t);
      assert.equal(health.state.state, 'ok');
      begin(store);
      for (let count = 0; count < 700; count += 1) usage.add(row);
      mock.timers.tick(1000);
      assert.deepEqual(usage.backlog, { waiting: 700, dropped: 0 });
      assert.partialDeepStrictEqual(health.state, { state, since: 42 });
      assert.equal(errors.length, 1, 'told once');
      const refused = refusal(() => keys.create({ name: 'k'.repeat(60), note: 'n'.repeat(9000) }));
      assert.deepEqual([refused.code, refused.status], ['storage_unavailable', 503]);
      assert.match(refused.message, words);
      assert.ok((refused.retryAfterSeconds ?? 0) > 0);
      assert.equal(keys.size, 0);
      end(store);
      mock.timers.tick(1000);
      mock.timers.tick(1000);
      assert.deepEqual(usage.backlog, { waiting: 0, dropped: 0 });
      assert.equal(health.state.state, 'ok');
      assert.equal(store.quick.prepare('SELECT count(*) AS n FROM usage_requests').get()?.['n'], 700);
      assert.ok(keys.create({ name: 'k' }).key);
    });
  }

  test('counts the rows that it had to lose, the oldest first', async (t) => {
    const { store, usage } = await opened(t);
    store.quick.exec('PRAGMA query_only = 1');
    for (let at = 1; at <= 20_010; at += 1) usage.add({ ...row, at, modelAsked: '' });
    assert.deepEqual(usage.backlog, { waiting: 20_000, dropped: 10 });
    store.quick.exec('PRAGMA query_only = 0');
    usage.flush();
    const { first, n } = { ...store.quick.prepare('SELECT min(at) AS first, count(*) AS n FROM usage_requests').get() };
    assert.deepEqual([first, n], [11, 20_000]);
  });

  test('whose file is damaged while OCP runs is named', async (t) => {
    const { store, health, usage, keys } = await opened(t);
    usage.add(row);
    usage.flush();
    store.durable.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const file = openSync(store.path, 'r+');
    const { size } = statSync(store.path);
    for (let at = 0; at < size; at += 4096) writeSync(file, randomBytes(4096), 0, 4096, at);
    closeSync(file);
    const refused = refusal(() => keys.create({ name: 'k', note: 'n'.repeat(9000) }));
    assert.deepEqual([refused.code, health.state.state], ['storage_unavailable', 'damaged']);
    assert.match(refused.message, /its file is damaged/u);
  });
});
