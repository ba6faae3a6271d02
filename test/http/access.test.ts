import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { after, before, suite, test } from 'node:test';
import { json } from 'node:stream/consumers';
import { AuthenticationError } from 'openai';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import type { ErrorBody } from './chat-support.ts';
import { clientOf, post, question, script } from './chat-support.ts';

interface Reply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: { readonly error?: ErrorBody };
}

/** `fetch` does not let a program set the Host header. */
async function send(ocp: Ocp, method: string, path: string, headers: Record<string, string>): Promise<Reply> {
  const call = request(`${ocp.url}${path}`, { method, headers: { 'content-type': 'application/json', ...headers } });
  call.end(method === 'POST' ? JSON.stringify(question('go')) : undefined);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const body = response.statusCode === 204 ? {} : ((await json(response)) as { error?: ErrorBody });
  return { status: response.statusCode, headers: response.headers, body };
}

const chatPath = '/v1/chat/completions';

suite('who may call', () => {
  let ocp: Ocp;
  const listed = 'https://chat.example.org';

  before(async () => {
    ocp = await startOcp({
      env: {
        CLAUDE_AUTH_MODE: 'multi',
        OCP_ADMIN_KEY: 'admin-key-of-this-test',
        PROXY_ANONYMOUS_KEY: 'anyone-may-use-this',
        OCP_TRUST_LOOPBACK: '0',
        OCP_CORS_ORIGINS: listed,
        OCP_ALLOWED_HOSTS: 'ocp.example.org',
      },
    });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  for (const host of ['evil.example', '169.254.169.254', '127.0.0.1.evil.example', '0x7f000001']) {
    test(`the Host ${host} is refused, even with a key`, async () => {
      script(ocp);
      for (const [method, path] of [
        ['GET', '/health'],
        ['POST', chatPath],
      ] as const) {
        const reply = await send(ocp, method, path, { host, authorization: 'Bearer admin-key-of-this-test' });
        assert.deepEqual([reply.status, reply.body.error?.code], [403, 'forbidden_host']);
      }
      assert.equal(ocp.simulator.log.all.length, 0);
    });
  }

  test('the hosts of this machine and the listed one are answered', async () => {
    for (const host of ['localhost', '127.0.0.1:3456', '[::1]', 'ocp.example.org', 'host.docker.internal:3456']) {
      assert.equal((await send(ocp, 'GET', '/health', { host })).status, 200, host);
    }
  });

  test('a page of a foreign origin is refused before its key is looked at', async () => {
    script(ocp);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    ] as Record<string, string>[]) {
      const reply = await send(ocp, 'POST', chatPath, { ...headers, authorization: 'Bearer admin-key-of-this-test' });
      assert.deepEqual([reply.status, reply.body.error?.code], [403, 'forbidden_origin']);
      assert.equal(reply.headers['access-control-allow-origin'], undefined);
      assert.equal((await send(ocp, 'OPTIONS', chatPath, headers)).status, 403);
    }
    assert.equal(ocp.simulator.log.all.length, 0);
  });

  test('a page of a listed origin may ask first, and then call', async () => {
    const preflight = await send(ocp, 'OPTIONS', chatPath, {
      origin: listed,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers['access-control-allow-origin'], listed);
    assert.match(String(preflight.headers['access-control-allow-methods']), /POST/u);
    assert.match(String(preflight.headers['access-control-allow-headers']), /authorization/u);

    const refused = await send(ocp, 'POST', chatPath, { origin: listed });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers['access-control-allow-origin'], listed, 'the page has to see why');
  });

  test('without a key, or with a wrong one, the models are closed and health is open', async () => {
    script(ocp);
    for (const key of ['ocp_wrong', 'admin-key-of-this-tesT', 'x'.repeat(5000)]) {
      await assert.rejects(clientOf(ocp, key).chat.completions.create(question('go')), (error) => {
        assert.ok(error instanceof AuthenticationError);
        assert.deepEqual([error.code, error.type], ['invalid_api_key', 'authentication_error']);
        assert.ok(!error.message.includes(key));
        return true;
      });
    }
    assert.equal((await post(ocp, question('go'))).status, 401);
    assert.equal((await fetch(`${ocp.url}/v1/models`)).status, 401);
    assert.equal((await fetch(`${ocp.url}/v1/models?key=admin-key-of-this-test`)).status, 401);
    assert.equal((await fetch(`${ocp.url}/health`)).status, 200);
    assert.equal(ocp.simulator.log.all.length, 0);
  });

  test('a key in any of the three headers opens them', async () => {
    script(ocp, { reply: 'ok' });
    const completion = await clientOf(ocp, 'admin-key-of-this-test').chat.completions.create(question('go'));
    assert.equal(completion.choices[0]?.message.content, 'ok');
    for (const headers of [{ 'x-api-key': 'anyone-may-use-this' }, { 'api-key': 'anyone-may-use-this' }]) {
      assert.equal((await fetch(`${ocp.url}/v1/models`, { headers: headers as Record<string, string> })).status, 200);
    }
  });
});

suite('one shared key', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await startOcp({ env: { PROXY_API_KEY: 'the-shared-key' } });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  test('is asked of whoever does not call from this machine', async () => {
    const elsewhere = { 'x-forwarded-for': '192.0.2.7' };
    assert.equal((await ocp.health())['authMode'], 'shared');
    assert.equal((await send(ocp, 'GET', '/v1/models', elsewhere)).status, 401);
    assert.equal((await send(ocp, 'GET', '/v1/models', { ...elsewhere, authorization: 'Bearer wrong' })).status, 401);
    const known = { ...elsewhere, authorization: 'Bearer the-shared-key' };
    assert.equal((await send(ocp, 'GET', '/v1/models', known)).status, 200);
    assert.equal((await send(ocp, 'GET', '/v1/models', {})).status, 200, 'a program on this machine needs no key');
  });
});
