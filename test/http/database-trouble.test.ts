import assert from 'node:assert/strict';
import { copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { asAdmin, bearer, newKey, remote, send, startMulti } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { question } from './chat-support.ts';

interface Storage {
  readonly state: string;
  readonly problem: string | null;
  readonly usageWaiting: number;
  readonly usageDropped: number;
}

async function storageOf(ocp: Ocp): Promise<Storage & { readonly status: unknown }> {
  const { storage, status } = await ocp.health();
  return { ...(storage as Storage), status };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function requestsOf(ocp: Ocp, key: string): Promise<number> {
  const { body } = await send(ocp, 'GET', '/api/usage', undefined, { ...remote, ...bearer(key) });
  return (body as { byKey: { requests: number }[] }).byKey.reduce((sum, row) => sum + row.requests, 0);
}

/** Everything that writes, and what it is answered. */
async function assertRefused(ocp: Ocp, id: number, words: RegExp): Promise<void> {
  for (const [method, path, body] of [
    ['POST', '/api/keys', { name: 'another' }],
    ['PATCH', `/api/keys/${id}`, { note: 'n' }],
    ['DELETE', `/api/keys/${id}`, undefined],
    ['PATCH', '/settings', { maxConcurrent: 3 }],
  ] as const) {
    const reply = await asAdmin(ocp, method, path, body);
    assert.equal(reply.status, 503, `${method} ${path}: ${reply.text}`);
    const { error } = reply.body as { error: { code: string; message: string } };
    assert.equal(error.code, 'storage_unavailable');
    assert.match(error.message, words);
    assert.ok(!error.message.includes(ocp.home), 'no path');
    assert.ok(Number(reply.headers.get('retry-after')) > 0);
  }
}

suite('a database in trouble', () => {
  test(
    'that was replaced or deleted while OCP runs is noticed, until the same file is back',
    { timeout: 60_000 },
    async () => {
      await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
      const path = join(ocp.home, 'ocp', 'ocp.db');
      const state = async (): Promise<string> => (await storageOf(ocp)).state;
      assert.equal(await state(), 'ok');
      for (const file of [path, `${path}-wal`]) {
        await rename(file, `${file}.moved`);
        await until(async () => (await state()) === 'replaced');
        await copyFile(`${file}.moved`, file);
        const { status, problem } = await storageOf(ocp);
        assert.deepEqual([status, await state()], ['degraded', 'replaced']);
        assert.match(problem ?? '', /restart OCP/u);
        const { checks } = (await asAdmin(ocp, 'GET', '/api/doctor')).body as {
          checks: { id: string; level: string }[];
        };
        assert.equal(checks.find(({ id }) => id === 'database_usable')?.level, 'FAIL');
        await rm(file);
        await rename(`${file}.moved`, file);
        await until(async () => (await state()) === 'ok');
      }
    },
  );

  test('that another program has locked holds nobody up, and nothing is lost', { timeout: 60_000 }, async (t) => {
    await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
    const { id, key } = await newKey(ocp, { name: 'someone' });
    const other = new DatabaseSync(join(ocp.home, 'ocp', 'ocp.db'));
    t.after(() => other.close());
    other.exec('BEGIN EXCLUSIVE');
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    for (let time = 0; time < 5; time += 1) {
      const reply = await send(ocp, 'POST', '/v1/chat/completions', question('hi'), { ...remote, ...bearer(key) });
      assert.equal(reply.status, 200, reply.text);
    }
    await assertRefused(ocp, id, /another program has locked it/u);
    await until(async () => (await storageOf(ocp)).usageWaiting === 5);
    const during = await storageOf(ocp);
    assert.partialDeepStrictEqual(during, { state: 'locked', status: 'degraded', usageDropped: 0 });
    const { body } = await asAdmin(ocp, 'GET', '/api/doctor');
    assert.match(JSON.stringify(body), /database_usable[^}]*FAIL|FAIL[^}]*database_usable/u);
    delay.disable();
    t.diagnostic(`the loop waited ${Math.round(delay.max / 1e6)} ms at most`);
    assert.ok(delay.max < 150e6, `${delay.max / 1e6} ms`);
    other.exec('ROLLBACK');
    await until(async () => (await storageOf(ocp)).state === 'ok');
    await until(async () => (await storageOf(ocp)).usageWaiting === 0);
    assert.equal(await requestsOf(ocp, key), 5);
    assert.equal((await asAdmin(ocp, 'PATCH', `/api/keys/${id}`, { note: 'n' })).status, 200);
  });
});
