import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { adminKey, bearer, newKey, remote, send, startMulti } from '../support/admin.ts';
import { fakeClaude, fakeClaudeBinary, writeScenario } from '../support/fake-claude.ts';
import type { Ocp, OcpOptions } from '../support/ocp.ts';
import { temporaryFolder } from '../support/temporary.ts';

const surfaces = {
  '/v1/chat/completions': (text: string) => ({ messages: [{ role: 'user', content: text }] }),
  '/v1/messages': (text: string) => ({ max_tokens: 100, messages: [{ role: 'user', content: text }] }),
  '/v1/responses': (text: string) => ({ input: text }),
} as const;
const counts = {
  '/v1/messages/count_tokens': { model: 'sonnet', messages: [{ role: 'user', content: 'hi' }] },
  '/v1/responses/input_tokens': { model: 'sonnet', input: 'hi' },
} as const;
/** One token, and then nothing until the client is gone. */
const endless = '[[fake:{"tokens":2,"intervalMs":60000}]]';

const nameOf = (text: string): string => text.replaceAll(/[^a-z0-9]+/gu, '-').replaceAll(/^-|-$/gu, '');

interface Used {
  readonly requests: number;
  readonly tokens: number;
  readonly usd: number;
}

async function usedToday(ocp: Pick<Ocp, 'url'>, key: string): Promise<Used> {
  const { body } = await send(ocp, 'GET', '/api/me', undefined, { ...remote, ...bearer(key) });
  return (body as { used: { daily: Used } }).used.daily;
}

/** Asks until it is so: what a hang-up leads to is not told to the client. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const running = async (ocp: Ocp): Promise<number> =>
  ((await ocp.health())['concurrency'] as { inflight: number }).inflight;

/** Sends a request and hangs up: when the first bytes of the answer are there, or when the model has said something. */
async function hangUp(ocp: Ocp, key: string, path: string, body: object, stream: boolean): Promise<void> {
  const abort = new AbortController();
  const response = fetch(`${ocp.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...remote, ...bearer(key) },
    body: JSON.stringify({ model: 'sonnet', stream, ...body }),
    signal: abort.signal,
  });
  response.catch(() => {});
  if (stream) await (await response).body?.getReader().read();
  else await until(async () => isStreaming(ocp));
  abort.abort();
  await until(async () => (await running(ocp)) === 0);
}

/** Whether a request has begun to answer, as the dashboard shows it. */
async function isStreaming(ocp: Ocp): Promise<boolean> {
  const abort = new AbortController();
  const { body } = await fetch(`${ocp.url}/api/events`, {
    headers: { ...remote, ...bearer(adminKey) },
    signal: abort.signal,
  });
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (/event: live\ndata: .*\n\n/u.test(text)) break;
  }
  abort.abort();
  return /event: live\ndata: .*"state":"streaming"/u.test(text);
}

test('a request counts when its client hangs up once the model has begun', { timeout: 120_000 }, async (t) => {
  const env = { CLAUDE_BIN: fakeClaudeBinary, OCP_HOME: temporaryFolder(t) };
  const keys: { readonly key: string; readonly wanted: number }[] = [];
  {
    await using ocp = await startMulti({ env });
    for (const [path, body] of Object.entries(surfaces)) {
      for (const stream of [true, false]) {
        const { key } = await newKey(ocp, { name: nameOf(`${path} ${stream}`), limits: { requests: { daily: 1 } } });
        await hangUp(ocp, key, path, body(endless), stream);
        assert.equal((await usedToday(ocp, key)).requests, 1, `${path} ${stream}`);
        const refused = await send(
          ocp,
          'POST',
          path,
          { model: 'sonnet', ...body('hi') },
          { ...remote, ...bearer(key) },
        );
        assert.equal(refused.status, 429);
        keys.push({ key, wanted: 1 });
      }
    }
    const { key } = await newKey(ocp, { name: 'before' });
    const before = '[[fake:{"ignores":["query"]}]]';
    const abort = new AbortController();
    const waiting = fetch(`${ocp.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...remote, ...bearer(key) },
      body: JSON.stringify({ model: 'sonnet', ...surfaces['/v1/chat/completions'](before) }),
      signal: abort.signal,
    });
    waiting.catch(() => {});
    await until(async () => (await running(ocp)) === 1);
    abort.abort();
    await until(async () => (await running(ocp)) === 0);
    assert.equal((await usedToday(ocp, key)).requests, 0, 'the model has not begun');
    keys.push({ key, wanted: 0 });
  }
  await using ocp = await startMulti({ env });
  for (const { key, wanted } of keys) assert.equal((await usedToday(ocp, key)).requests, wanted, 'after a restart');
});

