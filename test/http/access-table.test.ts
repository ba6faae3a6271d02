import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { sharedOcp } from '../support/shared-ocp.ts';
import type { Reply } from '../support/admin.ts';
import { adminKey, bearer, newKey, remote, send } from '../support/admin.ts';

type Access = 'public' | 'anyone' | 'callers' | 'admin';
type Mode = 'none' | 'shared' | 'multi';
/** What a route of each access answers: let in, not known, or known and not allowed. */
type Verdicts = Readonly<Record<Access, 'in' | 401 | 403>>;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
}

const sharedKey = 'shared-key-of-this-test';
const anonymousKey = 'anonymous-key-of-this-test';
const noDelay = { logins: { free: Number.MAX_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER } };

/** No worker is asked for anything here; tests of one mode share its OCP. */
async function start(mode: Mode, env: Record<string, string> = {}): Promise<Ocp> {
  const keys = { PROXY_ANONYMOUS_KEY: anonymousKey, ...(mode === 'shared' ? { PROXY_API_KEY: sharedKey } : {}) };
  return sharedOcp({
    env: { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_AUTH_MODE: mode, OCP_ADMIN_KEY: adminKey, ...keys, ...env },
    limits: noDelay,
  });
}

/** Every route as the server itself describes it, with something harmless for each parameter. */
async function routesOf(ocp: Ocp): Promise<readonly Route[]> {
  const { paths } = (await send(ocp, 'GET', '/openapi.json')).body as {
    paths: Record<string, Record<string, { tags: [Access] }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { tags }]) => {
      const route = { path: path.replaceAll(/\{\w+\}/g, 'nobody'), access: tags[0] };
      const names = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()];
      return names.map((method) => ({ ...route, method }));
    }),
  );
}

/** Sends what a route of this method takes, but nothing that it could do. */
async function probe(ocp: Ocp, { method, path }: Route, headers: Record<string, string>): Promise<number> {
  const takesBody = method === 'POST' || method === 'PATCH';
  if (method === 'GET' && path === '/api/events') {
    const stream = await fetch(`${ocp.url}${path}`, { headers });
    await stream.body?.cancel();
    return stream.status;
  }
  return (await send(ocp, method, path, takesBody ? [] : undefined, headers)).status;
}

const all: Verdicts = { public: 'in', anyone: 'in', callers: 'in', admin: 'in' };
const user: Verdicts = { public: 'in', anyone: 'in', callers: 'in', admin: 403 };
const nobody: Verdicts = { public: 'in', anyone: 'in', callers: 401, admin: 401 };
const refused: Verdicts = { ...nobody, anyone: 401 };

const modes: readonly Mode[] = ['none', 'shared', 'multi'];
/** Who sends what, and what each mode makes of them: none, shared, multi. */
const people: readonly (readonly [string, (key: string) => Record<string, string>, readonly Verdicts[]])[] = [
  ['this machine, without a key', () => ({}), [all, all, user]],
  ['this machine, with any text as its key', () => bearer('placeholder'), [all, all, user]],
  ['this machine, with a key that looks like one', () => bearer(`ocp_${'x'.repeat(32)}`), [all, all, refused]],
  ['this machine, with the admin key', () => bearer(adminKey), [all, all, all]],
  ['this machine, with a key of its own', (key) => bearer(key), [all, all, user]],
  ['elsewhere, without a key', () => remote, [user, nobody, nobody]],
  ['elsewhere, with a wrong key', () => ({ ...remote, ...bearer('wrong') }), [user, refused, refused]],
  ['elsewhere, with the shared key', () => ({ ...remote, 'x-api-key': sharedKey }), [user, user, refused]],
  ['elsewhere, with the anonymous key', () => ({ ...remote, ...bearer(anonymousKey) }), [user, refused, user]],
  ['elsewhere, with a key of their own', (key) => ({ ...remote, 'api-key': key }), [user, refused, user]],
  ['elsewhere, with the admin key', () => ({ ...remote, ...bearer(adminKey) }), [all, all, all]],
  ['elsewhere, with the admin key as a cookie', () => ({ ...remote, cookie: adminKey }), [user, nobody, nobody]],
];

