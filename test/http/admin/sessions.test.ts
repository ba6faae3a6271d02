import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send, asAdmin, bearer, newKey, remote, startMulti } from '../../support/admin.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import { startOcp } from '../../support/ocp.ts';
import { untilHealth } from '../../support/health.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { post, question } from '../chat-support.ts';

interface Listed {
  readonly sessions: readonly Record<string, unknown>[];
  readonly liveConversations: number;
}

test('/sessions lists the conversations that clients named, and forgets them', { timeout: 60_000 }, async () => {
  await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary }, config: { sparesMemoryMb: 1000 } });
  const { key, id } = await newKey(ocp, { name: 'laptop' });
  const asKey = { ...remote, ...bearer(key), 'x-session-id': 'my conversation' };
  assert.equal((await post(ocp, question('one'), asKey)).status, 200);
  assert.equal((await post(ocp, question('two'))).status, 200);
  await untilHealth(ocp, ({ workers }) => workers.conversations === 2);
  const list = async (): Promise<Listed> => (await asAdmin(ocp, 'GET', '/sessions')).body as Listed;
  const { sessions, liveConversations } = await list();
  assert.equal(sessions.length, 1);
  assert.partialDeepStrictEqual(sessions[0], { id: 'my conversation', owner: `key:${id}`, messages: 2 });
  assert.match(String(sessions[0]?.['uuid']), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(!Number.isNaN(Date.parse(String(sessions[0]?.['lastUsed']))));
  assert.equal(liveConversations, 2);
  const cleared = await asAdmin(ocp, 'DELETE', '/sessions');
  assert.deepEqual([cleared.status, cleared.body], [200, { cleared: 1 }]);
  assert.deepEqual(await list(), { sessions: [], liveConversations: 0 });
  // What the client sends alone is now all there is.
  await post(ocp, question('three'), asKey);
  assert.equal((await list()).sessions[0]?.['messages'], 2);
  const { entries } = (await asAdmin(ocp, 'GET', '/api/audit')).body as { entries: Record<string, unknown>[] };
  assert.partialDeepStrictEqual(entries[0], { action: 'sessions.clear', after: { cleared: 1 } });
});

test('/logs gives the newest lines of a level, over a restart as well', { timeout: 60_000 }, async (t) => {
  const env = { CLAUDE_BIN: fakeClaudeBinary, OCP_HOME: temporaryFolder(t) };
  const logs = async (
    url: string,
    query = '',
  ): Promise<{ count: number; level: string; entries: { event: string; level: string }[] }> =>
    (await send({ url }, 'GET', `/logs${query}`)).body as never;
  {
    await using ocp = await startOcp({ env });
    await post(ocp, question('one'));
    await post(ocp, question('two'));
    const all = await logs(ocp.url);
    assert.equal(all.level, 'all');
    assert.equal(all.count, all.entries.length);
    assert.deepEqual(all.entries.filter(({ event }) => event === 'request').length, 2);
    assert.equal((await logs(ocp.url, '?n=1')).entries[0]?.event, 'request');
    for (const query of ['?n=0', '?n=x', '?n=-3', '?level=loud', '?n=999']) {
      assert.ok((await logs(ocp.url, query)).count >= 2, query);
    }
    assert.deepEqual((await logs(ocp.url, '?level=error')).entries, []);
  }
  await using ocp = await startOcp({ env });
  assert.equal((await logs(ocp.url)).entries.filter(({ event }) => event === 'request').length, 2);
});
