import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { asAdmin, bearer, newKey, remote, send, startMulti } from '../../support/admin.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import type { Ocp } from '../../support/ocp.ts';
import { until } from '../../support/processes.ts';
import { post, question } from '../chat-support.ts';

type Row = Readonly<Record<string, unknown>>;
interface Usage {
  readonly byKey: readonly Row[];
  readonly timeline: readonly Row[];
  readonly recent: readonly Row[];
  readonly scope: { readonly self: string | null; readonly all: boolean };
}

const SQL_TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/u;

suite('/api/usage', () => {
  let ocp: Ocp;
  let anna: string;
  let ben: string;

  before(async () => {
    ocp = await startMulti({
      env: { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_CACHE_TTL: '60000', PROXY_ANONYMOUS_KEY: 'ocp_public_anon' },
    });
    anna = (await newKey(ocp, { name: 'anna' })).key;
    ben = (await newKey(ocp, { name: 'ben', limits: { requests: { daily: 2 } } })).key;
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const ask = async (key: string, text: string, fields: object = {}): Promise<number> => {
    const response = await post(ocp, question(text, fields), {
      ...bearer(key),
      'user-agent': 'opencode/1.18.33 ai-sdk/provider-utils/4.0.23',
    });
    await response.text();
    return response.status;
  };
  const usage = async (query = '', key?: string): Promise<Usage> => {
    const path = `/api/usage${query}`;
    const reply =
      key === undefined ? await asAdmin(ocp, 'GET', path) : await send(ocp, 'GET', path, undefined, bearer(key));
    assert.equal(reply.status, 200, reply.text);
    return reply.body as Usage;
  };

  test('has one row for each request, whichever way it ended', async () => {
    assert.equal(await ask(anna, 'one', { stream: true }), 200);
    assert.equal(await ask(anna, 'one', { stream: true }), 200);
    assert.equal(await ask(anna, '[[fake:{"exit":{"at":"token"}}]]'), 502);
    assert.equal(await ask(anna, 'two', { model: 'nobody-knows' }), 404);
    assert.equal(await ask(anna, 'three', { messages: 'not a list' }), 400);
    const leaving = new AbortController();
    const slow = question('[[fake:{"tokens":50,"intervalMs":100}]]', { stream: true });
    const response = await post(ocp, slow, bearer(anna), leaving.signal);
    await response.body?.getReader().read();
    leaving.abort();
    await until(async () => (await usage('', anna)).recent.length === 6);
    const { recent, byKey, timeline, scope } = await usage('', anna);
    const ended = recent.map(({ outcome, source, model, success }) => ({ outcome, source, model, success }));
    assert.deepEqual(ended, [
      { outcome: 'client_closed', source: ended[0]?.source, model: 'sonnet', success: 0 },
      { outcome: 'invalid_request', source: null, model: '', success: 0 },
      { outcome: 'model_not_found', source: null, model: 'nobody-knows', success: 0 },
      { outcome: 'worker_lost', source: ended[3]?.source, model: 'sonnet', success: 0 },
      { outcome: 'ok', source: 'hit', model: 'sonnet', success: 1 },
      { outcome: 'ok', source: ended[5]?.source, model: 'sonnet', success: 1 },
    ]);
    assert.match(String(ended[5]?.source), /^(?:spare|started)$/u);
    const [, , , , , first] = recent;
    const { created_at, elapsed_ms, first_token_ms, source, ...exact } = first ?? {};
    assert.match(String(created_at), SQL_TIME);
    assert.ok(Number(first_token_ms) <= Number(elapsed_ms));
    assert.ok(source !== undefined);
    assert.deepEqual(exact, {
      key_name: 'anna',
      model: 'sonnet',
      model_answered: 'claude-sonnet-5-5',
      surface: 'openai-chat',
      client: 'opencode',
      success: 1,
      outcome: 'ok',
      prompt_chars: 3,
      response_chars: 10,
      input_tokens: 10,
      output_tokens: 5,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      usd: 0,
      replayed: false,
    });
    const [cut] = recent;
    assert.ok(Number(cut?.['output_tokens']) >= 1, 'what was broken off has cost something');
    assert.ok(Number(cut?.['usd']) >= 0);
    assert.deepEqual(scope, { self: 'anna', all: false });
    assert.equal(byKey.length, 1);
    const [mine] = byKey;
    assert.deepEqual(
      ['key_name', 'requests', 'successes', 'errors', 'cached'].map((name) => mine?.[name]),
      ['anna', 6, 2, 4, 1],
    );
    assert.match(String(mine?.['first_request']), SQL_TIME);
    assert.match(String(timeline.at(-1)?.['hour']), /^\d{4}-\d{2}-\d{2}T\d{2}:00:00$/u);
    assert.equal(
      timeline.reduce((sum, { requests }) => sum + Number(requests), 0),
      6,
    );
  });

  test('shows everybody their own, and all of it to the admin who asks for it, with a line in the audit log', async () => {
    await ask(ben, 'mine');
    await ask('ocp_public_anon', 'ours');
    assert.deepEqual(
      (await usage('', ben)).byKey.map(({ key_name }) => key_name),
      ['ben'],
    );
    assert.deepEqual((await usage('?all=true', ben)).scope, { self: 'ben', all: false });
    assert.deepEqual(
      (await usage('', 'ocp_public_anon')).byKey.map(({ key_name }) => key_name),
      ['anonymous'],
    );
    assert.deepEqual((await usage()).byKey, []);
    const all = await usage('?all=true');
    assert.deepEqual(all.scope, { self: null, all: true });
    const names = all.byKey.map(({ key_name }) => String(key_name));
    assert.deepEqual(
      names.toSorted((a, b) => a.localeCompare(b)),
      ['anna', 'anonymous', 'ben'],
    );
    await usage('?all=true');
    const { entries } = (await asAdmin(ocp, 'GET', '/api/audit')).body as { readonly entries: readonly Row[] };
    assert.equal(entries.filter(({ action }) => action === 'usage.read_all').length, 1, 'once within an hour');
    assert.equal(ocp.log.filter((line) => line.includes('admin_usage_full_scope')).length, 2);
    assert.equal((await send(ocp, 'GET', '/api/usage', undefined, remote)).status, 401);
  });

  test('shows a key that was renamed under its new name', async () => {
    assert.equal((await asAdmin(ocp, 'PATCH', '/api/keys/ben', { name: 'benjamin' })).status, 200);
    assert.deepEqual(
      (await usage('', ben)).byKey.map(({ key_name }) => key_name),
      ['benjamin'],
    );
    assert.equal((await usage('', ben)).recent[0]?.['key_name'], 'benjamin');
  });

  test('is cut to a time and a number of requests', async () => {
    const hour = new Date(Date.now() - 3_600_000).toISOString();
    const past = hour.slice(0, 19).replace('T', ' ');
    const total = async (query: string): Promise<number> => (await usage(query, anna)).recent.length;
    assert.equal(await total('?limit=2'), 2);
    assert.equal(await total('?hours=1'), 6);
    assert.equal(await total('?hours=nonsense&limit=-3'), 6);
    assert.equal(await total(`?since=${encodeURIComponent(past)}`), 6);
    assert.equal(await total(`?since=${hour}`), 6);
    assert.equal(await total(`?until=${hour}`), 0);
    assert.equal(await total('?since=2020-01-01&until=2020-01-02'), 0);
    assert.deepEqual((await usage(`?until=${hour}`, anna)).byKey, []);
    const wrong = await send(ocp, 'GET', '/api/usage?since=yesterday', undefined, bearer(anna));
    assert.deepEqual([wrong.status, (wrong.body as { error: Row }).error['param']], [400, 'since']);
  });

  test('is exported as CSV and as JSON Lines, formulas made harmless', async () => {
    await ask(anna, 'long', { model: 'x'.repeat(5000) });
    assert.equal((await usage('?limit=1', anna)).recent[0]?.['model'], `${'x'.repeat(100)}…`);
    await ask(anna, 'formula', { model: '=HYPERLINK("x"),y' });
    const csv = await send(ocp, 'GET', '/api/usage?format=csv', undefined, bearer(anna));
    assert.match(String(csv.headers.get('content-type')), /^text\/csv/u);
    assert.match(String(csv.headers.get('content-disposition')), /filename="ocp-usage\.csv"/u);
    const [head, first, ...rest] = csv.text.split('\r\n');
    assert.match(String(head), /^created_at,key_name,model,/u);
    assert.match(String(first), /,anna,"'=HYPERLINK\(""x""\),y",/u);
    assert.equal(rest.length, 8);
    const jsonl = await send(ocp, 'GET', '/api/usage?format=jsonl&limit=3', undefined, bearer(anna));
    const rows = jsonl.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    assert.deepEqual(rows, (await usage('?limit=3', anna)).recent);
    assert.equal((await send(ocp, 'GET', '/api/usage?format=xml', undefined, bearer(anna))).status, 400);
  });
});

test('usage and quotas go on where they were after a restart, also after the server was killed', async (t) => {
  const { createSite, serve, kill } = await import('../../support/serve-process.ts');
  const site = createSite(t, 'http://127.0.0.1:9', {
    CLAUDE_BIN: fakeClaudeBinary,
    CLAUDE_AUTH_MODE: 'multi',
    OCP_ADMIN_KEY: 'admin-key-of-this-test',
  });
  const first = await serve(site);
  const { key } = await newKey(first, { name: 'son', limits: { requests: { weekly: 3 } } });
  const body = JSON.stringify(question('hello'));
  const headers = { 'content-type': 'application/json', ...bearer(key) };
  const ask = async ({ url }: { readonly url: string }): Promise<number> =>
    (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })).status;
  assert.deepEqual([await ask(first), await ask(first)], [200, 200]);
  // Reading usage writes what waits.
  await send(first, 'GET', '/api/usage', undefined, bearer(key));
  const died = once(first.child, 'exit');
  kill(first.pid);
  await died;
  const second = await serve(site);
  assert.deepEqual([await ask(second), await ask(second)], [200, 429]);
  const quota = (await asAdmin(second, 'GET', '/api/keys/son/quota')).body as Readonly<Record<string, unknown>>;
  assert.deepEqual(quota['weekly'], { limit: 3, used: 3 });
});