suite('every route, for everybody, in every mode', { timeout: 120_000 }, () => {
  for (const [index, mode] of modes.entries()) {
    test(`in the mode ${mode}`, async () => {
      const ocp = await start(mode);
      const { key } = await newKey(ocp, { name: 'laptop' });
      const routes = await routesOf(ocp);
      assert.ok(routes.length > 20);
      for (const [who, headers, verdicts] of people) {
        for (const route of routes) {
          const status = await probe(ocp, route, headers(key));
          const expected = verdicts[index]?.[route.access];
          const seen = status === 401 || status === 403 ? status : 'in';
          assert.equal(seen, expected, `${who}: ${route.method} ${route.path} answered ${status}`);
        }
      }
    });
  }

  for (const [index, mode] of modes.entries()) {
    test(`with a session, in the mode ${mode}`, async () => {
      const ocp = await start(mode);
      const { key } = await newKey(ocp, { name: 'tablet' });
      const routes = await routesOf(ocp);
      const logins: readonly (readonly [string, string, Verdicts | undefined])[] = [
        ['the admin', adminKey, all],
        ['a person', key, [undefined, undefined, user][index]],
        ['who holds the shared key', sharedKey, [undefined, user, undefined][index]],
        ['who holds the anonymous key', anonymousKey, [undefined, undefined, user][index]],
      ];
      for (const [who, text, verdicts] of logins) {
        const login = async (): Promise<Reply> => send(ocp, 'POST', '/api/session', { key: text }, remote);
        assert.equal((await login()).status, verdicts === undefined ? 401 : 200, who);
        if (verdicts === undefined) continue;
        for (const route of routes) {
          const session = await login();
          const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
          const { csrf } = session.body as { csrf: string };
          const isChange = route.method !== 'GET' && route.method !== 'HEAD' && route.access !== 'public';
          if (isChange)
            assert.equal(await probe(ocp, route, { ...remote, cookie }), 403, `${route.path} without the token`);
          const status = await probe(ocp, route, { ...remote, cookie, 'x-ocp-csrf': csrf });
          const seen = status === 401 || status === 403 ? status : 'in';
          assert.equal(seen, verdicts[route.access], `${who}: ${route.method} ${route.path} answered ${status}`);
        }
      }
    });
  }

  test('where loopback is not trusted', async () => {
    const ocp = await start('multi', { OCP_TRUST_LOOPBACK: '0' });
    for (const route of await routesOf(ocp)) {
      const status = await probe(ocp, route, {});
      assert.equal(
        status === 401,
        route.access === 'callers' || route.access === 'admin',
        `${route.method} ${route.path} answered ${status}`,
      );
    }
  });

  test('whatever bytes are sent as a key, nobody comes in and nothing breaks', async () => {
    const ocp = await start('multi', { OCP_TRUST_LOOPBACK: '0' });
    await newKey(ocp, { name: 'laptop' });
    const routes = await routesOf(ocp);
    const closed = routes.filter(({ access }) => access === 'callers' || access === 'admin');
    // What a header can carry; fetch refuses the rest before it is sent.
    const byte = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f);
    const bytes = fc.array(byte, { maxLength: 700 }).map((codes) => String.fromCodePoint(...codes).trim());
    const near = fc.stringMatching(/^ocp_[A-Za-z0-9_-]{30,34}$/);
    const header = fc.constantFrom('authorization', 'x-api-key', 'api-key');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...closed), header, fc.oneof(bytes, near), async (route, name, key) => {
        const value = name === 'authorization' ? `Bearer ${key}` : key;
        assert.equal(await probe(ocp, route, { [name]: value }), 401);
      }),
      { numRuns: 300 },
    );
    assert.equal((await send(ocp, 'GET', '/health')).status, 200);
    assert.ok(!ocp.log.some((line) => line.includes('"level":"error"')), ocp.log.join('\n'));
  });
});
