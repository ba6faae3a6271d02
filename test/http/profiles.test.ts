import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startOcp } from '../support/ocp.ts';

const admin = 'an-admin-key-for-the-tests';

test('a key that is bound to a profile is answered with that login only, and so is nobody else', async () => {
  await using ocp = await startOcp({ env: { CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: admin } });
  const folder = join(ocp.home, 'ocp', 'profiles', 'alice');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'setup-token'), 'sk-ant-oat01-of-alice');
  const call = async (
    path: string,
    key: string,
    body: object,
  ): Promise<{ status: number; body: Record<string, string> }> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    const method = path.startsWith('/api/keys/') ? 'PATCH' : 'POST';
    const reply = await fetch(`${ocp.url}${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: reply.status, body: (await reply.json()) as Record<string, string> };
  };
  const hello = { model: 'sonnet', messages: [{ role: 'user', content: 'hello' }] };
  const { body: alice } = await call('/api/keys', admin, { name: 'alice' });
  const { body: bob } = await call('/api/keys', admin, { name: 'bob' });
  assert.equal((await call('/api/keys/alice', admin, { profile: 'nowhere' })).status, 400);
  assert.equal((await call('/api/keys/alice', admin, { profile: 'alice' })).status, 200);
  assert.equal((await call('/v1/chat/completions', alice['key'] ?? '', hello)).status, 200);
  assert.equal((await call('/v1/chat/completions', bob['key'] ?? '', hello)).status, 200);
  const [hers, his] = ocp.simulator.log.messages().map((record) => record.headers);
  assert.equal(hers?.['authorization'], 'Bearer sk-ant-oat01-of-alice');
  assert.equal(hers?.['x-api-key'], undefined);
  assert.equal(his?.['x-api-key'], 'sk-ant-api03-fake');

  // Once the CLI has spoken of her plan, she is told of it with every answer, refusals too; he shares his with a household.
  const told = async (key: string | undefined, body: object): Promise<readonly [number, string | null]> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    const path = `${ocp.url}/v1/chat/completions`;
    const reply = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    await reply.text();
    return [reply.status, reply.headers.get('anthropic-ratelimit-unified-status')];
  };
  assert.deepEqual(await told(alice['key'], hello), [200, 'allowed']);
  assert.deepEqual(await told(alice['key'], { ...hello, messages: [] }), [400, 'allowed']);
  assert.deepEqual(await told(bob['key'], hello), [200, null]);
  assert.deepEqual(await told(bob['key'], { ...hello, messages: [] }), [400, null]);
});
