import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { after, before, suite, test } from 'node:test';
import { adminKey, bearer, newKey, remote, send } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';

const sharedKey = 'the-shared-key-of-all';
const modes = ['none', 'shared', 'multi'] as const;
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY'];

/** Names and values by turns, so that a header can come twice. */
type RawHeaders = readonly string[];

interface Attack {
  readonly method: string;
  readonly target: string;
  readonly headers: RawHeaders;
  readonly body?: string;
}

interface Route {
  readonly method: string;
  readonly path: string;
  /** Whether everybody may call it, at least to be told who they are. */
  readonly isOpen: boolean;
}

const raw = (headers: Readonly<Record<string, string>>): RawHeaders => Object.entries(headers).flat();

for (const mode of modes) {
  suite(`the attack matrix, in the mode ${mode}`, { timeout: 120_000 }, () => {
    let ocp: Ocp;
    let agent: Agent;
    let key = '';
    let routes: readonly Route[] = [];
    let atFirst: string;

    before(async () => {
      const shared = mode === 'shared' ? { PROXY_API_KEY: sharedKey } : {};
      ocp = await startOcp({
        env: { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_AUTH_MODE: mode, OCP_ADMIN_KEY: adminKey, ...shared },
        limits: { logins: { free: Number.MAX_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER } },
      });
      agent = new Agent({ keepAlive: true, maxSockets: 16 });
      ({ key } = await newKey(ocp, { name: 'anna' }));
      const { paths } = (await send(ocp, 'GET', '/openapi.json')).body as {
        paths: Record<string, Record<string, unknown>>;
      };
      routes = Object.entries(paths).flatMap(([path, operations]) =>
        Object.keys(operations).map((method) => ({
          method: method.toUpperCase(),
          path: path.replaceAll(/\{\w+\}/gu, 'anna'),
          isOpen: /^\/(?:health|openapi\.json|dashboard.*|connect.*|api\/session|api\/events)$/u.test(path),
        })),
      );
      assert.ok(routes.length > 30);
      atFirst = await state();
    });
    after(async () => {
      agent.destroy();
      try {
        // Nothing was changed, and nothing was asked of a worker.
        assert.equal(await state(), atFirst);
        assert.deepEqual(ocp.simulator.log.messages(), []);
        assert.ok(!ocp.log.some((line) => line.includes('"level":"error"')), 'nothing broke');
      } finally {
        await ocp[Symbol.asyncDispose]();
      }
    });

    async function state(): Promise<string> {
      const admin = { ...remote, ...bearer(adminKey) };
      const [keys, audit, settings] = await Promise.all(
        ['/api/keys', '/api/audit', '/settings'].map(async (path) => send(ocp, 'GET', path, undefined, admin)),
      );
      // When a key was last used changes with a request that was refused for what it asked.
      const text = JSON.stringify([keys, audit, settings].map((reply) => reply?.body));
      return text.replaceAll(/"lastUsedAt":(?:"[^"]*"|null)/gu, '');
    }

    const attempt = async ({ method, target, headers, body }: Attack): Promise<number> =>
      new Promise((resolve, reject) => {
        const hasHost = headers.some((header, index) => index % 2 === 0 && header.toLowerCase() === 'host');
        const length = body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))];
        const sent = request(
          {
            agent,
            host: '127.0.0.1',
            port: new URL(ocp.url).port,
            method,
            path: target,
            setHost: false,
            headers: [...(hasHost ? [] : ['Host', new URL(ocp.url).host]), ...headers, ...length],
          },
          (response) => {
            response.resume();
            response.once('end', () => resolve(response.statusCode ?? 0));
          },
        );
        sent.once('error', reject);
        sent.end(body);
      });

    /** Makes all attempts, some at a time; every one has to be refused, by a refusal and not by a failure. */
    async function allRefused(attacks: readonly Attack[]): Promise<void> {
      const left = [...attacks];
      const work = async (): Promise<void> => {
        for (let attack = left.pop(); attack !== undefined; attack = left.pop()) {
          const status = await attempt(attack);
          assert.ok(status >= 400 && status < 500, `${status} for ${JSON.stringify(attack)}`);
        }
      };
      await Promise.all(Array.from({ length: 16 }, work));
    }

    const json = ['content-type', 'application/json'];

    test('a host that is none of this machine gets nothing, whatever key it has', async () => {
      const port = new URL(ocp.url).port;
      const hosts: readonly RawHeaders[] = [
        ...[
          'evil.example',
          `evil.local:${port}`,
          `localhost.:${port}`,
          `127.0.0.1.evil.example:${port}`,
          '',
          '[fe80::1%25lo]',
          '2130706433',
          '0x7f.1',
          '127.1',
          '0.0.0.0',
          'localhost:0',
          'localhost:99999',
          'user@localhost',
          'localhost, evil.example',
          'evil.docker.internal',
        ].map((host) => ['Host', host]),
        ['Host', `localhost:${port}`, 'Host', 'evil.example'],
        ['Host', 'evil.example', 'host', `localhost:${port}`],
      ];
      const keys = [[], raw(bearer(adminKey))];
      await allRefused(
        routes.flatMap(({ method, path }) =>
          hosts.flatMap((host) =>
            keys.map((held) => ({ method, target: path, headers: [...host, ...held, ...json], body: '{}' })),
          ),
        ),
      );
    });

    test('a page of another origin gets nothing, whatever key it has', async () => {
      const pages: readonly RawHeaders[] = [
        ...['https://evil.example', 'null', 'http://localhost', 'http://127.0.0.1', 'file://', 'app://desk'].map(
          (origin) => ['Origin', origin],
        ),
        ['Sec-Fetch-Site', 'cross-site', 'Sec-Fetch-Mode', 'no-cors'],
        ['Sec-Fetch-Site', 'same-site', 'Sec-Fetch-Mode', 'cors'],
        ['Origin', ocp.url, 'Origin', 'https://evil.example'],
      ];
      await allRefused(
        routes.flatMap(({ method, path }) =>
          pages.flatMap((page) =>
            [[], raw(bearer(adminKey))].map((held) => ({
              method,
              target: path,
              headers: [...page, ...held, ...json],
              body: '{}',
            })),
          ),
        ),
      );
    });

    test('what a page can send without asking changes nothing', async () => {
      const types = [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/plain;application/json',
        '',
      ];
      const changing = routes.filter(({ method }) => method === 'POST' || method === 'PATCH');
      await allRefused(
        changing.flatMap(({ method, path }) =>
          types.map((type) => ({
            method,
            target: path,
            headers: type === '' ? [] : ['content-type', type],
            body: '{"name":"made","messages":[{"role":"user","content":"x"}],"input":"x","model":"sonnet"}',
          })),
        ),
      );
    });

    test('a forwarded request is remote, whatever it says of where it began', async () => {
      const claims: readonly RawHeaders[] = [
        ['X-Forwarded-For', '127.0.0.1'],
        ['X-Forwarded-For', '::1, 127.0.0.1'],
        ['X-Forwarded-For', 'localhost'],
        ['X-Forwarded-For', ''],
        ['Forwarded', 'for=127.0.0.1'],
        ['Forwarded', 'for="[::1]"'],
        ['X-Real-IP', '127.0.0.1'],
        ['Via', '1.1 localhost'],
        ['CF-Connecting-IP', '127.0.0.1'],
      ];
      const tokens: readonly RawHeaders[] = [
        [],
        raw(bearer('wrong')),
        raw(bearer(`ocp_${'x'.repeat(32)}`)),
        ['x-api-key', ''],
        ['Authorization', `Basic ${Buffer.from(`admin:${adminKey}`).toString('base64')}`],
        ['Cookie', `ocp_session=${adminKey}`],
        ['x-ocp-csrf', adminKey],
      ];
      const closed = routes.filter(({ path, isOpen }) => !isOpen && (mode !== 'none' || !path.startsWith('/v1/')));
      // In the mode `none` whoever reaches OCP may use it, and see what concerns themselves.
      const own = /^\/(?:api\/(?:me|usage|stats.*|requests)|v1\/.*)$/u;
      await allRefused(
        closed
          .filter(({ path }) => mode !== 'none' || !own.test(path))
          .flatMap(({ method, path }) =>
            claims.flatMap((claim) =>
              tokens.map((token) => ({ method, target: path, headers: [...claim, ...token, ...json], body: '{}' })),
            ),
          ),
      );
    });

    test('no other spelling of an address, and no other method, leads past the door', async () => {
      const spellings = (path: string): readonly string[] => [
        `/health/..${path}`,
        `/dashboard/../..${path}`,
        `/dashboard/assets/..%2f..${path}`,
        `/.${path}`,
        `/${path}`,
        path.replaceAll('/', '//'),
        `${path}/`,
        `${path}%2f`,
        `${path}%00`,
        `${path};x=1`,
        `${path}?key=${adminKey}&api_key=${adminKey}&token=${adminKey}`,
        path.toUpperCase(),
        path.replace(/[a-z]/u, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
        `http://localhost${path}`,
        `//localhost${path}`,
      ];
      const overrides: readonly RawHeaders[] = [
        [],
        ['X-HTTP-Method-Override', 'GET', 'X-Original-URL', '/health', 'X-Rewrite-URL', '/health'],
      ];
      const admins = ['/api/keys', '/settings', '/cache', '/logs', '/api/audit', '/api/doctor', '/metrics'];
      await allRefused(
        admins.flatMap((path) =>
          spellings(path).flatMap((target) =>
            methods.flatMap((method) =>
              overrides.map((override) => ({
                method,
                target,
                headers: [...raw(remote), ...override, ...json],
                body: '{}',
              })),
            ),
          ),
        ),
      );
    });

    test('a person with a key of their own does not become the admin', async () => {
      const admins = routes.filter(({ path }) =>
        /^\/(?:settings|cache.*|logs|sessions|metrics|usage|status|api\/(?:keys|audit|doctor|profiles).*)$/u.test(path),
      );
      assert.ok(admins.length >= 12);
      const held = [
        raw(bearer(key)),
        ['x-api-key', key],
        [...raw(bearer(key)), 'x-api-key', 'guess', 'api-key', 'guess'],
      ];
      await allRefused(
        admins.flatMap(({ method, path }) =>
          held.map((token) => ({ method, target: path, headers: [...raw(remote), ...token, ...json], body: '{}' })),
        ),
      );
    });
  });
}
