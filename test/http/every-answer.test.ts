import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { connect } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { exposedHeaders } from '../../src/http/gate.ts';
import { adminKey, remote } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';

const origin = 'app://obsidian.md';
const json = { 'content-type': 'application/json' };
const user = { role: 'user', content: 'hi' };
const good = {
  '/v1/chat/completions': { model: 'sonnet', messages: [user] },
  '/v1/messages': { model: 'sonnet', max_tokens: 100, messages: [user] },
  '/v1/responses': { model: 'sonnet', input: 'hi' },
} as const;
type Path = keyof typeof good;
const paths = Object.keys(good) as Path[];

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

suite('every answer', { timeout: 120_000 }, () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startOcp({
      env: {
        CLAUDE_BIN: fakeClaudeBinary,
        CLAUDE_AUTH_MODE: 'multi',
        OCP_ADMIN_KEY: adminKey,
        OCP_CORS_ORIGINS: `${origin},https://chat.example.org`,
        CLAUDE_MAX_BODY_SIZE: '4096',
      },
    });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const send = async (path: string, sent: Sent = {}): Promise<{ response: Response; body: string }> => {
    const response = await fetch(`${ocp.url}${path}`, {
      method: 'POST',
      ...sent,
      headers: { origin, ...sent.headers },
    });
    return { response, body: await response.text() };
  };

  /** Every way in which an answer comes about, with the status that shows that it was this one. */
  const ways = (path: Path): readonly (readonly [string, number, string, Sent])[] => {
    const body = JSON.stringify(good[path]);
    return [
      ['a whole answer', 200, path, { headers: json, body }],
      ['a stream', 200, path, { headers: json, body: JSON.stringify({ ...good[path], stream: true }) }],
      ['a refused field', 400, path, { headers: json, body: JSON.stringify({ ...good[path], model: 5 }) }],
      ['broken JSON', 400, path, { headers: json, body: '{"model":' }],
      ['no JSON', 415, path, { headers: { 'content-type': 'text/plain' }, body }],
      ['no key', 401, path, { headers: { ...json, ...remote }, body }],
      [
        'a body that is too large',
        413,
        path,
        { headers: json, body: JSON.stringify({ ...good[path], x: 'x'.repeat(5000) }) },
      ],
      ['another address', 404, `${path}/nothing/here`, { headers: json, body }],
      ['another method', 405, path, { method: 'PUT', headers: json, body }],
      ['a path that cannot be decoded', 400, `${path}%`, { headers: json, body }],
    ];
  };

  for (const path of paths) {
    test(`of ${path} can be read by a page of a listed origin, has ids, and is shaped by the route`, async () => {
      for (const [what, status, address, sent] of ways(path)) {
        const { response, body } = await send(address, sent);
        const { headers } = response;
        assert.equal(response.status, status, `${what}: ${body}`);
        assert.equal(headers.get('access-control-allow-origin'), origin, what);
        assert.match(headers.get('vary') ?? '', /origin/u, what);
        const id = headers.get('x-request-id') ?? '';
        assert.match(id, /^req_[0-9a-f]{24}$/u, what);
        assert.equal(headers.get('request-id'), id, what);
        const exposed = headers.get('access-control-expose-headers')?.split(', ') ?? [];
        assert.ok(!exposed.includes('*'), what);
        for (const name of headers.keys()) {
          const isOwn = /^(?:x-(?!accel|content|frame)|anthropic-|request-id|retry-after|allow$)/u.test(name);
          assert.ok(!isOwn || exposed.includes(name), `${what}: ${name} cannot be read`);
        }
        if (status === 200) continue;
        const error = JSON.parse(body) as {
          type?: string;
          request_id?: string;
          error: { type: string; message: string };
        };
        const isAnthropic = path === '/v1/messages';
        assert.equal(error.type, isAnthropic ? 'error' : undefined, `${what}: ${body}`);
        assert.equal(error.request_id, isAnthropic ? id : undefined, what);
        assert.ok(error.error.message.length > 0 && error.error.type.length > 0);
      }
    });
  }

  test('for a page of another origin is one that it cannot read', async () => {
    const { response } = await send('/v1/models', { method: 'GET', headers: { origin: 'https://evil.example' } });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('access-control-allow-origin'), null);
    assert.match(response.headers.get('vary') ?? '', /origin/u);
  });

  test('to the question of a browser names what it asked for', async () => {
    const asked = 'authorization,content-type,x-stainless-os';
    const { response } = await send('/v1/chat/completions', {
      method: 'OPTIONS',
      headers: {
        'access-control-request-method': 'POST',
        'access-control-request-headers': asked,
        'access-control-request-private-network': 'true',
      },
    });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get('access-control-allow-headers'), asked);
    assert.match(response.headers.get('access-control-allow-methods') ?? '', /POST/u);
    assert.equal(response.headers.get('access-control-allow-private-network'), 'true');
    assert.ok(exposedHeaders.includes('x-ocp-ignored'));
  });

  test('also to what is no HTTP has an id', async () => {
    const socket = connect(Number(new URL(ocp.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('NOT HTTP\r\n\r\n');
    const answer = await text(socket);
    assert.match(answer, /^HTTP\/1\.1 400 /u);
    assert.match(answer, /\r\nrequest-id: req_[0-9a-f]{24}\r\n/u);
    assert.match(answer, /"code":"invalid_request"/u);
  });
});

suite('addresses that people mistype', { timeout: 60_000 }, () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startOcp({ env: { CLAUDE_BIN: fakeClaudeBinary } });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const endings = ['chat/completions', 'responses', 'messages', 'messages/count_tokens', 'models', 'models/sonnet'];
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /lacks \/v1/u],
    ['/v1/v1', /once too often/u],
    ['/v1/v1/v1', /once too often/u],
    ['/openai/v1', /base URL/u],
    ['/api', /base URL/u],
    ['/v1/chat/completions', /names an endpoint/u],
    ['/v1/messages', /names an endpoint/u],
  ];

  for (const [base, reason] of wrong) {
    test(`${base === '' ? 'no base' : base} before an endpoint: 404 with the right address, in the client's shape`, async () => {
      for (const ending of endings) {
        for (const slash of ['', '/']) {
          const address = `${base}/${ending}${slash}`;
          const response = await fetch(`${ocp.url}${address}`, { method: 'POST', headers: json, body: '{}' });
          const body = (await response.json()) as { type?: string; error: { message: string } };
          assert.equal(response.status, 404, address);
          assert.match(body.error.message, reason, address);
          assert.ok(body.error.message.includes(` /v1/${ending}.`), body.error.message);
          assert.equal(body.type, address.includes('messages') ? 'error' : undefined, address);
        }
      }
    });
  }

  test('the base URL alone is told from an endpoint', async () => {
    for (const path of ['/', '/v1', '/v1/', '/V1']) {
      const { error } = (await (await fetch(`${ocp.url}${path}`)).json()) as { error: { message: string } };
      assert.match(error.message, /\/v1\/chat\/completions/u, path);
    }
  });

  test('a slash at the end is taken off', async () => {
    for (const path of [
      '/v1/models',
      '/v1/models/sonnet',
      '/health',
      '/dashboard',
      '/api/keys',
      '/v1/chat/completions',
    ]) {
      const method = path.includes('chat') ? 'POST' : 'GET';
      const sent = {
        method,
        headers: json,
        ...(method === 'POST' ? { body: JSON.stringify(good['/v1/messages']) } : {}),
      };
      const [plain, slashed] = [await fetch(`${ocp.url}${path}`, sent), await fetch(`${ocp.url}${path}/`, sent)];
      assert.equal(slashed.status, plain.status, path);
      assert.equal(slashed.headers.get('content-type'), plain.headers.get('content-type'));
      await Promise.all([plain.text(), slashed.text()]);
    }
    const models = (await (await fetch(`${ocp.url}/v1/models/`)).json()) as { object: string };
    assert.equal(models.object, 'list');
  });

  test('another method than the endpoint has is 405 with those that it has', async () => {
    for (const [method, path, allowed] of [
      ['GET', '/v1/chat/completions', 'OPTIONS, POST'],
      ['GET', '/v1/messages/', 'OPTIONS, POST'],
      ['PUT', '/v1/responses', 'GET, HEAD, OPTIONS, POST'],
      ['POST', '/v1/models', 'GET, HEAD, OPTIONS'],
      ['DELETE', '/v1/models/sonnet', 'GET, HEAD, OPTIONS'],
      ['POST', '/health', 'GET, HEAD, OPTIONS'],
      ['PUT', '/api/keys/anna', 'DELETE, OPTIONS, PATCH'],
    ] as const) {
      const response = await fetch(`${ocp.url}${path}`, { method, headers: json });
      assert.deepEqual([response.status, response.headers.get('allow')], [405, allowed], `${method} ${path}`);
      await response.text();
    }
  });
});
