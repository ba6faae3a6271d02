import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import type { Store } from '../../src/store/database.ts';
import { openStore } from '../../src/store/database.ts';
import { UsageLog } from '../../src/store/usage-log.ts';
import { UsageQuery } from '../../src/store/usage-query.ts';
import { percentile, rollUpFrom } from '../../src/store/usage-roll-ups.ts';
import { HOUR_MS } from '../../src/store/usage-row.ts';
import type { UsageRow } from '../../src/store/usage-row.ts';
import { UsageStatistics } from '../../src/store/usage-statistics.ts';
import { temporaryFolder } from '../support/temporary.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const DAY_MS = 24 * HOUR_MS;

const plain: UsageRow = {
  at: NOW - HOUR_MS,
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
  firstEventMs: 400,
  durationMs: 900,
  source: 'spare',
  replayed: false,
};

async function opened(t: TestContext): Promise<{ store: Store; log: UsageLog }> {
  const store = await openStore(temporaryFolder(t));
  t.after(() => store.close());
  const onError = (error: unknown): void => {
    throw error;
  };
  return { store, log: new UsageLog({ database: store.quick, onError }) };
}

suite('statistics of usage', () => {
  test('errors are counted by cause, activity by day, for one key or model or for all', async (t) => {
    const { store, log } = await opened(t);
    const statistics = new UsageStatistics(store.quick);
    log.add({ ...plain, outcome: 'timeout', modelAnswered: null });
    log.add({ ...plain, outcome: 'timeout' });
    log.add({ ...plain, outcome: 'overloaded', account: 'key:2' });
    log.add({ ...plain, at: NOW - 3 * DAY_MS });
    log.flush();
    const all = { from: NOW - DAY_MS, to: NOW + HOUR_MS };
    assert.deepEqual(statistics.errors(all), [
      { outcome: 'timeout', requests: 2 },
      { outcome: 'overloaded', requests: 1 },
    ]);
    assert.deepEqual(statistics.errors({ ...all, account: 'key:2' }), [{ outcome: 'overloaded', requests: 1 }]);
    const ofModel = statistics.errors({ ...all, account: 'key:1', model: 'claude-sonnet-5-5' });
    assert.deepEqual(ofModel, [{ outcome: 'timeout', requests: 1 }]);
    assert.deepEqual(statistics.activity(4, NOW).get('key:1'), [1, 0, 0, 2]);
  });

  test('a percentile of times to the first event is right to a tenth, by the hour and by the day', async (t) => {
    const { store, log } = await opened(t);
    const statistics = new UsageStatistics(store.quick);
    const times = fc.array(fc.integer({ min: 20, max: 60_000 }), { minLength: 200, maxLength: 300 });
    fc.assert(
      fc.property(times, (all) => {
        store.quick.exec('DELETE FROM usage_first_events');
        for (const [index, firstEventMs] of all.entries()) {
          log.add({ ...plain, at: NOW - (index % 20) * HOUR_MS, firstEventMs });
        }
        log.flush();
        const sorted = all.toSorted((a, b) => a - b);
        for (const days of [1, 10]) {
          const counts = statistics.firstEvents({ from: NOW - days * DAY_MS, to: NOW + HOUR_MS });
          for (const share of [0.5, 0.9, 0.99]) {
            const found = percentile(counts, share) ?? 0;
            const near = [-2, 2].map((off) => sorted[Math.round(share * all.length) - 1 + off] ?? sorted.at(-1) ?? 0);
            const [low = 0, high = 0] = near;
            assert.ok(found >= low * 0.83 && found <= high * 1.2, `${share}: ${found} is not near ${low} to ${high}`);
          }
        }
      }),
      { numRuns: 5 },
    );
    assert.equal(percentile(new Map(), 0.5), null);
  });

  test('pages of a filter hold every request once', async (t) => {
    const { store, log } = await opened(t);
    const query = new UsageQuery(store.quick);
    for (let index = 0; index < 95; index += 1) {
      const outcome = index % 3 === 0 ? 'timeout' : 'ok';
      log.add({ ...plain, at: NOW - (index % 7), outcome, promptChars: index, account: `key:${index % 2}` });
    }
    log.flush();
    const filter = { from: 0, to: NOW + 1, account: 'key:1', outcome: 'error' };
    const seen: number[] = [];
    let page = query.page(filter, 5, undefined);
    while (page.length > 0) {
      seen.push(...page.map(({ row }) => row.promptChars));
      const last = page.at(-1);
      page = last === undefined ? [] : query.page(filter, 5, { until: last.row.at, before: last.id });
    }
    const expected = Array.from({ length: 95 }, (_, index) => index).filter(
      (index) => index % 3 === 0 && index % 2 === 1,
    );
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      expected,
    );
  });

  test('what the dashboard asks of a million requests is answered from sums and indexes', async (t) => {
    const { store } = await opened(t);
    const first = NOW - 30 * DAY_MS;
    store.quick.exec(`
      PRAGMA synchronous = OFF; PRAGMA cache_size = -300000; PRAGMA temp_store = MEMORY;
      INSERT INTO usage_requests (at, account, caller, surface, client, model_asked, model_answered, outcome,
        prompt_chars, response_chars, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, usd,
        first_event_ms, duration_ms, source, replayed)
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
      SELECT ${first} + i * ${(30 * DAY_MS) / 1e6}, 'key:' || (i % 20), 'key', 'openai-chat', 'opencode', 'sonnet',
        CASE i % 3 WHEN 0 THEN 'claude-opus-5-5' WHEN 1 THEN 'claude-sonnet-5-5' ELSE 'claude-haiku-5-5' END,
        CASE WHEN i % 50 = 0 THEN 'timeout' ELSE 'ok' END, 5000, 800, 1500, 200, 9000, 300, 0.02,
        200 + (i * 7919) % 4000, 5000, 'live', 0
      FROM n`);
    rollUpFrom(store.quick, 0);
    const [query, statistics] = [new UsageQuery(store.quick), new UsageStatistics(store.quick)];
    const month = { from: first, to: NOW };
    const questions: readonly (readonly [string, () => unknown])[] = [
      ['by hour', () => query.byHour(month)],
      ['by hour, of a key', () => query.byHour({ ...month, account: 'key:3' })],
      ['by model', () => query.byModel(month)],
      ['by account', () => query.byAccount(month)],
      ['percentiles', () => statistics.firstEvents(month)],
      ['percentiles of three days', () => statistics.firstEvents({ from: NOW - 3 * DAY_MS, to: NOW })],
      ['errors', () => statistics.errors(month)],
      ['activity', () => statistics.activity(14, NOW)],
      ['newest', () => query.page(month, 50, undefined)],
      ['failed', () => query.page({ ...month, outcome: 'timeout' }, 50, undefined)],
      ['of a model', () => query.page({ ...month, model: 'claude-opus-5-5' }, 50, undefined)],
      ['failed, of a key', () => query.page({ ...month, account: 'key:0', outcome: 'error' }, 50, undefined)],
    ];
    for (const [name, ask] of questions) {
      // The best of some, as other work on the machine slows single ones.
      const times = Array.from({ length: 20 }, () => {
        const begin = performance.now();
        ask();
        return performance.now() - begin;
      });
      // A quiet machine takes a tenth of this; reading all the rows takes seconds on any.
      assert.ok(Math.min(...times) < 500, `${name} took ${Math.min(...times).toFixed(1)} ms`);
    }
  });
});
