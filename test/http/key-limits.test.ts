import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { workerHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { errorOf, post, question } from './chat-support.ts';

const ADMIN = 'the-admin-key';
const ANONYMOUS = 'ocp_public_anon';

suite('limits of a key', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startOcp({
      env: {
        CLAUDE_BIN: fakeClaudeBinary,
        CLAUDE_AUTH_MODE: 'multi',
        OCP_ADMIN_KEY: ADMIN,
        PROXY_ANONYMOUS_KEY: ANONYMOUS,
        CLAUDE_MAX_QUEUE: '100',
      },
    });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  async function admin(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${ocp.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${response.ok ? '' : await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }
  async function keyWith(name: string, properties: object): Promise<string> {
    const { key } = await admin('POST', '/api/keys', { name, ...properties });
    return String(key);
  }
  const ask = async (key: string, fields: object = {}, text = 'hello'): Promise<Response> =>
    post(ocp, question(text, fields), { authorization: `Bearer ${key}` });
  const turns = async (): Promise<number> => {
    const { live, spare, recycled, started } = (await workerHealth(ocp)).workers.origins;
    return live + spare + recycled + started;
  };
  const used = async (name: string): Promise<Record<string, { limit: number | null; used: number }>> =>
    (await admin('GET', `/api/keys/${name}/quota`)) as Record<string, { limit: number | null; used: number }>;

  test('50 requests at once against a quota of 10 end in exactly 10 successes, and touch no worker for the others', async () => {
    const before = await turns();
    const key = await keyWith('burst', { limits: { requests: { daily: 10 } } });
    const responses = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => ask(key, { stream: index % 2 === 0 })),
    );
    const statuses = responses.map(({ status }) => status);
    await Promise.all(responses.map(async (response) => response.text()));
    assert.equal(statuses.filter((status) => status === 200).length, 10);
    assert.equal(statuses.filter((status) => status === 429).length, 40);
    assert.equal((await turns()) - before, 10);
    assert.deepEqual((await used('burst'))['daily'], { limit: 10, used: 10 });
    assert.deepEqual((await used('burst'))['weekly'], { limit: null, used: 10 });
  });

  test('the refusal has the shape of the README on every surface, and Retry-After', async () => {
    const before = await turns();
    const key = await keyWith('shape', { limits: { requests: { daily: 0 } } });
    const headers = { authorization: `Bearer ${key}` };
    const quota = { period: 'daily', limit: 0, used: 0 };
    for (const stream of [false, true]) {
      const response = await post(ocp, question('hello', { stream }), headers);
      const { error } = (await response.json()) as { error: Record<string, unknown> };
      const { resetsIn, ...rest } = error['quota'] as Record<string, unknown>;
      assert.equal(response.status, 429);
      assert.deepEqual([error['type'], error['code'], rest], ['quota_exceeded', 'quota_exceeded', quota]);
      assert.equal(error['message'], `Quota exceeded: 0/0 requests (daily). Resets ${String(resetsIn)}.`);
      assert.match(String(resetsIn), /^(?:\d+h )?\d+m$/u);
      const retryAfter = Number(response.headers.get('retry-after'));
      assert.ok(retryAfter > 0 && retryAfter <= 86_400);
      assert.equal(response.headers.get('x-should-retry'), 'false');
    }
    const send = async (
      path: string,
      body: object,
    ): Promise<{ status: number; text: string; retryAfter: string | null; retry: string | null }> => {
      const response = await fetch(`${ocp.url}${path}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return {
        status: response.status,
        text: await response.text(),
        retryAfter: response.headers.get('retry-after'),
        retry: response.headers.get('x-should-retry'),
      };
    };
    const message = await send('/v1/messages', { ...question('hello'), max_tokens: 10 });
    assert.equal(message.status, 429);
    assert.ok(message.retryAfter !== null);
    assert.equal(message.retry, 'false');
    const body = JSON.parse(message.text) as { type: string; error: Record<string, unknown> };
    assert.deepEqual([body.type, body.error['type']], ['error', 'billing_error']);
    const response = await send('/v1/responses', { model: 'sonnet', input: 'hello' });
    assert.deepEqual([response.status, response.retryAfter !== null, response.retry], [429, true, 'false']);
    assert.match(response.text, /Quota exceeded: 0\/0 requests \(daily\)/u);
    assert.equal(await turns(), before);
  });

  test('only successful requests count', async () => {
    const key = await keyWith('fails', { limits: { requests: { weekly: 1 } } });
    assert.equal((await ask(key, { model: 'no-such-model' })).status, 404);
    assert.equal((await ask(key, {}, '[[fake:{"exit":{"at":"token"}}]]')).status, 502);
    assert.equal((await ask(key)).status, 200);
    const refused = await ask(key);
    assert.equal(refused.status, 429);
    assert.match((await errorOf(refused)).message, /1\/1 requests \(weekly\)\. Resets rolling 7-day window\.$/u);
  });

  test('a changed quota counts at once', async () => {
    const key = await keyWith('change', { limits: { requests: { daily: 0 } } });
    assert.equal((await ask(key)).status, 429);
    await admin('PATCH', '/api/keys/change/quota', { daily: 1 });
    assert.equal((await ask(key)).status, 200);
    assert.equal((await ask(key)).status, 429);
    await admin('PATCH', '/api/keys/change/quota', { daily: null });
    assert.equal((await ask(key)).status, 200);
  });

  test('budgets of tokens and USD are reserved before and settled with what was used', async () => {
    const tokens = await keyWith('tokens', { limits: { tokens: { daily: 2000 } } });
    const refused = await ask(tokens, { max_tokens: 5000 });
    assert.equal(refused.status, 429);
    assert.match(
      (await errorOf(refused)).message,
      /^Quota exceeded: 0\/2000 tokens \(daily\)\. This request may need 5\d\d\d\./u,
    );
    for (let time = 0; time < 3; time += 1) assert.equal((await ask(tokens, { max_tokens: 500 })).status, 200);
    const usd = await keyWith('usd', { limits: { usd: { monthly: 0.001 } } });
    const dear = await ask(usd, { max_tokens: 5000 });
    assert.equal(dear.status, 429);
    assert.match(
      (await errorOf(dear)).message,
      /USD \(monthly\)\. This request may need 0\.0[56]\d*\. Resets rolling 30-day/u,
    );
  });

  test('requests a minute and concurrent turns are a 429 of their own', async () => {
    const minute = await keyWith('minute', { limits: { requestsPerMinute: 2 } });
    const statuses = [await ask(minute), await ask(minute), await ask(minute)].map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 429]);
    const third = await ask(minute);
    const retryAfter = Number(third.headers.get('retry-after'));
    assert.equal((await errorOf(third)).code, 'rate_limit_exceeded');
    assert.ok(retryAfter > 50 && retryAfter <= 60);
    const concurrent = await keyWith('concurrent', { limits: { concurrentTurns: 1 } });
    const slow = '[[fake:{"tokens":2,"intervalMs":300}]]';
    const [one, two] = await Promise.all([ask(concurrent, {}, slow), ask(concurrent, {}, slow)]);
    assert.deepEqual(
      [one?.status, two?.status].toSorted((a = 0, b = 0) => a - b),
      [200, 429],
    );
    await Promise.all([one?.text(), two?.text()]);
    assert.equal((await ask(concurrent)).status, 200, 'the place is free again');
  });

  test('models outside of the list are a 404 that names the list, and the key has a default of its own', async () => {
    const key = await keyWith('models', { models: ['haiku', 'claude-opus-4-6'], defaultModel: 'haiku' });
    const refused = await ask(key, { model: 'sonnet' });
    assert.equal(refused.status, 404);
    const error = await errorOf(refused);
    assert.equal(error.code, 'model_not_found');
    assert.match(error.message, /haiku, claude-opus-4-6/u);
    const listed = await fetch(`${ocp.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    const { data } = (await listed.json()) as { readonly data: readonly { readonly id: string }[] };
    assert.deepEqual(
      data.map(({ id }) => id),
      ['claude-haiku-5-5', 'claude-opus-4-6'],
    );
    const { messages } = question('hello');
    const unnamed = await post(ocp, { messages }, { authorization: `Bearer ${key}` });
    assert.equal(unnamed.status, 200);
    assert.equal((await ask(key, { model: 'claude-haiku-5-5' })).status, 200);
    const asked = ocp.log.filter((line) => line.includes('"modelAnswered":"claude-haiku-5-5"'));
    assert.equal(asked.length, 2);
  });

  test('the admin and callers on this machine have none; the public key has those of the key named anonymous', async () => {
    await keyWith('anonymous', { limits: { requests: { daily: 1 } } });
    assert.equal((await ask(ANONYMOUS)).status, 200);
    assert.equal((await ask(ANONYMOUS)).status, 429);
    assert.equal((await ask(ADMIN)).status, 200);
    assert.equal((await post(ocp, question('hello'))).status, 200);
    assert.deepEqual((await used('anonymous'))['daily'], { limit: 1, used: 1 });
    await admin('DELETE', '/api/keys/anonymous');
    assert.equal((await ask(ANONYMOUS)).status, 200);
  });
});