test('every reader of one answer in the making counts, also one that hangs up', { timeout: 60_000 }, async () => {
  await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_CACHE_TTL: '60000' } });
  const { key } = await newKey(ocp, { name: 'joined', limits: { requests: { daily: 3 } } });
  const body = surfaces['/v1/chat/completions'](endless);
  await Promise.all([1, 2, 3].map(async () => hangUp(ocp, key, '/v1/chat/completions', body, true)));
  assert.equal((await usedToday(ocp, key)).requests, 3);
  const hit = surfaces['/v1/chat/completions']('short');
  const { key: other } = await newKey(ocp, { name: 'hit' });
  for (let time = 0; time < 2; time += 1)
    await send(ocp, 'POST', '/v1/chat/completions', { model: 'sonnet', ...hit }, { ...remote, ...bearer(other) });
  assert.equal((await usedToday(ocp, other)).requests, 2);
});

test('a budget counts what the CLI says of the cost, once', { timeout: 60_000 }, async (t) => {
  const fake = fakeClaude(t, { costUsd: 0.25, tokens: 2000 });
  await using ocp = await startMulti({ env: { CLAUDE_BIN: fake.binary, CLAUDE_CONFIG_DIR: fake.configDir } });
  const { key } = await newKey(ocp, { name: 'money', limits: { usd: { daily: 0.6 } } });
  const ask = async (): Promise<number> => {
    const body = { model: 'sonnet', ...surfaces['/v1/chat/completions']('hi') };
    return (await send(ocp, 'POST', '/v1/chat/completions', body, { ...remote, ...bearer(key) })).status;
  };
  for (const total of [0.25, 0.5]) {
    assert.equal(await ask(), 200);
    await until(async () => Math.abs((await usedToday(ocp, key)).usd - total) < 1e-9);
  }
  assert.equal((await usedToday(ocp, key)).requests, 2);
});

test('hanging up does not make an answer cheaper than what was said of it', { timeout: 60_000 }, async () => {
  await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
  const { key } = await newKey(ocp, { name: 'cut' });
  await hangUp(ocp, key, '/v1/chat/completions', surfaces['/v1/chat/completions'](endless), true);
  const used = await usedToday(ocp, key);
  assert.ok(used.usd > 0 && used.tokens > 0, JSON.stringify(used));
});

