import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { adminKey, asAdmin, bearer, newKey } from '../../support/admin.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import { until } from '../../support/processes.ts';
import type { ServeProcess, Site } from '../../support/serve-process.ts';
import { createSite, kill, serve } from '../../support/serve-process.ts';
import { question } from '../chat-support.ts';

/** Servers that are killed at the same time: most of a round is waiting. */
const SERVERS = 4;
const ROUNDS = 5;
const SETTLED = 7;
/** Each has a process of its own. */
const RUNNING = 3;
/** What ended earlier than this before the kill must be there afterwards, ms. */
const PROMISED_MS = 1000;

interface KeyUsage {
  readonly key_name: string;
  readonly requests: number;
  readonly successes: number;
}

test(
  `${SERVERS * ROUNDS} kills in the middle of ${SERVERS * ROUNDS * (SETTLED + RUNNING)} requests lose no key, no setting and no settled usage`,
  {
    timeout: 300_000,
  },
  async (t) => {
    const sites = Array.from({ length: SERVERS }, () =>
      createSite(t, 'http://127.0.0.1:9', {
        CLAUDE_BIN: fakeClaudeBinary,
        CLAUDE_AUTH_MODE: 'multi',
        OCP_ADMIN_KEY: adminKey,
        CLAUDE_MAX_CONCURRENT: '16',
        OCP_SPARES_MEMORY_MB: '100',
      }),
    );
    await Promise.all(sites.map(killAgainAndAgain));
  },
);

async function killAgainAndAgain(site: Site): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const ocp = await serve(site);
    await checkKept(ocp, round);
    const { key } = await newKey(ocp, { name: `key ${round}` });
    const setting = await asAdmin(ocp, 'PATCH', '/settings', { timeout: timeoutOf(round) });
    assert.equal(setting.status, 200);
    for (let count = 0; count < SETTLED; count += 1) await (await ask(ocp, key, 'quick')).text();
    const settledAt = performance.now();
    const running = Array.from({ length: RUNNING }, async () =>
      ask(ocp, key, '[[fake:{"tokens":500,"intervalMs":20}]]'),
    );
    const open = await Promise.all(running);
    const cut = open.map(async (response) => response.text().catch(() => 'cut'));
    // The promise is about time, so time has to pass.
    await pause(Math.max(0, PROMISED_MS - (performance.now() - settledAt)));
    kill(ocp.pid);
    await ocp.ended;
    await Promise.all(cut);
    await until(() => site.processes().length === 0, 10_000);
    const database = new DatabaseSync(join(String(site.env['OCP_HOME']), 'ocp.db'));
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    database.close();
  }
  const last = await serve(site);
  await checkKept(last, ROUNDS);
  last.child.kill('SIGTERM');
  assert.equal((await last.ended).code, 0);
}

async function ask({ url }: ServeProcess, key: string, text: string): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(key) },
    body: JSON.stringify(question(text, { stream: true })),
  });
}

function timeoutOf(round: number): number {
  return 30_000 + round;
}

async function checkKept(ocp: ServeProcess, rounds: number): Promise<void> {
  const { keys } = (await asAdmin(ocp, 'GET', '/api/keys')).body as {
    readonly keys: readonly { readonly name: string }[];
  };
  const names = Array.from({ length: rounds }, (_, round) => `key ${round}`);
  assert.deepEqual(keys.map(({ name }) => name).toReversed(), names);
  const usage = (await asAdmin(ocp, 'GET', '/api/usage?all=true')).body as { readonly byKey: readonly KeyUsage[] };
  const successes = new Map(usage.byKey.map((row) => [row.key_name, row.successes]));
  for (const name of names) assert.equal(successes.get(name), SETTLED, `${name} has lost usage`);
  if (rounds === 0) return;
  const settings = (await asAdmin(ocp, 'GET', '/settings')).body as { readonly timeout: { readonly value: number } };
  assert.equal(settings.timeout.value, timeoutOf(rounds - 1));
}
