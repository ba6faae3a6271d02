import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import type { Store } from '../../src/store/database.ts';
import { openStore } from '../../src/store/database.ts';
import { eachPage } from '../../src/store/reading/pages.ts';
import type { ReaderOptions } from '../../src/store/reading/reader.ts';
import { Reader } from '../../src/store/reading/reader.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { UsageLog } from '../../src/store/usage-log.ts';
import { UsageQuery } from '../../src/store/usage-query.ts';
import { rollUpFrom } from '../../src/store/usage-roll-ups.ts';
import { HOUR_MS, requestColumns } from '../../src/store/usage-row.ts';
import { OcpError, toOcpError } from '../../src/wire/errors.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A tenth of what `npm run test:upgrade` does it with. */
const REQUESTS = process.env['OCP_TEST_LARGE'] === '1' ? 1_000_000 : 100_000;
const START = Date.UTC(2026, 10, 1);
const scope = { from: START + 1, to: START + 1000 * HOUR_MS - 1 };

async function opened(t: TestContext, options: Partial<ReaderOptions> = {}): Promise<{ store: Store; reader: Reader }> {
  const store = await openStore(temporaryFolder(t));
  const reader = new Reader({ path: store.path, ...options });
  t.after(async () => {
    await reader.close();
    store.close();
  });
  return { store, reader };
}

/** Many requests at once, over forty days, with their sums. */
function fill({ quick }: Store, count: number): void {
  const values = `?1 + n * 3400, 'key:' || (n % 20), 'caller', 'openai-chat', 'curl', 'sonnet', 'claude-' || (n % 3),
    CASE WHEN n % 50 = 0 THEN 'timeout' ELSE 'ok' END, 100, 10, 5, 5, 0, 0, 0.01, 700, 900, 'live', 0`;
  inTransaction(quick, () => {
    quick
      .prepare(
        `WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${count})
         INSERT INTO usage_requests (${requestColumns.join(', ')}) SELECT ${values} FROM numbers`,
      )
      .run(START);
    rollUpFrom(quick, 0);
  });
}

suite('questions about many rows', () => {
  test('hold nobody up, with many requests', { timeout: 180_000 }, async (t) => {
    const { store, reader } = await opened(t);
    fill(store, REQUESTS);
    const log = new UsageLog({ database: store.quick, onError: (error) => assert.fail(error as Error) });
    t.after(() => log.close());
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const [byAccount, , , errors] = await Promise.all([
      reader.ask('byAccount', [scope]),
      reader.ask('byModel', [scope]),
      reader.ask('byHour', [scope]),
      reader.ask('errors', [scope]),
      reader.ask('firstEvents', [scope]),
      reader.ask('verifyAudit', []),
    ]);
    let exported = 0;
    for await (const page of eachPage(reader, { ...scope, outcome: 'error' }, 5000)) exported += page.length;
    log.sweep(START + 100 * HOUR_MS, START + 1000 * HOUR_MS);
    const old = store.quick.prepare('SELECT count(*) AS n FROM usage_requests WHERE at < ?');
    while (Number(old.get(START + 100 * HOUR_MS)?.['n']) > 0) await new Promise((resolve) => setImmediate(resolve));
    delay.disable();
    t.diagnostic(`the loop waited ${Math.round(delay.max / 1e6)} ms at most`);
    assert.ok(delay.max < 150e6, `${delay.max / 1e6} ms`);
    assert.equal(exported, Math.min(5000, REQUESTS / 50 - 1));
    assert.equal(errors[0]?.requests, REQUESTS / 50);
    assert.equal(
      byAccount.reduce((sum, row) => sum + row.requests, 0),
      REQUESTS - 1,
    );
  });

  test('are answered as they would be at once, and see what was just written', async (t) => {
    const { store, reader } = await opened(t);
    fill(store, 3000);
    const query = new UsageQuery(store.quick);
    assert.deepEqual(await reader.ask('byAccount', [scope]), query.byAccount(scope));
    assert.deepEqual(await reader.ask('newest', [scope, 7]), query.newest(scope, 7));
    store.quick.exec("UPDATE usage_requests SET caller = 'changed'");
    assert.equal((await reader.ask('newest', [scope, 1]))[0]?.caller, 'changed');
  });

  test('are asked in a thread that begins with the first and ends when idle', async (t) => {
    const { reader } = await opened(t, { idleMs: 20 });
    assert.equal(reader.isRunning, false);
    await reader.ask('verifyAudit', []);
    assert.equal(reader.isRunning, true);
    while (reader.isRunning) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await reader.ask('verifyAudit', [])).entries, 0);
  });

  test('end in time, when they are given up, and when OCP stops; the next one is answered', async (t) => {
    const { store, reader } = await opened(t, { longestMs: 1 });
    fill(store, 100_000);
    const code = async (asked: Promise<unknown>): Promise<string> =>
      asked.then(
        () => 'answered',
        (error: unknown) => (error instanceof OcpError ? error.code : String(error)),
      );
    assert.equal(await code(reader.ask('newest', [scope, 100_000])), 'timeout');
    const patient = new Reader({ path: store.path });
    t.after(async () => patient.close());
    const abort = new AbortController();
    const first = patient.ask('newest', [scope, 10]);
    const second = patient.ask('newest', [scope, 10], abort.signal);
    abort.abort(new Error('gone'));
    assert.equal((await first).length, 10);
    assert.match(await code(second), /gone/u);
    const waiting = Array.from({ length: 200 }, async () => code(patient.ask('verifyAudit', [])));
    const codes = new Set(await Promise.all(waiting));
    assert.deepEqual(codes, new Set(['answered', 'queue_full']));
    const last = code(patient.ask('verifyAudit', []));
    await patient.close();
    assert.equal(await last, 'shutting_down');
    assert.equal(await code(patient.ask('verifyAudit', [])), 'shutting_down');
  });

  test('to a database that is gone are refused with the reason', async (t) => {
    const reader = new Reader({ path: `${temporaryFolder(t)}/none.db` });
    t.after(async () => reader.close());
    await assert.rejects(reader.ask('verifyAudit', []), (error) => toOcpError(error).code === 'storage_unavailable');
  });
});
