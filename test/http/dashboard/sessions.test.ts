import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { LoginSessions, SESSION_IDLE_MS, SESSION_LONGEST_MS } from '../../../src/http/dashboard/login-sessions.ts';
import type { IdentityRules } from '../../../src/http/identity.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import { adminKey, asAdmin, newKey, remote, send, startMulti } from '../../support/admin.ts';
import type { Reply } from '../../support/admin.ts';
import type { Ocp } from '../../support/ocp.ts';
import { startOcp } from '../../support/ocp.ts';

interface Session {
  readonly role: string | null;
  readonly name: string | null;
  readonly isAdmin: boolean;
  readonly csrf: string | null;
}

suite('sessions of the dashboard', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  async function login(key: string): Promise<{ headers: Record<string, string>; session: Session; reply: Reply }> {
    const reply = await send(ocp, 'POST', '/api/session', { key }, remote);
    assert.equal(reply.status, 200, reply.text);
    const session = reply.body as Session;
    const cookie = reply.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    return { headers: { ...remote, cookie, 'x-ocp-csrf': session.csrf ?? '' }, session, reply };
  }

  async function whoIs(headers: Record<string, string>): Promise<Session> {
    return (await send(ocp, 'GET', '/api/session', undefined, headers)).body as Session;
  }

  test('the admin logs in, works, is named in the audit log, and logs out', async () => {
    const { headers, session, reply } = await login(adminKey);
    assert.deepEqual([session.role, session.isAdmin], ['admin', true]);
    const cookie = reply.headers.get('set-cookie') ?? '';
    assert.match(cookie, /^ocp_session_\d+=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/u);
    assert.ok(!cookie.includes(session.csrf ?? ''));
    assert.equal((await send(ocp, 'POST', '/api/keys', { name: 'by session' }, headers)).status, 201);
    const { entries } = (await asAdmin(ocp, 'GET', '/api/audit?limit=2')).body as {
      entries: { actor: string; action: string }[];
    };
    assert.deepEqual(
      entries.map(({ actor, action }) => [actor, action]),
      [
        ['admin (session)', 'key.create'],
        ['admin (session)', 'session.open'],
      ],
    );
    const ended = await send(ocp, 'DELETE', '/api/session', undefined, headers);
    assert.deepEqual(ended.body, { ended: true });
    assert.match(ended.headers.get('set-cookie') ?? '', /Max-Age=0/u);
    assert.equal((await whoIs(headers)).role, null);
    assert.equal((await send(ocp, 'GET', '/api/keys', undefined, headers)).status, 401);
  });

  test('what changes something needs the token of its own session', async () => {
    const one = await login(adminKey);
    const other = await login(adminKey);
    for (const token of ['', 'x', other.session.csrf ?? '']) {
      const reply = await send(ocp, 'DELETE', '/cache', undefined, { ...one.headers, 'x-ocp-csrf': token });
      assert.equal(reply.status, 403, token);
    }
    assert.equal((await send(ocp, 'DELETE', '/cache', undefined, one.headers)).status, 200);
  });

  test('a person sees their own and no more, until their key ends', async () => {
    const { id, key } = await newKey(ocp, { name: 'anna' });
    const { headers, session } = await login(key);
    assert.deepEqual([session.role, session.name, session.isAdmin], ['key', 'anna', false]);
    assert.equal((await send(ocp, 'GET', '/api/usage', undefined, headers)).status, 200);
    assert.equal((await send(ocp, 'GET', '/api/keys', undefined, headers)).status, 403);
    const used = (await asAdmin(ocp, 'GET', '/api/keys')).body as { keys: { id: number; lastUsedAt: string | null }[] };
    assert.equal(used.keys.find((one) => one.id === id)?.lastUsedAt, null, 'looking is no use of the key');

    await asAdmin(ocp, 'PATCH', `/api/keys/${id}`, { enabled: false });
    assert.equal((await send(ocp, 'GET', '/api/usage', undefined, headers)).status, 401);
    await asAdmin(ocp, 'PATCH', `/api/keys/${id}`, { enabled: true });
    assert.equal((await whoIs(headers)).role, null, 'what has ended does not come back');

    const second = await login(key);
    const rotated = (await asAdmin(ocp, 'POST', `/api/keys/${id}/rotate`, {})).body as { key: string };
    assert.equal((await whoIs(second.headers)).role, null, 'the text that opened it opens nothing any more');
    const third = await login(rotated.key);
    await asAdmin(ocp, 'DELETE', `/api/keys/${id}`);
    assert.equal((await whoIs(third.headers)).role, null);
  });

  test('a key in the request counts before a session, and a made-up session counts for nothing', async () => {
    const { headers } = await login(adminKey);
    const { key } = await newKey(ocp, { name: 'header' });
    assert.equal((await whoIs({ ...headers, authorization: `Bearer ${key}` })).name, 'header');
    const name = headers['cookie']?.split('=', 1)[0] ?? '';
    for (const id of ['', 'x', 'x'.repeat(43), '../../x']) {
      const made = await send(ocp, 'GET', '/api/keys', undefined, { ...remote, cookie: `a=b; ${name}=${id}` });
      assert.equal(made.status, 401);
    }
    assert.equal((await whoIs({ ...remote, cookie: `theme=dark; ${headers['cookie'] ?? ''}` })).role, 'admin');
  });

  test('a page served over TLS gets a cookie for TLS alone', async () => {
    const secure = { ...remote, host: 'localhost', origin: ocp.url.replace('http:', 'https:') };
    const reply = await send(ocp, 'POST', '/api/session', { key: adminKey }, secure);
    assert.match(reply.headers.get('set-cookie') ?? '', /; Secure$/u);
  });
});

