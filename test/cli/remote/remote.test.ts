import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createSocket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { z } from 'zod';
import { locateServer } from '../../../src/cli/remote/locate.ts';
import { remoteServer } from '../../../src/cli/remote/server.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const KEY = 'the-admin-key';

suite('where the server is', () => {
  const at = (values: { url?: string; key?: string }, env: Record<string, string>) => {
    const { url, key, isOwn, port } = locateServer(values, { HOME: '/nonexistent', ...env });
    return [url, key, isOwn, port];
  };

  test('is told by the options, then by the environment, else it is the usual place', () => {
    assert.deepEqual(at({}, {}), ['http://127.0.0.1:3456', undefined, true, 3456]);
    assert.deepEqual(at({}, { CLAUDE_PROXY_PORT: '4000', CLAUDE_BIND: '0.0.0.0', OCP_ADMIN_KEY: KEY }), [
      'http://127.0.0.1:4000',
      KEY,
      true,
      4000,
    ]);
    assert.equal(at({}, { CLAUDE_BIND: '::' })[0], 'http://[::1]:3456');
    assert.equal(at({}, { CLAUDE_BIND: '192.168.1.10' })[0], 'http://192.168.1.10:3456');
    const named = { OCP_PROXY_URL: 'https://ocp.example.org', OCP_ADMIN_KEY: KEY };
    assert.deepEqual(at({}, named), ['https://ocp.example.org', KEY, false, 443]);
    assert.deepEqual(at({ url: 'localhost:5000/v1', key: 'mine' }, named), [
      'http://localhost:5000',
      'mine',
      true,
      5000,
    ]);
  });

  test('does not get this machine’s admin key when it is another machine', (t) => {
    const home = temporaryFolder(t);
    mkdirSync(join(home, '.ocp'));
    writeFileSync(join(home, '.ocp/admin-key'), 'from-the-file\n');
    writeFileSync(join(home, '.ocp/config.json'), '{"CLAUDE_PROXY_PORT":4100,"CLAUDE_BIND":"0.0.0.0"}', {
      mode: 0o600,
    });
    assert.equal(at({}, { HOME: home })[0], 'http://127.0.0.1:4100');
    assert.equal(at({}, { HOME: home, CLAUDE_PROXY_PORT: '4200' })[0], 'http://127.0.0.1:4200');
    assert.equal(at({}, { HOME: home })[1], 'from-the-file');
    assert.equal(at({ url: 'http://127.0.0.1:1' }, { HOME: home })[1], 'from-the-file');
    assert.equal(at({ url: 'http://192.168.1.77:3456' }, { HOME: home, OCP_ADMIN_KEY: KEY })[1], undefined);
    assert.equal(at({}, { HOME: home, OCP_PROXY_URL: 'http://192.168.1.77:3456' })[1], undefined);
  });

  test('is refused where it is no address, or the key no key', () => {
    for (const url of ['ftp://x', 'http://user:word@x', 'http://x/elsewhere', 'http://x?a=b', ':', '']) {
      assert.throws(() => at({ url }, {}), { name: 'UsageError', message: /^--url must be an address/u }, url);
    }
    assert.throws(() => at({}, { OCP_PROXY_URL: 'ftp://x' }), { name: 'ConfigError' });
    assert.throws(() => at({ key: 'a\nb' }, {}), { name: 'UsageError', message: /^--key must be [^\n]*$/u });
    assert.throws(() => at({}, { CLAUDE_PROXY_PORT: 'x' }), { name: 'ConfigError' });
  });
});

suite('asking it', () => {
  test('checks the answer, sends the key and JSON, and keeps all of the body', async (t) => {
    const seen: unknown[] = [];
    const remote = await answering(t, (request) => {
      seen.push([request.method, request.headers.authorization, request.headers['content-type']]);
      return { status: 200, body: '{"n":1,"more":true}' };
    });
    const { data, body, status } = await remote.ask('/x', z.object({ n: z.number() }), { method: 'PATCH', body: {} });
    assert.deepEqual([data, body, status], [{ n: 1 }, { n: 1, more: true }, 200]);
    assert.deepEqual(seen, [['PATCH', `Bearer ${KEY}`, 'application/json']]);
  });

  test('tells in one line what is wrong and what to do', async (t) => {
    const error = (code: string, message: string): string => JSON.stringify({ error: { message, code, type: 'x' } });
    for (const [status, body, expected, headers] of [
      [
        401,
        error('invalid_api_key', 'no'),
        /does not know the key that was sent; the admin key of this machine is in/u,
      ],
      [
        403,
        error('permission_denied', 'no'),
        /wants its admin key for this, and the key that was sent is another one$/u,
      ],
      [403, error('forbidden_host', 'OCP does not answer to this Host name.'), /^OCP does not answer/u],
      [404, error('not_found', 'Key not found'), /^Key not found$/u],
      [404, 'nothing here', /knows no such request: it is no OCP/u],
      [404, '{"error":"Not found. Endpoints: all"}', /^Not found\./u],
      [429, error('queue_full', 'Too many.\n\u001b[31m'), /^Too many\. \(try again in 7 s\)$/u, { 'retry-after': '7' }],
      [500, '<html>', /answered 500, but not as OCP does/u],
      [200, '<html>', /another program may listen there/u],
      [200, '{"n":"x"}', /in another form than this ocp knows \(n\)/u],
      [302, '', /another program may listen there/u, { location: 'http://127.0.0.1:1/' }],
    ] as const) {
      const remote = await answering(t, () => ({ status, body, headers: headers ?? {} }));
      await assert.rejects(remote.ask('/x', z.object({ n: z.number() })), (raised: Error) => {
        assert.equal(raised.name, 'CommandError');
        assert.match(raised.message, expected);
        assert.ok(!/\p{Cc}/u.test(raised.message) && !raised.message.includes(KEY));
        return true;
      });
    }
  });

  test('tells why there is no answer', async (t) => {
    const ask = async (url: string, signal = new AbortController().signal, timeoutMs = 5000): Promise<unknown> =>
      remoteServer({ url }, { env: {}, io: { ...silent, signal } }).ask('/health', z.unknown(), { timeoutMs });
    const mute = createSocket(() => {});
    const rude = createSocket((socket) => void socket.destroy());
    const url = async (server: typeof mute): Promise<string> => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      t.after(() => server.close());
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    };
    const closed = createSocket();
    const free = await url(closed);
    await new Promise((resolve) => closed.close(resolve));
    await assert.rejects(ask(free), /no OCP answers at .*start it with ocp/u);
    const rudeUrl = await url(rude);
    await assert.rejects(ask(rudeUrl), /broke off the connection/u);
    await assert.rejects(ask(await url(mute), undefined, 30), /gave no answer within 0 s/u);
    await assert.rejects(ask(rudeUrl.replace('http:', 'https:')), /^CommandError: https:/u);
    await assert.rejects(ask('http://127.0.0.1:6000'), /refuse this port/u);
    const stop = new AbortController();
    const waiting = ask(`http://127.0.0.1:${(mute.address() as AddressInfo).port}`, stop.signal);
    stop.abort(new Error('stopped'));
    await assert.rejects(waiting, /^Error: stopped$/u);
  });
});

const silent = { stdout: () => {}, stderr: () => {}, write: () => {} };

interface FakeReply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answering(t: TestContext, reply: (request: IncomingMessage) => FakeReply) {
  const server = createServer((request, response) => {
    const { status, body, headers = {} } = reply(request);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signal = new AbortController().signal;
  return remoteServer({ url, key: KEY }, { env: { HOME: '/nonexistent' }, io: { ...silent, signal } });
}
