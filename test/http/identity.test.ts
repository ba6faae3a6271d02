import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { identify, isAdmin, requireAdmin } from '../../src/http/identity.ts';
import type { Caller, IdentityRules } from '../../src/http/identity.ts';
import type { KeyRecord } from '../../src/store/key-record.ts';
import { keyDigest } from '../../src/store/key-text.ts';
import { plainKey } from '../../src/store/keys.ts';
import { OcpError } from '../../src/wire/errors.ts';

const here = '127.0.0.1';
const elsewhere = '192.168.1.30';
const laptopKey: KeyRecord = {
  ...plainKey,
  id: 7,
  name: 'laptop',
  preview: 'ocp_...ptop',
  createdAt: 0,
  lastUsedAt: null,
  revokedAt: null,
};

function rules(mode: IdentityRules['mode'], more: Partial<IdentityRules> = {}): IdentityRules {
  return {
    mode,
    adminKey: 'the-admin-key',
    sharedKey: mode === 'shared' ? 'the-shared-key' : undefined,
    anonymousKey: 'ocp_public_anon',
    metricsToken: undefined,
    trustLoopback: true,
    findKey: (digest) => (digest.equals(keyDigest('ocp_laptop')) ? laptopKey : undefined),
    ...more,
  };
}

function role(given: IdentityRules, remoteAddress: string | undefined, headers: Record<string, string> = {}): string {
  try {
    return identify({ headers, remoteAddress }, given).role;
  } catch (error) {
    assert.ok(error instanceof OcpError, String(error));
    return error.code;
  }
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe('who calls, by mode', () => {
  it('none: everybody, and a wrong key does not matter', () => {
    assert.equal(role(rules('none'), here), 'local');
    assert.equal(role(rules('none'), elsewhere), 'remote');
    assert.equal(role(rules('none'), elsewhere, bearer('wrong')), 'remote');
    assert.equal(role(rules('none'), elsewhere, bearer('the-admin-key')), 'admin');
  });

  it('shared: the shared key, except on this machine', () => {
    assert.equal(role(rules('shared'), here), 'local');
    assert.equal(role(rules('shared'), elsewhere), 'invalid_api_key');
    assert.equal(role(rules('shared'), elsewhere, bearer('wrong')), 'invalid_api_key');
    assert.equal(role(rules('shared'), elsewhere, bearer('ocp_public_anon')), 'invalid_api_key');
    assert.equal(role(rules('shared'), elsewhere, bearer('the-shared-key')), 'shared');
    assert.equal(role(rules('shared', { sharedKey: undefined }), elsewhere, bearer('undefined')), 'invalid_api_key');
  });

  it('multi: a key of one’s own, the public key, or this machine', () => {
    assert.equal(role(rules('multi'), elsewhere), 'invalid_api_key');
    assert.equal(role(rules('multi'), elsewhere, bearer('ocp_gone')), 'invalid_api_key');
    assert.equal(role(rules('multi'), elsewhere, bearer('ocp_public_anon')), 'anonymous');
    assert.equal(role(rules('multi'), here), 'local');
    assert.equal(role(rules('multi'), here, bearer('placeholder')), 'local', 'a tool that insists on a key');
    assert.equal(role(rules('multi'), here, bearer('ocp_gone')), 'invalid_api_key', 'a revoked key stays revoked');
    const laptop: Caller = { role: 'key', key: laptopKey, name: 'laptop' };
    const headers = bearer('ocp_laptop');
    assert.deepEqual(identify({ headers, remoteAddress: elsewhere }, rules('multi')), laptop);
    assert.deepEqual(identify({ headers, remoteAddress: here }, rules('multi')), laptop);
  });

  it('treats this machine as any other where loopback is not trusted', () => {
    const distrust = { trustLoopback: false };
    assert.equal(role(rules('none', distrust), here), 'remote');
    assert.equal(role(rules('shared', distrust), here), 'invalid_api_key');
    assert.equal(role(rules('multi', distrust), here), 'invalid_api_key');
    assert.equal(role(rules('multi', distrust), here, bearer('ocp_laptop')), 'key');
  });

  it('treats a request that a proxy handed on as remote', () => {
    for (const header of ['x-forwarded-for', 'forwarded', 'cf-connecting-ip', 'x-real-ip', 'via']) {
      assert.equal(role(rules('multi'), here, { [header]: '' }), 'invalid_api_key', header);
      assert.equal(role(rules('none'), here, { [header]: '127.0.0.1' }), 'remote', header);
    }
    assert.equal(role(rules('multi'), undefined), 'invalid_api_key');
    assert.equal(role(rules('multi'), '::ffff:127.0.0.1'), 'local');
  });
});

describe('where the key may stand', () => {
  it('is Authorization, x-api-key or api-key, whichever holds a known one', () => {
    for (const headers of [
      { authorization: 'bearer   ocp_laptop ' },
      { 'x-api-key': 'ocp_laptop' },
      { 'api-key': 'ocp_laptop' },
      { authorization: 'Bearer placeholder', 'x-api-key': 'ocp_laptop' },
    ]) {
      assert.equal(role(rules('multi'), elsewhere, headers), 'key', JSON.stringify(headers));
    }
  });

  it('is nowhere else', () => {
    for (const headers of [
      { authorization: 'Basic ocp_laptop' },
      { authorization: 'ocp_laptop' },
      { cookie: 'ocp_laptop' },
    ]) {
      assert.equal(role(rules('multi'), elsewhere, headers), 'invalid_api_key', JSON.stringify(headers));
    }
  });

  it('never comes back in an error', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\x21-\x7e]{12,40}$/), (token) => {
        assert.throws(
          () => identify({ headers: bearer(token), remoteAddress: elsewhere }, rules('multi')),
          (error) => error instanceof OcpError && error.status === 401 && !error.message.includes(token),
        );
      }),
    );
  });
});

describe('who administers', () => {
  const caller = (kind: Exclude<Caller['role'], 'key'>): Caller => ({ role: kind, key: null, name: kind });

  it('is the holder of the admin key, and this machine where people have no keys of their own', () => {
    for (const mode of ['none', 'shared', 'multi'] as const) assert.ok(isAdmin(caller('admin'), mode));
    assert.ok(isAdmin(caller('local'), 'none'));
    assert.ok(isAdmin(caller('local'), 'shared'));
    assert.ok(!isAdmin(caller('local'), 'multi'));
    for (const kind of ['remote', 'shared', 'anonymous'] as const) {
      assert.throws(
        () => requireAdmin(caller(kind), 'none'),
        (error) => error instanceof OcpError && error.code === 'permission_denied',
      );
    }
  });
});