test('a restart logs nobody out, and what has ended stays ended', { timeout: 60_000 }, async () => {
  const env = { CLAUDE_BIN: fakeClaudeBinary };
  await using first = await startMulti({ env });
  const enter = async (ocp: Ocp, key: string): Promise<Record<string, string>> => {
    const reply = await send(ocp, 'POST', '/api/session', { key }, remote);
    const { csrf } = reply.body as Session;
    const cookie = reply.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    return { ...remote, cookie, 'x-ocp-csrf': csrf ?? '' };
  };
  const { id, key } = await newKey(first, { name: 'anna' });
  const { key: revoked } = await newKey(first, { name: 'ben' });
  const [admin, anna, ben, gone] = [
    await enter(first, adminKey),
    await enter(first, key),
    await enter(first, revoked),
    await enter(first, key),
  ];
  assert.equal((await send(first, 'DELETE', '/api/session', undefined, gone)).status, 200);
  await asAdmin(first, 'DELETE', '/api/keys/ben');
  await first.stop();
  const kept = readdirSync(join(first.home, 'ocp')).filter((name) => name.startsWith('ocp.db'));
  for (const file of kept) {
    const bytes = readFileSync(join(first.home, 'ocp', file));
    for (const { cookie } of [admin, anna] as { cookie: string }[]) {
      assert.ok(!bytes.includes(cookie.split('=', 2)[1] ?? ''), 'only digests are kept');
    }
  }

  await using second = await startMulti({ env: { ...env, OCP_HOME: join(first.home, 'ocp') } });
  // The port of a real server is the same as before, and with it the name of the cookie.
  const again = (headers: Record<string, string>): Record<string, string> => ({
    ...headers,
    cookie: (headers['cookie'] ?? '').replace(/_\d+=/u, `_${new URL(second.url).port}=`),
  });
  const role = async (headers: Record<string, string>): Promise<string | null> =>
    ((await send(second, 'GET', '/api/session', undefined, again(headers))).body as Session).role;
  assert.deepEqual(
    [await role(admin), await role(anna), await role(ben), await role(gone)],
    ['admin', 'key', null, null],
  );
  assert.equal((await send(second, 'DELETE', '/cache', undefined, again(admin))).status, 200, 'its token is the same');
  await asAdmin(second, 'POST', `/api/keys/${id}/rotate`, {});
  assert.equal(await role(anna), null);
});

