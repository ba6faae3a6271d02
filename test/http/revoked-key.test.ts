import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { untilHealth } from '../support/health.ts';
import { asAdmin, bearer, newKey, remote, send, startMulti } from '../support/admin.ts';
import { errorOf, post, question } from './chat-support.ts';

/** Asks for words that never end while a test runs. */
const goOn = '[[fake:{"tokens":100000,"intervalMs":20}]]';

suite('a key that ends', { timeout: 60_000 }, () => {
  for (const [how, end] of [
    ['is revoked', async (ocp) => asAdmin(ocp, 'DELETE', '/api/keys/laptop')],
    ['is switched off', async (ocp) => asAdmin(ocp, 'PATCH', '/api/keys/laptop', { enabled: false })],
    [
      'expires',
      async (ocp) => {
        const expiresAt = new Date(Date.now() + 200).toISOString();
        return asAdmin(ocp, 'PATCH', '/api/keys/laptop', { expiresAt });
      },
    ],
  ] as readonly (readonly [string, (ocp: { url: string }) => Promise<unknown>])[]) {
    test(`because it ${how} ends its running answers and its workers, and nobody else’s`, async () => {
      await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary }, config: { sparesMemoryMb: 1000 } });
      const [laptop, tablet] = [await newKey(ocp, { name: 'laptop' }), await newKey(ocp, { name: 'tablet' })];
      const as = (key: string): Record<string, string> => ({ ...remote, ...bearer(key) });
      // One conversation of each that waits for its next message.
      for (const { key } of [laptop, tablet]) assert.equal((await post(ocp, question('hello'), as(key))).status, 200);
      await untilHealth(ocp, ({ workers }) => workers.conversations === 2 && workers.spares === 2);
      const ended = await post(ocp, question(goOn, { stream: true }), as(laptop.key));
      const other = await post(ocp, question(goOn, { stream: true }), as(tablet.key));
      const plain = post(ocp, question(goOn), as(laptop.key));
      assert.deepEqual([ended.status, other.status], [200, 200]);
      await end(ocp);

      const text = await ended.text();
      assert.match(text, /"code":"invalid_api_key"/);
      assert.equal((await errorOf(await plain)).code, 'invalid_api_key');
      assert.equal((await send(ocp, 'GET', '/v1/models', undefined, as(laptop.key))).status, 401);
      const reader = other.body?.getReader();
      assert.equal((await reader?.read())?.done, false, 'the other key was cut off as well');
      await untilHealth(ocp, ({ workers }) => workers.conversations === 1);
      await reader?.cancel();
    });
  }
});
