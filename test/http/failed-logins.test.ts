import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { after, before, suite, test } from 'node:test';
import { adminKey, bearer, newKey, remote, send } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';

const AT_ONCE = 40;
const home = '203.0.113.7';

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });

suite('ten thousand guesses, while a family of five tools works on', { timeout: 180_000 }, () => {
  let ocp: Ocp;
  let agent: Agent;
  const keys: string[] = [];

  before(async () => {
    ocp = await startOcp({
      env: {
        CLAUDE_BIN: fakeClaudeBinary,
        CLAUDE_AUTH_MODE: 'multi',
        OCP_ADMIN_KEY: adminKey,
        OCP_METRICS_TOKEN: 'token-for-metrics',
        OCP_TRUSTED_PROXIES: '127.0.0.1',
      },
      limits: { logins: { firstDelayMs: 1, longestDelayMs: 20 } },
    });
    agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE + 10 });
    // The admin has worked at home before.
    for (const name of ['anna', 'ben', 'carla', 'dora', 'stale']) keys.push((await newKey(ocp, { name })).key);
    await send(ocp, 'DELETE', '/api/keys/stale', undefined, { ...remote, ...bearer(adminKey) });
  });
  after(async () => {
    agent.destroy();
    await ocp[Symbol.asyncDispose]();
  });

  const ask = async (path: string, headers: Record<string, string>): Promise<{ status: number; retryAfter: number }> =>
    new Promise((resolve, reject) => {
      request(`${ocp.url}${path}`, { agent, headers }, (response) => {
        response.resume();
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, retryAfter: Number(response.headers['retry-after'] ?? 0) }),
        );
      })
        .once('error', reject)
        .end();
    });

  /** Guesses with the right secret among them, and the family's requests between; how often each status came. */
  async function attack(
    addressOf: (nth: number) => string,
    path: string,
    right: string,
    guesses: number,
  ): Promise<Map<number, number>> {
    const statuses = new Map<number, number>();
    let next = 0;
    const isOn = (): boolean => next < guesses;
    const guess = async (): Promise<void> => {
      while (isOn()) {
        const nth = (next += 1);
        // Behind the first thousand, so that the limits have been reached.
        const key = nth > 1000 && nth % 500 === 0 ? right : `guess-${path}-${nth}`;
        const { status, retryAfter } = await ask(path, { ...from(addressOf(nth)), 'x-api-key': key });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 429) assert.ok(retryAfter >= 1);
      }
    };
    const family = async (): Promise<void> => {
      while (isOn()) {
        const [stale = '', ...good] = keys.toReversed();
        for (const key of good)
          assert.equal((await ask('/v1/models', { ...from(home), ...bearer(key) })).status, 200, 'a key of the family');
        assert.ok([401, 429].includes((await ask('/v1/models', { ...from(home), ...bearer(stale) })).status));
        assert.equal((await ask('/api/keys', { ...from(home), ...bearer(adminKey) })).status, 200, 'the admin at home');
      }
    };
    await Promise.all([...Array.from({ length: AT_ONCE }, guess), family()]);
    return statuses;
  }

  const targets = [
    ['the admin key', '/api/keys', adminKey, 10_000],
    ['the token for metrics', '/metrics', 'token-for-metrics', 2000],
  ] as const;
  for (const [what, path, right, guesses] of targets) {
    test(`of ${what} from one address get nowhere`, async () => {
      const statuses = await attack(() => `198.51.100.${path.length}`, path, right, guesses);
      assert.equal(statuses.get(200), undefined);
      assert.ok((statuses.get(401) ?? 0) <= 100, JSON.stringify([...statuses]));
    });

    test(`of ${what} from as many addresses get nowhere`, async () => {
      const statuses = await attack((nth) => `2001:db8:${nth.toString(16)}:${path.length}::1`, path, right, guesses);
      assert.equal(statuses.get(200), undefined);
      assert.ok((statuses.get(401) ?? 0) <= 1500, JSON.stringify([...statuses]));
    });
  }

  test('leave a log of a bounded length', () => {
    const lines = ocp.log.filter((line) => line.includes('login_failed'));
    assert.ok(lines.length > 0 && lines.length <= 4000, String(lines.length));
    assert.ok(lines.some((line) => line.includes('"address":"198.51.100.9"')));
  });
});

