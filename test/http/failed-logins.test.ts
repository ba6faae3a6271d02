import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { startOcp } from '../support/ocp.ts';
import { adminKey, bearer, newKey, remote, send } from '../support/admin.ts';

suite('failed logins over HTTP', { timeout: 60_000 }, () => {
  const env = { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: adminKey };
  const logins = { free: 2, most: 4, firstDelayMs: 30 };

  test('are slowed down and then refused, also from this machine, while a right key is answered at once', async () => {
    await using ocp = await startOcp({ env, limits: { logins } });
    const { key } = await newKey(ocp, { name: 'laptop' });
    const guess = async (): Promise<[number, number]> => {
      const startedAt = performance.now();
      // A guess of the admin key from this machine: it comes in as a local caller, but not to the admin's endpoints.
      const { status, headers } = await send(ocp, 'GET', '/api/keys', undefined, bearer('guess'));
      if (status === 429) assert.ok(Number(headers.get('retry-after')) >= 1);
      return [status, performance.now() - startedAt];
    };
    const seen = [await guess(), await guess(), await guess(), await guess(), await guess()];
    assert.deepEqual(
      seen.map(([status]) => status),
      [403, 403, 403, 403, 429],
    );
    assert.ok((seen[2]?.[1] ?? 0) >= 29 && (seen[3]?.[1] ?? 0) >= 59, JSON.stringify(seen));
    const wrong = await send(ocp, 'GET', '/v1/models', undefined, { ...remote, ...bearer(`ocp_${'x'.repeat(32)}`) });
    assert.equal(wrong.status, 429);
    assert.equal((await send(ocp, 'GET', '/v1/models', undefined, bearer(key))).status, 200);
    assert.equal((await send(ocp, 'GET', '/api/keys', undefined, bearer(adminKey))).status, 200);
    assert.equal((await send(ocp, 'GET', '/v1/models', undefined, remote)).status, 401, 'without a key it is no guess');
    assert.ok(ocp.log.some((line) => line.includes('login_failed')));
  });
});
