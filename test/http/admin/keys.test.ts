import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { ErrorBody } from '../chat-support.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import type { Ocp } from '../../support/ocp.ts';
import type { Reply } from '../../support/admin.ts';
import { asAdmin, bearer, newKey, remote, send, startMulti } from '../../support/admin.ts';

interface Key {
  readonly id: number;
  readonly name: string;
  readonly revoked: 0 | 1;
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
  readonly quota_daily: number | null;
  readonly limits: { readonly tokens: { readonly weekly: number | null }; readonly requestsPerMinute: number | null };
}

let ocp: Ocp;
before(async () => {
  ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
});
after(async () => ocp[Symbol.asyncDispose]());

async function keyList(): Promise<readonly Key[]> {
  return ((await asAdmin(ocp, 'GET', '/api/keys')).body as { keys: Key[] }).keys;
}

async function keyNamed(name: string): Promise<Key> {
  const found = (await keyList()).find((key) => key.name === name);
  assert.ok(found !== undefined, `no key named ${name}`);
  return found;
}

async function models(key: string): Promise<number> {
  return (await send(ocp, 'GET', '/v1/models', undefined, { ...remote, ...bearer(key) })).status;
}

function error(reply: Reply): [number, string, string | null] {
  const { error } = reply.body as { error: ErrorBody };
  return [reply.status, error.code, error.param];
}