test('whoever has the public key logs nobody out and takes no place of the admin', { timeout: 60_000 }, async () => {
  await using ocp = await startMulti({
    env: { CLAUDE_BIN: fakeClaudeBinary, PROXY_ANONYMOUS_KEY: 'public', OCP_TRUSTED_PROXIES: '127.0.0.1' },
  });
  const enter = async (key: string, address: string): Promise<{ status: number; cookie: string }> => {
    const reply = await send(ocp, 'POST', '/api/session', { key }, { 'x-forwarded-for': address });
    return { status: reply.status, cookie: reply.headers.get('set-cookie')?.split(';', 1)[0] ?? '' };
  };
  const role = async (cookie: string): Promise<string | null> =>
    ((await send(ocp, 'GET', '/api/session', undefined, { ...remote, cookie })).body as Session).role;
  const { key } = await newKey(ocp, { name: 'anna' });
  const admin = await enter(adminKey, '203.0.113.1');
  const anna = await enter(key, '203.0.113.2');
  const visitor = await enter('public', '203.0.113.3');
  const statuses = new Set<number>();
  for (let nth = 0; nth < 1100; nth += 1) statuses.add((await enter('public', `198.51.100.${nth % 100}`)).status);
  assert.deepEqual(
    [...statuses].toSorted((one, other) => one - other),
    [200, 429],
  );
  assert.deepEqual(
    [await role(admin.cookie), await role(anna.cookie), await role(visitor.cookie)],
    ['admin', 'key', 'anonymous'],
  );
  assert.equal((await enter(adminKey, '203.0.113.1')).status, 200);
});

test('who tries keys at the login waits as with any other key', async () => {
  await using ocp = await startOcp({
    env: { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: adminKey },
    limits: { logins: { free: 2, most: 3, firstDelayMs: 1 } },
  });
  const statuses: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    statuses.push((await send(ocp, 'POST', '/api/session', { key: `wrong-${count}` })).status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
  assert.equal((await send(ocp, 'POST', '/api/session', { key: adminKey })).status, 429, 'not even looked at');
  assert.ok(!ocp.log.join('\n').includes('wrong-'));
});

test('a session ends unused, or after its longest time, or when the admin key is another', () => {
  const clock = { now: 0 };
  const rules: { -readonly [K in keyof IdentityRules]: IdentityRules[K] } = {
    mode: 'multi',
    adminKey: 'first',
    sharedKey: undefined,
    anonymousKey: undefined,
    metricsToken: undefined,
    trustLoopback: true,
    findKey: () => undefined,
  };
  let count = 0;
  const randomBytes = (size: number): Buffer => Buffer.alloc(size, `${(count += 1)}.`);
  const keeper = { all: () => [], put: () => {}, remove: () => {} };
  const sessions = new LoginSessions({ rules, keeper, now: () => clock.now, randomBytes });
  const from = { place: '192.0.2.1', mayTry: () => true };

  const unused = sessions.open('first', from).id;
  clock.now = SESSION_IDLE_MS - 1;
  assert.ok(sessions.find(unused) !== undefined);
  clock.now += SESSION_IDLE_MS;
  assert.equal(sessions.find(unused), undefined);

  const used = sessions.open('first', from).id;
  const end = clock.now + SESSION_LONGEST_MS;
  while (clock.now + SESSION_IDLE_MS < end) {
    clock.now += SESSION_IDLE_MS - 1;
    assert.ok(sessions.find(used) !== undefined);
  }
  clock.now = end;
  assert.equal(sessions.find(used), undefined);

  const kept = sessions.open('first', from).id;
  rules.adminKey = 'second';
  assert.equal(sessions.find(kept), undefined);
  assert.throws(() => sessions.open('first', from), /does not know/u);
  for (let more = 0; more < 1100; more += 1) sessions.open('second', from);
  assert.equal(sessions.size, 50);
});