test('counting tokens is held to the limits of a key, and uses up none', { timeout: 60_000 }, async (t) => {
  const fake = fakeClaude(t, {});
  await using ocp = await startMulti({
    env: { CLAUDE_BIN: fake.binary, CLAUDE_CONFIG_DIR: fake.configDir },
    limits: { countTimeoutMs: 4000 },
  });
  for (const [path, body] of Object.entries(counts)) {
    const count = async (key: string, more: object = {}): Promise<Awaited<ReturnType<typeof send>>> =>
      send(ocp, 'POST', path, { ...body, ...more }, { ...remote, ...bearer(key) });
    for (const limits of [{ requests: { daily: 0 } }, { tokens: { weekly: 0 } }, { usd: { monthly: 0 } }]) {
      const { key } = await newKey(ocp, { name: nameOf(`${path} ${JSON.stringify(limits)}`), limits });
      const refused = await count(key);
      assert.equal(refused.status, 429, JSON.stringify(limits));
      assert.match(refused.text, /Quota exceeded/u);
      assert.ok(refused.headers.has('retry-after'));
    }
    const { key: once } = await newKey(ocp, { name: nameOf(`${path} once`), limits: { requests: { daily: 1 } } });
    for (let time = 0; time < 3; time += 1) assert.equal((await count(once)).status, 200);
    assert.equal((await usedToday(ocp, once)).requests, 0);
    const { key: rate } = await newKey(ocp, { name: nameOf(`${path} rate`), limits: { requestsPerMinute: 1 } });
    assert.deepEqual([(await count(rate)).status, (await count(rate)).status], [200, 429]);
    const { key: single } = await newKey(ocp, { name: nameOf(`${path} single`), limits: { concurrentTurns: 1 } });
    const statuses = (await Promise.all([count(single), count(single)])).map(({ status }) => status);
    assert.deepEqual(new Set(statuses), new Set([200, 429]));
    assert.equal((await count(single)).status, 200, 'the place is free again');
    const { key: haiku } = await newKey(ocp, { name: nameOf(`${path} haiku`), models: ['haiku'] });
    assert.equal((await count(haiku)).status, 404);
    assert.equal((await count('ocp_00000000000000000000000000000000')).status, 401);
  }
  writeScenario(fake.configDir, { ignores: ['control'] });
  const { key } = await newKey(ocp, { name: 'slow' });
  // A model of which no worker is parked.
  const slow = await send(
    ocp,
    'POST',
    '/v1/messages/count_tokens',
    { ...counts['/v1/messages/count_tokens'], model: 'haiku' },
    { ...remote, ...bearer(key) },
  );
  assert.equal(slow.status, 504, slow.text);
  await until(async () => (await running(ocp)) === 0);
});

test('the cache tells apart whatever shapes an answer, over a restart', { timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const same = {
    CLAUDE_BIN: fakeClaudeBinary,
    CLAUDE_CACHE_TTL: '3600000',
    OCP_HOME: join(folder, 'ocp'),
    HOME: folder,
    CLAUDE_CONFIG_DIR: join(folder, 'claude'),
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    CLAUDE_AUTH_MODE: 'none',
  };
  const hits = async (env: OcpOptions['env'], ...bodies: object[]): Promise<number> => {
    await using ocp = await startMulti({ env: { ...same, ...env } });
    const before = await cacheHits(ocp);
    for (const body of bodies) {
      const reply = await send(ocp, 'POST', '/v1/chat/completions', {
        model: 'sonnet',
        messages: [{ role: 'user', content: 'hi' }],
        ...body,
      });
      assert.equal(reply.status, 200, reply.text);
    }
    return (await cacheHits(ocp)) - before;
  };
  const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
  const bodies = [
    { max_tokens: 7 },
    { temperature: 0.5 },
    { stop: ['x'] },
    { tools: [tool] },
    { tools: [tool], tool_choice: 'none' },
    { reasoning_effort: 'high' },
    { model: 'opus' },
  ];
  assert.equal(await hits({}, {}, ...bodies), 0);
  assert.equal(await hits({}, {}, ...bodies), bodies.length + 1, 'kept over a restart');
  for (const env of [
    { CLAUDE_SYSTEM_PROMPT: 'Be brief.' },
    { ANTHROPIC_BASE_URL: 'http://127.0.0.1:10' },
    { OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL,ANTHROPIC_API_KEY,MAX_THINKING_TOKENS', MAX_THINKING_TOKENS: '2000' },
    { ANTHROPIC_API_KEY: 'sk-ant-api03-another' },
  ]) {
    assert.equal(await hits(env, {}), 0, JSON.stringify(env));
  }
  assert.equal(await hits({ OCP_DEFAULT_MODEL: 'haiku' }, { model: 'default' }), 0);
  assert.equal(await hits({}, {}), 1, 'the first is still there');
});

async function cacheHits(ocp: Ocp): Promise<number> {
  const { body } = await send(ocp, 'GET', '/cache/stats');
  return (body as { totalHits: number }).totalHits;
}