suite('/api/keys', () => {
  test('makes a key, shows it once, and lists it without its text', async () => {
    const made = await asAdmin(ocp, 'POST', '/api/keys', { name: 'wife-laptop' });
    assert.equal(made.status, 201);
    const { id, key, name } = made.body as { id: number; key: string; name: string };
    assert.deepEqual(Object.keys(made.body as object).toSorted(), ['id', 'key', 'name']);
    assert.match(key, /^ocp_[A-Za-z0-9_-]{32}$/);
    assert.equal(name, 'wife-laptop');
    assert.equal(await models(key), 200);
    const listed = await asAdmin(ocp, 'GET', '/api/keys');
    assert.ok(!listed.text.includes(key.slice(4, 20)));
    assert.deepEqual((listed.body as { keys: unknown[] }).keys[0], {
      ...(await keyNamed('wife-laptop')),
      id,
      keyPreview: `ocp_...${key.slice(-4)}`,
      revoked: 0,
      quota_daily: null,
      quota_weekly: null,
      quota_monthly: null,
    });
    assert.ok((await keyNamed('wife-laptop')).lastUsedAt !== null);
  });

  test('names a key by the time when it is given no name', async () => {
    for (const body of [{}, { name: '' }]) {
      const made = await asAdmin(ocp, 'POST', '/api/keys', body);
      assert.equal(made.status, 201);
      assert.match((made.body as { name: string }).name, /^key-\d{13}$/);
    }
  });

  test('refuses names and bodies that make no sense', async () => {
    await newKey(ocp, { name: 'taken' });
    const refusals: readonly (readonly [unknown, number, string, string | null])[] = [
      [{ name: 'a/b' }, 400, 'invalid_request', 'name'],
      [{ name: 'x'.repeat(65) }, 400, 'invalid_request', 'name'],
      [{ name: 7 }, 400, 'invalid_request', 'name'],
      [{ name: 'admin' }, 400, 'invalid_request', 'name'],
      [{ name: 'taken' }, 409, 'conflict', 'name'],
      [{ name: 'n', models: ['gpt-5'] }, 404, 'model_not_found', 'model'],
      [{ name: 'n', profile: 'nobody' }, 400, 'invalid_request', 'profile'],
      [{ name: 'n', expiresAt: 'tomorrow' }, 400, 'invalid_request', 'expiresAt'],
      [{ name: 'n', limits: { tokens: { daily: -1 } } }, 400, 'invalid_request', 'limits.tokens.daily'],
      [{ name: 'n', limits: { perDay: 1 } }, 400, 'invalid_request', 'limits.perDay'],
      [{ name: 'n', admin: true }, 400, 'invalid_request', 'admin'],
      [[], 400, 'invalid_request', null],
      ['null', 400, 'invalid_request', null],
      ['{', 400, 'invalid_json', null],
      ['', 400, 'invalid_json', null],
      [{ note: 'x'.repeat(10_000) }, 413, 'body_too_large', null],
    ];
    const count = (await keyList()).length;
    for (const [body, ...expected] of refusals) {
      assert.deepEqual(
        error(await asAdmin(ocp, 'POST', '/api/keys', body)),
        expected,
        JSON.stringify(body).slice(0, 60),
      );
    }
    assert.equal((await keyList()).length, count);
  });

  test('changes what a body names and leaves the rest', async () => {
    await newKey(ocp, { name: 'tablet', note: 'old', limits: { requestsPerMinute: 9, tokens: { weekly: 5 } } });
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const changed = await asAdmin(ocp, 'PATCH', '/api/keys/tablet', {
      name: 'son tablet',
      models: ['sonnet', 'claude-haiku-4-5-20251001'],
      defaultModel: 'haiku',
      serverTools: true,
      expiresAt,
      limits: { requests: { daily: 20 }, requestsPerMinute: null },
    });
    assert.equal(changed.status, 200, changed.text);
    const key = await keyNamed('son tablet');
    assert.deepEqual((changed.body as { key: Key }).key, key);
    assert.partialDeepStrictEqual(key, {
      note: 'old',
      models: ['sonnet', 'claude-haiku-4-5-20251001'],
      defaultModel: 'haiku',
      serverTools: true,
      expiresAt,
      quota_daily: 20,
      limits: { requests: { daily: 20, weekly: null }, tokens: { weekly: 5 }, requestsPerMinute: null },
    });
    const path = '/api/keys/son%20tablet';
    assert.equal((await asAdmin(ocp, 'PATCH', path, { models: null, expiresAt: null })).status, 200);
    assert.partialDeepStrictEqual(await keyNamed('son tablet'), {
      models: null,
      expiresAt: null,
      defaultModel: 'haiku',
    });
    assert.deepEqual(error(await asAdmin(ocp, 'PATCH', path, { name: 'wife-laptop' })), [409, 'conflict', 'name']);
    assert.deepEqual(error(await asAdmin(ocp, 'PATCH', '/api/keys/nobody', {})), [404, 'not_found', null]);
  });

  test('switches a key off and on', async () => {
    const { key } = await newKey(ocp, { name: 'switched' });
    await asAdmin(ocp, 'PATCH', '/api/keys/switched', { enabled: false });
    assert.equal(await models(key), 401);
    await asAdmin(ocp, 'PATCH', '/api/keys/switched', { enabled: true });
    assert.equal(await models(key), 200);
    await asAdmin(ocp, 'PATCH', '/api/keys/switched', { expiresAt: new Date(Date.now() - 1).toISOString() });
    assert.equal(await models(key), 401);
  });

  test('revokes by name or id, and never by a name that looks like an id', async () => {
    const first = await newKey(ocp, { name: 'first' });
    const { key } = await newKey(ocp, { name: String(first.id) });
    const path = `/api/keys/${first.id}`;
    for (const revoked of [true, false]) {
      const reply = await asAdmin(ocp, 'DELETE', path);
      assert.deepEqual([reply.status, reply.body], [200, { revoked, idOrName: String(first.id) }]);
    }
    assert.deepEqual([await models(key), await models(first.key)], [401, 200]);
    const other = await newKey(ocp, { name: 'other' });
    assert.deepEqual((await asAdmin(ocp, 'DELETE', `/api/keys/${other.id}`)).body, {
      revoked: true,
      idOrName: String(other.id),
    });
    assert.deepEqual((await asAdmin(ocp, 'DELETE', '/api/keys/nobody%2Fat%20all')).body, {
      revoked: false,
      idOrName: 'nobody/at all',
    });
    assert.equal((await keyNamed('other')).revoked, 1);
    assert.equal((await asAdmin(ocp, 'DELETE', '/api/keys/%E0%A4%A')).status, 400);
    assert.deepEqual(error(await asAdmin(ocp, 'PATCH', '/api/keys/other', {})), [404, 'not_found', null]);
  });

  test('rotates a key with an overlap', async () => {
    const { key, id } = await newKey(ocp, { name: 'rotated' });
    const rotate = async (body: unknown): Promise<Reply> => asAdmin(ocp, 'POST', '/api/keys/rotated/rotate', body);
    const second = await rotate({ overlapMs: 60_000 });
    assert.equal(second.status, 200);
    const text = (second.body as { key: string }).key;
    assert.deepEqual(second.body, { id, key: text, name: 'rotated' });
    assert.deepEqual([await models(key), await models(text)], [200, 200]);
    const third = ((await rotate({})).body as { key: string }).key;
    assert.deepEqual([await models(text), await models(third)], [401, 200]);
    assert.deepEqual(error(await rotate({ overlapMs: -1 })), [400, 'invalid_request', 'overlapMs']);
    assert.deepEqual(error(await asAdmin(ocp, 'POST', '/api/keys/nobody/rotate', {})), [404, 'not_found', null]);
  });
});