suite('wrong keys over HTTP', { timeout: 60_000 }, () => {
  const env = { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: adminKey };
  const logins = { free: 2, most: 4, firstDelayMs: 30 };

  test('are slowed down and then refused, while a key that OCP made is answered at once', async () => {
    await using ocp = await startOcp({ env, limits: { logins } });
    const { key } = await newKey(ocp, { name: 'laptop' });
    let count = 0;
    const guess = async (): Promise<[number, number]> => {
      const startedAt = performance.now();
      // A guess of the admin key from this machine: it comes in as a local caller, but not to the admin's endpoints.
      const { status, headers } = await send(
        ocp,
        'GET',
        '/api/keys',
        undefined,
        bearer(`guess ${(count += 1)}`.replace(' ', '-')),
      );
      if (status === 429) assert.ok(Number(headers.get('retry-after')) >= 1);
      return [status, performance.now() - startedAt];
    };
    const seen = [await guess(), await guess(), await guess(), await guess(), await guess()];
    assert.deepEqual(
      seen.map(([status]) => status),
      [403, 403, 403, 403, 429],
    );
    assert.ok((seen[2]?.[1] ?? 0) >= 29 && (seen[3]?.[1] ?? 0) >= 59, JSON.stringify(seen));
    assert.equal((await send(ocp, 'GET', '/v1/models', undefined, bearer(key))).status, 200);
    assert.equal((await send(ocp, 'GET', '/api/keys', undefined, bearer(adminKey))).status, 429, 'not even looked at');
    assert.equal((await send(ocp, 'GET', '/api/keys', undefined, { ...remote, ...bearer(adminKey) })).status, 200);
    assert.equal((await send(ocp, 'GET', '/v1/models', undefined, remote)).status, 401, 'without a key it is no guess');
    assert.ok(ocp.log.some((line) => line.includes('login_failed')));
  });

  test('count wherever they stand in a request, also beside a right one', async () => {
    await using ocp = await startOcp({ env, limits: { logins: { ...logins, firstDelayMs: 1 } } });
    const { key } = await newKey(ocp, { name: 'laptop' });
    for (const nth of [1, 2, 3]) {
      const headers = { ...from('192.0.2.1'), ...bearer(`a-${nth}`), 'x-api-key': key, 'api-key': `b-${nth}` };
      assert.equal((await send(ocp, 'GET', '/v1/models', undefined, headers)).status, 200);
    }
    const probe = { ...from('192.0.2.1'), 'x-api-key': key, ...bearer('one-more') };
    assert.equal((await send(ocp, 'GET', '/api/keys', undefined, probe)).status, 429);
  });

  test('do not lock out, over a restart, an address at which the secret was right', async () => {
    const now = Date.now();
    await using first = await startOcp({ env, limits: { logins } });
    assert.equal((await send(first, 'GET', '/api/keys', undefined, bearer(adminKey))).status, 200);
    await first.stop();
    const again = { ...env, OCP_HOME: `${first.home}/ocp` };
    await using second = await startOcp({
      env: again,
      limits: { logins: { ...logins, firstDelayMs: 1 } },
      now: () => now,
    });
    for (let nth = 0; nth < 8; nth += 1) await send(second, 'GET', '/api/keys', undefined, bearer(`wrong-${nth}`));
    assert.equal((await send(second, 'GET', '/api/keys', undefined, bearer('wrong'))).status, 429);
    assert.equal((await send(second, 'GET', '/api/keys', undefined, bearer(adminKey))).status, 200);
  });

  test('lock out no secret that looks as if OCP had made it', async () => {
    const made = 'A'.repeat(43);
    await using ocp = await startOcp({
      env: { ...env, OCP_ADMIN_KEY: made },
      limits: { logins: { ...logins, firstDelayMs: 1 } },
    });
    for (let nth = 0; nth < 8; nth += 1) await send(ocp, 'GET', '/api/keys', undefined, bearer(`wrong-${nth}`));
    assert.equal((await send(ocp, 'GET', '/api/keys', undefined, bearer(made))).status, 200);
  });
});

suite('a request without a content type', () => {
  test('is let in with a right key in a header, and with nothing else', async () => {
    await using ocp = await startOcp({
      env: { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: adminKey },
    });
    const { key } = await newKey(ocp, { name: 'son-ipad' });
    // What curl sends with -d alone.
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const patch = async (headers: Record<string, string>): Promise<number> =>
      (await send(ocp, 'PATCH', '/api/keys/son-ipad/quota', '{"daily": 20}', headers)).status;
    assert.equal(await patch({ ...form, ...bearer(adminKey) }), 200);
    assert.equal(await patch({ ...form, 'x-api-key': adminKey }), 200);
    assert.equal(await patch({ ...form, ...bearer(key) }), 403);
    for (const headers of [form, { ...form, ...bearer('wrong') }, { ...form, cookie: `ocp_session=${key}` }]) {
      assert.equal(await patch(headers), 415);
    }
    const chat = JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'hi' }] });
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await send(ocp, 'POST', '/v1/chat/completions', chat, headers)).status;
    assert.equal(await post({ ...form, ...bearer(key) }), 200);
    assert.equal(await post({ 'content-type': 'text/plain', 'api-key': key }), 200);
    assert.equal(await post(form), 415, 'a caller on this machine needs no key, but a page could be it');
    assert.equal(await post({ ...form, ...bearer('placeholder') }), 415);
  });
});
