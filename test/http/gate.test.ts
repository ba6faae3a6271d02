import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isLoopbackAddress } from '../../src/config/loopback.ts';
import { checkContentType, checkHost, checkOrigin, checkTarget, corsHeaders } from '../../src/http/gate.ts';
import { OcpError } from '../../src/wire/errors.ts';
import type { ErrorCode } from '../../src/wire/errors.ts';

const allowed = {
  ownAddresses: () => ['127.0.0.1', '::1', '192.168.1.20', 'fd00::20', 'fe80::1%eth0'],
  hostName: 'Tower.fritz.box',
  listed: ['ocp.example.org', 'nas:8080'],
};

function code(check: () => void): ErrorCode | 'passed' {
  try {
    check();
    return 'passed';
  } catch (error) {
    assert.ok(error instanceof OcpError, String(error));
    return error.code;
  }
}

const hostIsAllowed = (host: string | undefined): boolean => code(() => checkHost(host, allowed)) === 'passed';

describe('the Host of a request', () => {
  it('may be loopback, this machine, the machine around a container, or listed', () => {
    const names = 'localhost LOCALHOST:3456 app.localhost tower.fritz.box Tower:3456 host.docker.internal:3456';
    const local =
      'tower.local Tower.LOCAL:3456 host.containers.internal gateway.docker.internal ocp.example.org OCP.example.org:443 nas:8080';
    const addresses = '127.0.0.1:3456 127.9.9.9 192.168.1.20:3456';
    const addresses6 = '[::1]:3456 [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [fd00::20] [FD00:0::20]:3456';
    const good = [names, local, addresses, addresses6].flatMap((hosts) => hosts.split(' '));
    for (const host of good) assert.ok(hostIsAllowed(host), host);
  });

  it('may not be anything else, however close it looks', () => {
    const names =
      '127.evil.com 127.0.0.1.evil.com localhost.evil.com evil-localhost local .local local.evil notlocal printer.local a.tower.local';
    const odd =
      '..local localhost.. localhost. tower.local. tower.fritz.box.:3456 internal evil.docker.internal lоcalhost evil.com/.local evil.com#.local evil.com?x.local http://localhost';
    const users =
      'localhost@evil.com evil.com@localhost localhost:80:80 localhost: localhost:x localhost:999999 localhost:0 localhost:65536';
    const notations = '0x7f.1 0x7f000001 2130706433 127.1 0177.0.0.1 127.0.0.1. 127.0.0.01 0.0.0.0 [127.0.0.1]';
    const addresses = '192.168.1.21 [fd00::21] [::] [::1 ::1 [::1%eth0] nas nas:80 fritz.box';
    const bad = [names, odd, users, notations, addresses].flatMap((hosts) => hosts.split(' '));
    bad.push('', ' ', 'localhost, evil.com', 'localhost evil.com', 'localhost\0');
    for (const host of bad) assert.ok(!hostIsAllowed(host), host);
    assert.ok(!hostIsAllowed(undefined));
  });

  it('is named, where it is refused, in the line that would allow it', () => {
    for (const [host, line] of [
      ['nas:80', 'OCP_ALLOWED_HOSTS=nas '],
      ['ocp.example.com', 'OCP_ALLOWED_HOSTS=ocp.example.com '],
      ['[fd00::21]:3456', 'OCP_ALLOWED_HOSTS=[fd00::21] '],
    ] as const) {
      assert.throws(
        () => checkHost(host, allowed),
        (error) => error instanceof OcpError && error.message.includes(line),
      );
    }
  });

  it('may be no name of another domain, for any name', () => {
    fc.assert(fc.property(fc.domain(), (domain) => !hostIsAllowed(domain)));
  });
});

it('the target of a request must be a path', () => {
  for (const target of ['/', '/v1/models?limit=1']) {
    assert.equal(
      code(() => checkTarget(target)),
      'passed',
    );
  }
  for (const target of ['http://evil.com/', 'evil.com:80', '*', '//evil.com/', '', undefined]) {
    assert.equal(
      code(() => checkTarget(target)),
      'invalid_request',
      target,
    );
  }
});

describe('the Origin of a request', () => {
  const outcome = (headers: Record<string, string>): string =>
    code(() => checkOrigin({ host: 'localhost:3456', ...headers }, ['https://chat.example.org', 'app://desk']));

  it('may be missing, OCP’s own, or listed', () => {
    assert.equal(outcome({}), 'passed');
    assert.equal(outcome({ origin: 'http://localhost:3456' }), 'passed');
    assert.equal(outcome({ origin: 'https://tower.local', host: 'tower.local:443' }), 'passed');
    assert.equal(outcome({ origin: 'http://[::1]:3456', host: '[::1]:3456' }), 'passed');
    assert.equal(outcome({ origin: 'https://chat.example.org' }), 'passed');
    assert.equal(outcome({ origin: 'app://desk' }), 'passed');
  });

  it('may not be another, nor none where the browser says that another site asks', () => {
    const bad = ['null', '', 'http://localhost', 'http://localhost:3457', 'http://127.0.0.1:3456', 'https://evil.com'];
    const close = ['http://localhost:3456/', 'http://u@localhost:3456', 'https://chat.example.org.evil.com', 'file://'];
    for (const origin of [...bad, ...close]) assert.equal(outcome({ origin }), 'forbidden_origin', origin);
    assert.equal(outcome({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }), 'forbidden_origin');
    assert.equal(outcome({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }), 'passed');
    assert.equal(outcome({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }), 'passed');
  });

  it('gets CORS headers only when it is listed', () => {
    assert.deepEqual(corsHeaders({ origin: 'https://evil.com' }, ['https://chat.example.org']), { vary: 'origin' });
    assert.deepEqual(corsHeaders({}, ['https://chat.example.org']), { vary: 'origin' });
    assert.deepEqual(corsHeaders({ origin: 'https://chat.example.org' }, []), {});
    const headers = corsHeaders({ origin: 'https://chat.example.org' }, ['https://chat.example.org']);
    assert.equal(headers['access-control-allow-origin'], 'https://chat.example.org');
    assert.equal(headers['vary'], 'origin');
  });
});

it('a request that changes something must be JSON', () => {
  const outcome = (method: string, type?: string): string =>
    code(() => checkContentType(method, type === undefined ? {} : { 'content-type': type }));
  assert.equal(outcome('POST', 'application/json'), 'passed');
  assert.equal(outcome('PATCH', 'Application/JSON; charset=utf-8'), 'passed');
  assert.equal(outcome('GET'), 'passed');
  assert.equal(outcome('DELETE'), 'passed');
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'text/plain;application/json',
  ]) {
    assert.equal(outcome('POST', type), 'unsupported_media_type');
  }
  assert.equal(outcome('POST'), 'unsupported_media_type');
  assert.equal(outcome('DELETE', 'text/plain'), 'unsupported_media_type');
});

it('loopback addresses are told by number, never by text', () => {
  for (const address of ['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1']) {
    assert.ok(isLoopbackAddress(address), address);
  }
  const others = [undefined, '', '128.0.0.1', '0.0.0.0', '::', '::2', '::ffff:10.0.0.1', '127.evil.com', 'localhost'];
  for (const address of [
    ...others,
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0x7f.1',
    '2130706433',
    '127.0.0.1.',
    '127.0.0.1:80',
  ]) {
    assert.ok(!isLoopbackAddress(address), address);
  }
});
