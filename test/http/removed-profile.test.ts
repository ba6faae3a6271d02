import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { profilesIn } from '../../src/claude/profiles.ts';
import { asAdmin, bearer, newKey, remote, send, startMulti } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { untilHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { errorOf, post, question } from './chat-support.ts';

/** Asks for words that never end while a test runs. */
const goOn = '[[fake:{"tokens":100000,"intervalMs":20}]]';

/** How many processes run under a login; none can be seen where there is no /proc. */
function workersOf(folder: string): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/u.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`CLAUDE_CONFIG_DIR=${folder}\0`)
      );
    } catch {
      return false;
    }
  }).length;
}

async function startWithAnna(): Promise<{ ocp: Ocp; folder: string; anna: Record<string, string> }> {
  const ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary }, config: { sparesMemoryMb: 1000 } });
  const folder = join(ocp.home, 'ocp', 'profiles', 'anna');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { key } = await newKey(ocp, { name: 'laptop', profile: 'anna' });
  return { ocp, folder, anna: { ...remote, ...bearer(key) } };
}

suite('a profile that is removed', { timeout: 90_000 }, () => {
  for (const [how, remove] of [
    ['by the command', async (ocp, _folder) => profilesIn(join(ocp.home, 'ocp')).remove('anna')],
    ['with its folder', async (_ocp, folder) => rm(folder, { recursive: true })],
    [
      'while turns still run on a login that was renewed',
      async (ocp, folder) => {
        assert.equal((await asAdmin(ocp, 'POST', '/api/profiles/anna/renew')).status, 200);
        await rm(folder, { recursive: true });
      },
    ],
    [
      'and the server is told',
      async (ocp, folder) => {
        await rm(folder, { recursive: true });
        await asAdmin(ocp, 'POST', '/api/profiles/anna/renew');
      },
    ],
  ] as readonly (readonly [string, (ocp: Ocp, folder: string) => Promise<unknown>])[]) {
    test(`${how} takes its running turns and all its workers along`, async () => {
      const { ocp, folder, anna } = await startWithAnna();
      await using _ = ocp;
      await untilHealth(ocp, ({ workers }) => workers.spares > 0);
      assert.equal((await post(ocp, question('hello'), anna)).status, 200);
      await untilHealth(ocp, ({ workers }) => workers.conversations === 1);
      const running = await post(ocp, question(goOn, { stream: true }), anna);
      assert.equal(running.status, 200);
      assert.ok(workersOf(folder) > 0 || process.platform !== 'linux');
      await remove(ocp, folder);
      assert.match(await running.text(), /"error"/u);
      await untilHealth(ocp, ({ workers }) => workers.conversations === 0 && workers.busy === 0);
      await until(() => workersOf(folder) === 0);
      assert.match((await errorOf(await post(ocp, question('hello'), anna))).message, /profile 'anna'/u);
    });
  }
});

suite('POST /api/profiles/:name/renew', { timeout: 90_000 }, () => {
  test('is for the admin, knows only profiles that exist, and cuts no running turn', async () => {
    const { ocp, folder, anna } = await startWithAnna();
    await using _ = ocp;
    assert.equal((await send(ocp, 'POST', '/api/profiles/anna/renew', {}, anna)).status, 403);
    assert.equal((await send(ocp, 'POST', '/api/profiles/anna/renew', {}, remote)).status, 401);
    for (const name of ['nobody', 'No%20Name', '..%2f..', 'a'.repeat(33)]) {
      assert.equal((await asAdmin(ocp, 'POST', `/api/profiles/${name}/renew`)).status, 404, name);
    }
    assert.equal((await asAdmin(ocp, 'POST', '/api/profiles/default/renew')).status, 200);
    const running = await post(ocp, question('[[fake:{"tokens":100,"intervalMs":20}]]', { stream: true }), anna);
    const token = 'a-token-that-looks-like-nothing-in-particular';
    const login = { kind: 'variables', storedAt: Date.now(), env: { SOME_BEARER_OF_A_CLOUD: token } };
    await writeFile(join(folder, 'ocp-login.json'), JSON.stringify(login), { mode: 0o600 });
    assert.equal((await asAdmin(ocp, 'POST', '/api/profiles/anna/renew')).status, 200);
    const text = await running.text();
    assert.match(text, /\[DONE\]/u);
    assert.doesNotMatch(text, /"error"/u);
    // Wrong keys are not logged; the path of a failed login is.
    await send(ocp, 'GET', `/v1/models/${token}`, undefined, { ...remote, ...bearer('wrong-key-of-somebody') });
    assert.ok(ocp.log.some((line) => line.includes('login_failed')));
    assert.ok(!ocp.log.join('\n').includes(token), 'a stored login reached the log');
  });
});
