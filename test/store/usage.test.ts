import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import type { Store } from '../../src/store/database.ts';
import { openStore } from '../../src/store/database.ts';
import { KeyStore } from '../../src/store/keys.ts';
import { importUpstream } from '../../src/store/upstream.ts';
import { upstreamKeys } from '../../src/store/upstream-keys.ts';
import { upstreamUsage } from '../../src/store/upstream-usage.ts';
import { UsageLog } from '../../src/store/usage-log.ts';
import type { UsageScope } from '../../src/store/usage-query.ts';
import { UsageQuery } from '../../src/store/usage-query.ts';
import { eachPage } from '../../src/store/reading/pages.ts';
import { Reader } from '../../src/store/reading/reader.ts';
import type { UsageRow } from '../../src/store/usage-row.ts';
import { HOUR_MS } from '../../src/store/usage-row.ts';
import { temporaryFolder } from '../support/temporary.ts';

const START = Date.UTC(2026, 10, 22, 9, 30);

const plain: UsageRow = {
  at: START,
  account: 'key:1',
  caller: 'laptop',
  surface: 'openai-chat',
  client: 'opencode',
  modelAsked: 'sonnet',
  modelAnswered: 'claude-sonnet-5-5',
  outcome: 'ok',
  promptChars: 100,
  responseChars: 20,
  inputTokens: 30,
  outputTokens: 5,
  cacheReadTokens: 7,
  cacheWriteTokens: 3,
  usd: 0.25,
  firstEventMs: 40,
  durationMs: 900,
  source: 'spare',
  replayed: false,
};

async function opened(t: TestContext): Promise<{ store: Store; log: UsageLog; query: UsageQuery }> {
  const store = await openStore(temporaryFolder(t));
  t.after(() => store.close());
  const log = new UsageLog({
    database: store.quick,
    onError: (error) => {
      throw error;
    },
  });
  return { store, log, query: new UsageQuery(store.quick) };
}

async function pagesOf(...asked: Parameters<typeof eachPage>): Promise<(readonly UsageRow[])[]> {
  const pages: (readonly UsageRow[])[] = [];
  for await (const page of eachPage(...asked)) pages.push(page);
  return pages;
}

const rows: fc.Arbitrary<UsageRow> = fc
  .record({
    at: fc.integer({ min: START - 50 * HOUR_MS, max: START }),
    account: fc.constantFrom('key:1', 'key:2', 'local'),
    outcome: fc.constantFrom('ok', 'ok', 'timeout'),
    source: fc.constantFrom('live', 'hit', 'joined', null),
    modelAnswered: fc.constantFrom('claude-sonnet-5-5', 'claude-haiku-5-5', null),
    promptChars: fc.nat(1000),
    inputTokens: fc.nat(1000),
    durationMs: fc.nat(1000),
    firstEventMs: fc.option(fc.nat(1000)),
    usd: fc.nat(100),
  })
  .map((some) => ({ ...plain, ...some }));
const scopes: fc.Arbitrary<UsageScope> = fc
  .record({
    from: fc.integer({ min: START - 60 * HOUR_MS, max: START }),
    length: fc.oneof(fc.nat(2 * HOUR_MS), fc.nat(60 * HOUR_MS)),
    account: fc.constantFrom(undefined, 'key:1', 'local'),
  })
  .map(({ from, length, account }) => ({ from, to: from + length, ...(account === undefined ? {} : { account }) }));

