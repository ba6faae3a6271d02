import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { profilesIn } from '../../src/claude/profiles.ts';
import { errorAnswer } from '../../simulator/index.ts';
import { adminKey, asAdmin, bearer, newKey, remote, send } from '../support/admin.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';

interface Health {
  readonly status: string;
  readonly auth: { readonly ok: boolean | null };
  readonly degradedProfiles?: readonly string[];
  readonly profiles?: readonly {
    readonly profile: string;
    readonly ok: boolean | null;
    readonly message: string;
    readonly tokenEndsAt?: string;
  }[];
}

const hello = { model: 'sonnet', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] };

suite('logins belong to profiles', { timeout: 120_000 }, () => {
  let ocp: Ocp;
  const keys: Record<string, string> = {};

  before(async () => {
    ocp = await startOcp({ env: { CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: adminKey } });
    for (const name of ['anna', 'ben']) {
      const folder = join(ocp.home, 'ocp', 'profiles', name);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(folder, 'setup-token'), `sk-ant-oat01-of-${name}`, { mode: 0o600 });
    }
    for (const profile of ['anna', 'ben', 'default'])
      keys[profile] = (await newKey(ocp, { name: `${profile}-laptop`, profile })).key;
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const ask = async (profile: string): ReturnType<typeof send> =>
    send(ocp, 'POST', '/v1/messages', hello, { ...remote, ...bearer(keys[profile] ?? '') });
  const health = async (headers: Record<string, string> = {}): Promise<Health> =>
    (await send(ocp, 'GET', '/health', undefined, headers)).body as Health;

  test("one person's ended login changes nothing for others, and the advice is the command that helps", async () => {
    ocp.simulator.setScript([{ reply: errorAnswer(401) }]);
    const refused = await ask('anna');
    ocp.simulator.setScript([]);
    assert.equal(refused.status, 401, refused.text);
    const { error } = refused.body as { error: { code: string; message: string } };
    assert.equal(error.code, 'not_logged_in');
    assert.match(error.message, /`ocp login anna`/u);
    assert.equal((await ask('ben')).status, 200);
    assert.equal((await ask('default')).status, 200);

    const seen = await health();
    assert.deepEqual([seen.status, seen.auth.ok], ['ok', true]);
    assert.deepEqual(seen.degradedProfiles, ['anna']);
    const [first, ...others] = seen.profiles ?? [];
    const days = others.map(({ tokenEndsAt = '' }) => Math.round((Date.parse(tokenEndsAt) - Date.now()) / 86_400_000));
    assert.deepEqual(days, [365, 365], 'a long-lived token has a year');
    assert.deepEqual([first?.profile, first?.ok], ['default', true]);
    assert.deepEqual(
      others.map(({ profile, ok, message }) => [profile, ok, message.includes('`ocp login anna`')]),
      [
        ['anna', false, true],
        ['ben', true, false],
      ],
    );
    const fromElsewhere = await health(remote);
    assert.deepEqual([fromElsewhere.profiles, fromElsewhere.degradedProfiles], [undefined, undefined]);

    const { checks } = (await asAdmin(ocp, 'GET', '/api/doctor')).body as {
      checks: { id: string; level?: string; status?: string; message: string; fix?: string }[];
    };
    assert.match(checks.find(({ id }) => id === 'oauth_ok')?.message ?? '', /logged in/u);
    const profiles = JSON.stringify(checks.find(({ id }) => id === 'profiles_ok'));
    assert.match(profiles, /not logged in: anna/u);
    assert.match(profiles, /login anna/u);
    assert.doesNotMatch(profiles, /login ben/u);
    const status = (await asAdmin(ocp, 'GET', '/status')).body as { proxy: { status: string; logins: unknown[] } };
    assert.deepEqual([status.proxy.status, status.proxy.logins.length], ['ok', 3]);
  });

  test('a login that works again is known to, with the first answer', async () => {
    assert.equal((await ask('anna')).status, 200);
    for (let tries = 0; tries < 200; tries += 1) {
      if ((await health()).degradedProfiles?.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    assert.deepEqual((await health()).degradedProfiles, []);
  });

  test('a key of a removed profile says so, and the profile does not come back', async () => {
    const folder = join(ocp.home, 'ocp', 'profiles', 'ben');
    assert.equal((await ask('ben')).status, 200);
    await profilesIn(join(ocp.home, 'ocp')).remove('ben');
    // As a CLI does that ends after its folder is gone.
    await mkdir(folder, { recursive: true });
    for (let count = 0; count < 3; count += 1) {
      const refused = await ask('ben');
      assert.equal(refused.status, 503, refused.text);
      assert.match(refused.text, /profile 'ben'/u);
    }
    const { profiles } = (await asAdmin(ocp, 'GET', '/api/profiles')).body as { profiles: string[] };
    assert.deepEqual(profiles, ['default', 'anna']);
    const { keys: listed } = (await asAdmin(ocp, 'GET', '/api/keys')).body as {
      keys: { name: string; profileRemoved: boolean }[];
    };
    assert.deepEqual(
      listed.filter(({ profileRemoved }) => profileRemoved).map(({ name }) => name),
      ['ben-laptop'],
    );
    assert.equal((await ask('anna')).status, 200);
    await profilesIn(join(ocp.home, 'ocp')).add('ben');
    assert.ok(profilesIn(join(ocp.home, 'ocp')).has('ben'), 'until it is added again');
  });
});
