import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { displayWidth } from '../../../src/cli/output/width.ts';
import { adminKey, bearer, newKey, send, startMulti } from '../../support/admin.ts';
import type { CommandOptions, CommandRun } from '../../support/command.ts';
import { runOcp, terminal } from '../../support/command.ts';
import type { Ocp } from '../../support/ocp.ts';
import { until } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** A name that a client chose to do harm at the admin's terminal. */
const HOSTILE = 'evil\u001b[31m\u0007\u009b2J\u202e,"name"\r\n=1+1';
const harm = /[\u009b\u202e]|evil\p{Cc}/u;
const HOUR = 3600;

suite('looking at a running server', () => {
  let ocp: Ocp;
  let friend: string;
  const at = (argv: readonly string[], options: CommandOptions = {}): Promise<CommandRun> =>
    runOcp(argv, { ...options, env: { OCP_PROXY_URL: ocp.url, OCP_ADMIN_KEY: adminKey, ...options.env } });
  const ok = async (line: string, options: CommandOptions = {}): Promise<string> => {
    const { status, out, err } = await at(line.split(' '), options);
    assert.deepEqual([status, err], [0, ''], line);
    return out;
  };
  const json = async (line: string): Promise<Record<string, unknown>> =>
    JSON.parse(await ok(`${line} --json`)) as Record<string, unknown>;

  before(async () => {
    ocp = await startMulti({
      env: { OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake' },
    });
    const now = Math.floor(Date.now() / 1000);
    ocp.simulator.plan = {
      ...ocp.simulator.plan,
      fiveHour: { utilization: 0.21, resetsAt: now + 3 * HOUR + 750, status: 'allowed' },
      sevenDay: { utilization: 0.85, resetsAt: now + 98 * HOUR + 30, status: 'allowed' },
    };
    friend = (await newKey(ocp, { name: 'friend' })).key;
    const body = { model: 'sonnet', session_id: HOSTILE, messages: [{ role: 'user', content: 'hello' }] };
    assert.equal((await send(ocp, 'POST', '/v1/chat/completions', body, bearer(friend))).status, 200);
    const wrong = { model: HOSTILE, messages: body.messages };
    assert.equal((await send(ocp, 'POST', '/v1/chat/completions', wrong, bearer(friend))).status, 404);
    const failing = { ...body, messages: [{ role: 'user', content: '[[error:400]]' }] };
    assert.equal((await send(ocp, 'POST', '/v1/chat/completions', failing, bearer(friend))).status, 400);
    await until(async () => (await json('usage'))['plan'] !== null);
  });
  after(async () => ocp[Symbol.asyncDispose]());

  test('usage shows the plan and the models, in the blocks of the contract', async () => {
    const out = await ok('usage');
    for (const line of [
      /^Plan Usage Limits$/mu,
      /^ {2}Current session +21% used$/mu,
      /^ {4}Resets in 3h 1[0-2]m \(\w{3}, \w{3} \d+, \d+:\d\d [AP]M\)$/mu,
      /^ {2}Weekly \(all models\) +85% used$/mu,
      /^ {2}Extra usage +\w+/mu,
      /^Model Stats$/mu,
      /^Model +Req +OK +Er +AvgT +MaxT +AvgP +MaxP$/mu,
      /^claude-sonnet-5-5 +1 +1 +0 +[\d.]+s +[\d.]+s +5 +5$/mu,
      /^Total +1$/mu,
      /^Proxy: up .+ \| 2 reqs \| 1 err \| 0 timeout$/mu,
    ]) {
      assert.match(out, line);
    }
    assert.deepEqual(Object.keys(await json('usage')).slice(0, 3), ['status', 'fetchedAt', 'plan']);
    assert.match(await ok('usage', { terminal: terminal(80, true) }), /\p{Cc}\[31m85% used/u);
  });

  test('usage by key shows everybody to the admin, and themselves to everybody else', async () => {
    const out = await ok('usage --by-key');
    assert.match(out, /^Key +Reqs +OK +Err +Avg Time/mu);
    assert.match(out, /^friend +3 +1 +2 /mu);
    assert.match(out, /^By hour$/mu);
    const own = await at(['usage', '--by-key', '--key', friend]);
    assert.match(own.out, /^friend +3 [^]*Only what friend used/mu);
    assert.match(await ok('usage --since 2020-01-01 --until 2020-02-01'), /^No requests in this time\.$/mu);
    const all = await json('usage --all');
    assert.deepEqual(Object.keys(all), ['overview', 'usage']);
    assert.match(await ok('usage --all'), /Newest requests[^]*friend +evil/u);
  });

  test('usage is exported as CSV, to a pipe as it is and to a terminal cleaned', async () => {
    const out = await ok('usage --csv --hours 2');
    assert.match(out, /^created_at,key_name,model,/u);
    assert.equal(out.split('\r\n').filter((line) => line.includes(',friend,')).length, 3);
    assert.ok(out.includes(HOSTILE.slice(0, 12)));
    assert.doesNotMatch(await ok('usage --csv', { terminal: terminal(80) }), harm);
  });

  test('usage is watched until it is stopped', async () => {
    const stop = new AbortController();
    let shown = 0;
    const onOut = (text: string): void => {
      if (text.includes('Proxy: up') && (shown += 1) === 3) stop.abort(new Error('stopped'));
    };
    const { status, out } = await at(['usage', '--watch', '--interval', '0.2'], { signal: stop.signal, onOut });
    assert.deepEqual([status, out.split('Plan Usage Limits').length], [0, 4]);
    const again = new AbortController();
    const lines: string[] = [];
    await at(['usage', '-w', '--json', '--interval', '0.2'], {
      signal: again.signal,
      onOut: (text) => void (lines.push(text) === 2 && again.abort(new Error('stopped'))),
    });
    for (const line of lines) assert.equal(typeof (JSON.parse(line) as { plan: unknown }).plan, 'object');
  });

  test('status and health are JSON in a pipe, lines at a terminal, and a status for scripts', async () => {
    for (const name of ['status', 'health']) {
      const body = JSON.parse(await ok(name)) as Record<string, unknown>;
      assert.deepEqual(Object.keys(body), Object.keys(await json(name)));
    }
    const status = await ok('status', { terminal: terminal(80) });
    assert.match(status, /^Status +ok$/mu);
    assert.match(status, /^Current session +21% used, resets in 3h/mu);
    assert.match(status, /^Recent errors\n {2}\d{4}-\d\d-\d\d \d\d:\d\d +\S/mu);
    assert.match(await ok('health', { terminal: terminal(80) }), /^Workers +\d+ busy, \d+ spare/mu);
    assert.equal(typeof ((await json('status'))['service'] as { detail: unknown }).detail, 'string');
    assert.match(status, /^Service +\w+: \w/mu);
    const dead = await at(['status'], { env: { OCP_PROXY_URL: await deadUrl() } });
    assert.deepEqual([dead.status, Object.keys(JSON.parse(dead.out) as object)], [1, ['service']]);
    assert.match(dead.err, /^ocp: no OCP answers at/u);
    const seen = await at(['status'], { env: { OCP_PROXY_URL: await deadUrl() }, terminal: terminal(80) });
    assert.doesNotMatch(seen.out, /in the foreground/u);
    assert.match(seen.out, /^Service  \S/u);
    const away = await runOcp(['health', '--url', await deadUrl()]);
    assert.deepEqual([away.status, away.out], [1, '']);
    assert.match(away.err, /^ocp: no OCP answers at http:\S+: start it with ocp \w+[^\n]*\n$/u);
  });

  test('a setting is shown, changed, put back, and refused with the reason', async () => {
    assert.match(await ok('settings'), /^cacheTTL +0 +0–24h +default +How long/mu);
    assert.equal(await ok('settings maxConcurrent 4'), '✓ maxConcurrent = 4\n');
    assert.match(await ok('settings maxConcurrent'), /^maxConcurrent +4 +1–512 +changed/mu);
    assert.equal((await json('settings maxConcurrent'))['value'], 4);
    assert.equal(await ok('settings maxConcurrent default'), '✓ maxConcurrent = 8\n');
    const refused = await at(['settings', 'timeout', '5']);
    assert.deepEqual([refused.status, refused.out], [1, '']);
    assert.equal(refused.err, '✗ timeout: value 5 out of range [30000, 1800000]\n');
    assert.match((await at(['settings', 'timeout', 'long'])).err, /^✗ timeout: expected number, got string; .* 5m$/mu);
    assert.equal((await at(['settings', 'tiers.opus', '5'])).status, 2);
    assert.equal(await ok('settings cacheTTL 90s'), '✓ cacheTTL = 90s\n');
    assert.match(await ok('settings'), /^cacheTTL +90s +0–24h +changed/mu);
    assert.equal((await json('settings cacheTTL'))['value'], 90_000);
    await ok('settings cacheTTL default');
  });

  test('models are ids in a pipe, and a table at a terminal', async () => {
    const ids = (await ok('models')).trimEnd().split('\n');
    assert.ok(ids.includes('claude-sonnet-5-5') && ids.every((id) => /^claude-[\w-]+$/u.test(id)));
    assert.match(await ok('models', { terminal: terminal(80) }), /^Model +Name +Context +Longest answer\n/u);
    assert.equal(((await json('models'))['data'] as unknown[]).length, ids.length);
  });

  test('sessions are listed, and cleared', async () => {
    const out = await ok('sessions');
    assert.match(out, /^evil.* key:\d+ +sonnet +2 /mu);
    assert.doesNotMatch(out, harm);
    assert.equal(((await json('sessions'))['sessions'] as unknown[]).length, 1);
    assert.equal(await ok('clear'), 'Cleared 1 sessions.\n');
    assert.match(await ok('sessions'), /^No named sessions\.$/mu);
    assert.deepEqual(await json('clear'), { cleared: 0 });
  });

  test('the cache is shown, and cleared', async () => {
    assert.match(await ok('cache'), /^Answers +0\nSize +0 B\n/u);
    assert.equal(await ok('cache clear'), 'Cleared 0 answers.\n');
    assert.deepEqual([(await json('cache'))['entries'], (await json('cache clear'))['cleared']], [0, 0]);
  });

  test('the audit log is listed by pages, and verified', async () => {
    assert.match(await ok('audit'), /admin +key\.create +key \d+ \(friend\)/u);
    const first = await ok('audit --limit 1');
    const next = /Further entries: ocp audit --before (\d+)/u.exec(first)?.[1] ?? '';
    assert.match(await ok(`audit --before ${next}`), /key\.create/u);
    assert.match(await ok('audit verify'), /^✓ \d+ entries, none changed or taken out$/mu);
    assert.equal((await json('audit verify'))['ok'], true);
    assert.equal((await at(['audit', '--limit', '0'])).status, 2);
  });

  test('the log is shown by level, and followed', async () => {
    const out = await ok('logs 50 all');
    assert.match(out, /^\d{4}-\d\d-\d\dT\S+ \| INFO \| \w+ \| /mu);
    assert.doesNotMatch(out, harm);
    assert.equal((await ok('logs 3 all')).trimEnd().split('\n').length, 3);
    assert.equal(await ok('logs error'), await ok('logs'));
    for (const line of (await ok('logs 5 all --json')).trimEnd().split('\n')) {
      assert.equal(typeof (JSON.parse(line) as { level: unknown }).level, 'string');
    }
    assert.equal((await at(['logs', '201'])).status, 2);

    const stop = new AbortController();
    const seen: string[] = [];
    const onOut = (text: string): void => {
      if (seen.push(text) === 1) void at(['usage', '--by-key']);
      if (seen.length > 1 && text.includes('admin_usage_full_scope')) stop.abort(new Error('stopped'));
    };
    const { status } = await at(['logs', '-f', '1', 'all'], { signal: stop.signal, onOut });
    assert.equal(status, 0);
    assert.equal(new Set(seen).size, seen.length);
  });

  test('every command has its help, refuses what it does not know, and fits a narrow terminal', async () => {
    const names = ['usage', 'status', 'health', 'settings', 'logs', 'models', 'sessions', 'clear', 'cache', 'audit'];
    for (const name of [...names, 'keys', 'cache clear', 'audit verify']) {
      assert.match(await ok(`${name} --help`), new RegExp(`^Usage: ocp ${name} [^]*--url URL[^]*--json`, 'u'));
      assert.equal((await at([...name.split(' '), '--nonsense'])).status, 2, name);
    }
    for (const line of [...names, 'usage --all', 'logs 50 all', 'keys']) {
      if (line === 'clear') continue;
      const { out } = await at(line.split(' '), { terminal: terminal(44, true) });
      assert.doesNotMatch(out, harm, line);
      if (line.startsWith('logs')) continue;
      const wide = out.split('\n').filter((each) => displayWidth(each.replaceAll(/\p{Cc}\[\d+m/gu, '')) > 44);
      assert.ok(
        wide.every((each) => !/ {2}\S+ {2}/u.test(each)),
        `${line}: ${wide.join('\n')}`,
      );
      assert.ok(!(await at(line.split(' '))).out.includes('\u001b'), line);
    }
  });
});

/** An address on this machine where nobody listens. */
async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

test('the log file is read where this machine’s server does not run', async (t) => {
  const home = temporaryFolder(t);
  mkdirSync(`${home}/logs`);
  writeFileSync(
    `${home}/logs/ocp.log`,
    '{"level":"info","ts":"1","event":"started"}\n{"level":"error","ts":"2","event":"broke\\u001b[2J","model":"opus","why":1}\nnot json\n',
  );
  const env = { OCP_HOME: home, CLAUDE_PROXY_PORT: '9' };
  const { status, out, err } = await runOcp(['logs'], { env });
  assert.deepEqual([status, out], [0, '2 | ERROR | broke | opus | why=1\n']);
  assert.match(err, /the server does not answer; these are the last lines of/u);
  assert.equal((await runOcp(['logs', 'all'], { env })).out.split('\n').length, 4);
});