suite('usage', () => {
  test('its sums are those of its rows, for any time and any account', async (t) => {
    const { store, log, query } = await opened(t);
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 60 }), fc.array(scopes, { minLength: 1, maxLength: 5 }), (all, asked) => {
        store.quick.exec('DELETE FROM usage_requests; DELETE FROM usage_hours');
        for (const row of all) log.add(row);
        log.flush();
        for (const scope of asked) {
          const { from, to, account } = scope;
          const within = all.filter((row) => row.at >= from && row.at < to && row.account === (account ?? row.account));
          const byAccount = query.byAccount(scope);
          const byHour = query.byHour(scope);
          for (const sum of [byAccount, byHour]) {
            assert.equal(total(sum, 'requests'), within.length);
            assert.equal(total(sum, 'successes'), within.filter(isOk).length);
            assert.equal(total(sum, 'cached'), within.filter((row) => isOk(row) && isCached(row)).length);
            assert.equal(total(sum, 'prompt_chars'), total(within, 'promptChars'));
            assert.equal(total(sum, 'input_tokens'), total(within, 'inputTokens'));
            assert.equal(total(sum, 'duration_ms'), total(within, 'durationMs'));
            assert.equal(total(sum, 'usd'), total(within, 'usd'));
            assert.equal(total(sum, 'first_event_ms'), total(within, 'firstEventMs'));
          }
          const each = query.newest(scope, 1000);
          assert.deepEqual(
            each.map(({ at }) => at),
            within.map(({ at }) => at).toSorted((a, b) => b - a),
          );
          const accounts = new Set(within.map((row) => row.account));
          assert.deepEqual(new Set(byAccount.map((row) => row.account)), accounts);
          for (const row of byAccount) {
            const times = within.filter((one) => one.account === row.account).map(({ at }) => at);
            // Of an hour that lies wholly within the time, the sums know the first and the last request.
            assert.deepEqual([row.firstAt, row.lastAt], [Math.min(...times), Math.max(...times)]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('rows come back as they were put in, newest first, and an export reads all of them in pages', async (t) => {
    const { store, log, query } = await opened(t);
    const reader = new Reader({ path: store.path });
    t.after(async () => reader.close());
    const first = {
      ...plain,
      modelAnswered: null,
      firstEventMs: null,
      source: null,
      replayed: true,
      outcome: 'timeout',
    };
    log.add(first);
    for (let count = 1; count <= 2500; count += 1) log.add({ ...plain, at: START + (count % 10), promptChars: count });
    log.flush();
    const scope = { from: 0, to: START + 10 };
    assert.deepEqual(query.newest({ from: 0, to: START + 1, account: 'key:1' }, 1000).at(-1), first);
    const pages = await pagesOf(reader, scope, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(
      pages.map((page) => page.length),
      [1000, 1000, 501],
    );
    assert.equal(new Set(pages.flat().map(({ promptChars }) => promptChars)).size, 2500);
    assert.equal((await pagesOf(reader, scope, 1200)).flat().length, 1200);
  });

  test('a price that is known later corrects the row and its sums, before or after they are written', async (t) => {
    const { log, query } = await opened(t);
    const scope = { from: 0, to: START + HOUR_MS };
    const early = log.add(plain);
    early(0.5);
    log.flush();
    assert.equal(query.newest(scope, 1)[0]?.usd, 0.5);
    early(0.75);
    log.flush();
    assert.equal(query.newest(scope, 1)[0]?.usd, 0.75);
    assert.equal(query.byAccount(scope)[0]?.usd, 0.75);
  });

  test('what cannot be written waits, and is written once it can be', async (t) => {
    const { store, query } = await opened(t);
    const errors: unknown[] = [];
    const log = new UsageLog({ database: store.quick, onError: (error) => errors.push(error) });
    store.quick.exec('PRAGMA query_only = 1');
    const correct = log.add(plain);
    log.flush();
    assert.equal(errors.length, 1);
    correct(1);
    store.quick.exec('PRAGMA query_only = 0');
    log.flush();
    assert.deepEqual(query.newest({ from: 0, to: START + 1 }, 9), [{ ...plain, usd: 1 }]);
  });

  test('forgets old requests and keeps their sums', async (t) => {
    const { log, query } = await opened(t);
    log.add({ ...plain, at: START - 100 * HOUR_MS });
    log.add(plain);
    log.flush();
    log.sweep(START - 50 * HOUR_MS, START);
    const scope = { from: 0, to: START + HOUR_MS };
    assert.equal(query.newest(scope, 9).length, 1);
    assert.equal(query.byAccount(scope)[0]?.requests, 2);
  });

  test('tells after a start what every account used in the last 31 days', async (t) => {
    const { log } = await opened(t);
    log.add({ ...plain, at: START - 32 * 24 * HOUR_MS });
    log.add({ ...plain, at: START - 2 * HOUR_MS });
    log.add({ ...plain, at: START - 2 * HOUR_MS, source: 'hit', modelAnswered: 'claude-haiku-5-5' });
    log.add({ ...plain, at: START, outcome: 'timeout' });
    log.flush();
    const hour = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;
    assert.deepEqual(
      [...log.lastHours(START)],
      [
        { at: hour(START - 2 * HOUR_MS), account: 'key:1', counted: 2, countedCached: 1, tokens: 90, usd: 0.5 },
        { at: hour(START), account: 'key:1', counted: 0, countedCached: 0, tokens: 45, usd: 0.25 },
      ],
    );
  });

  test('takes over the usage of an earlier product once, on the keys as they are called now', async (t) => {
    const folder = temporaryFolder(t);
    const upstream = new DatabaseSync(join(folder, 'ocp.db'));
    upstream.exec(`
      CREATE TABLE api_keys (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, name TEXT NOT NULL,
        created_at TEXT, revoked INTEGER DEFAULT 0);
      CREATE TABLE usage_log (id INTEGER PRIMARY KEY, key_id INTEGER, key_name TEXT, model TEXT, prompt_chars INTEGER,
        response_chars INTEGER, elapsed_ms INTEGER, success INTEGER, created_at TEXT);
      INSERT INTO api_keys (id, key, name, created_at) VALUES (7, 'ocp_${'a'.repeat(32)}', 'son-ipad', '2026-11-01 10:00:00');
      INSERT INTO usage_log VALUES (1, 7, 'son-ipad', 'sonnet', 10, 20, 30, 1, '2026-11-20 10:00:00');
      INSERT INTO usage_log VALUES (2, 7, 'son-ipad', 'sonnet', 11, 0, 31, 0, '2026-11-20 11:00:00');
      INSERT INTO usage_log VALUES (3, NULL, 'local', 'opus', 12, 22, 32, 1, '2026-11-20 10:30:00');
    `);
    upstream.close();
    const store = await openStore(folder);
    t.after(() => store.close());
    const keys = new KeyStore({
      store,
      now: () => START,
      randomBytes: (size) => Buffer.alloc(size),
      onError: () => {},
    });
    for (let start = 0; start < 2; start += 1) {
      importUpstream(store, [upstreamKeys(keys), upstreamUsage(store.durable)], () => START);
    }
    const query = new UsageQuery(store.quick);
    const found = query
      .byAccount({ from: 0, to: START })
      .map(({ account, caller, requests, successes, duration_ms }) => ({
        account,
        caller,
        requests,
        successes,
        duration_ms,
      }));
    const account = `key:${keys.get('son-ipad')?.id}`;
    assert.deepEqual(found, [
      { account, caller: 'son-ipad', requests: 2, successes: 1, duration_ms: 61 },
      { account: 'local', caller: 'local', requests: 1, successes: 1, duration_ms: 32 },
    ]);
    assert.equal(query.newest({ from: 0, to: START }, 9)[0]?.at, Date.UTC(2026, 10, 20, 11));
  });
});

function total<K extends string>(list: readonly Readonly<Partial<Record<K, number | null>>>[], name: K): number {
  return list.reduce((sum, item) => sum + (item[name] ?? 0), 0);
}

function isOk(row: UsageRow): boolean {
  return row.outcome === 'ok';
}

function isCached(row: UsageRow): boolean {
  return row.source === 'hit' || row.source === 'joined';
}