suite('/api/keys/:idOrName/quota', () => {
  const windows = (daily: unknown, weekly: unknown, monthly: unknown): object => ({ daily, weekly, monthly });
  const state = (limit: number | null): object => ({ limit, used: 0 });

  test('shows limits and use, wrapped and not', async () => {
    const { id } = await newKey(ocp, { name: 'quota' });
    const quota = windows(state(null), state(null), state(null));
    const reply = await asAdmin(ocp, 'GET', '/api/keys/quota/quota');
    assert.deepEqual([reply.status, reply.body], [200, { keyId: id, quota, ...quota }]);
    assert.deepEqual(error(await asAdmin(ocp, 'GET', '/api/keys/nobody/quota')), [404, 'not_found', null]);
  });

  test('changes the windows that are named', async () => {
    const path = '/api/keys/quota/quota';
    const first = await asAdmin(ocp, 'PATCH', path, { daily: 20, weekly: 100 });
    assert.deepEqual(
      [first.status, first.body],
      [200, { ok: true, idOrName: 'quota', quota: { daily: 20, weekly: 100 } }],
    );
    assert.deepEqual((await asAdmin(ocp, 'PATCH', path, { daily: null, monthly: 0 })).status, 200);
    const { quota } = (await asAdmin(ocp, 'GET', path)).body as { quota: unknown };
    assert.deepEqual(quota, windows(state(null), state(100), state(0)));
    for (const daily of [-1, 1.5, '5', true, {}]) {
      const refused = await asAdmin(ocp, 'PATCH', path, { daily });
      assert.deepEqual(error(refused), [400, 'invalid_request', 'daily']);
      assert.match(refused.text, /"daily must be a positive integer or null"/);
    }
    for (const body of [{}, { yearly: 5 }, []]) {
      assert.deepEqual(error(await asAdmin(ocp, 'PATCH', path, body)), [400, 'invalid_request', null]);
    }
    assert.deepEqual(error(await asAdmin(ocp, 'PATCH', '/api/keys/nobody/quota', { daily: 1 })), [
      404,
      'not_found',
      null,
    ]);
    assert.deepEqual(error(await asAdmin(ocp, 'PATCH', path, { a: 'x'.repeat(10_001) })), [
      413,
      'body_too_large',
      null,
    ]);
  });
});

suite('/api/audit', () => {
  test('tells who changed what, from where, page by page', async () => {
    await newKey(ocp, { name: 'watched' });
    const changed = await asAdmin(ocp, 'PATCH', '/api/keys/watched', { note: 'new' });
    await asAdmin(ocp, 'DELETE', '/api/keys/watched');
    interface Entry {
      readonly id: number;
      readonly action: string;
      readonly requestId: string;
    }
    const page = async (query: string): Promise<{ entries: Entry[]; next: number | null }> =>
      (await asAdmin(ocp, 'GET', `/api/audit${query}`)).body as { entries: Entry[]; next: number | null };
    const newest = await page('?limit=2');
    assert.partialDeepStrictEqual(newest.entries, [
      { action: 'key.revoke', actor: 'admin', before: { revokedAt: null } },
      { action: 'key.change', before: { note: '' }, after: { note: 'new' }, address: '127.0.0.1' },
    ]);
    assert.equal(newest.entries[1]?.requestId, changed.headers.get('x-request-id'));
    assert.equal((await page(`?limit=1&before=${newest.next}`)).entries[0]?.action, 'key.create');
    const all = (await page('?limit=500')).entries;
    assert.deepEqual(
      all.map(({ id }) => id),
      all.map((_, index) => all.length - index),
    );
    assert.partialDeepStrictEqual((await asAdmin(ocp, 'GET', '/api/audit/verify')).body, {
      ok: true,
      entries: all.length,
      brokenAt: null,
    });
    for (const query of ['?limit=0', '?limit=501', '?limit=x', '?before=-1']) {
      assert.equal((await asAdmin(ocp, 'GET', `/api/audit${query}`)).status, 400, query);
    }
  });
});
