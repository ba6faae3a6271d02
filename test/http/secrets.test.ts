import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { variables } from '../../src/config/variables.ts';
import { tightenHome } from '../../src/config/home-files.ts';
import { Redactor } from '../../src/http/redact.ts';
import { openServerLog } from '../../src/http/server-log.ts';
import { withoutPaths } from '../../src/claude/without-paths.ts';
import { adminKey, asAdmin, bearer, newKey, remote, send } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { startOcp } from '../support/ocp.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A value for every variable that is a secret, by the table of variables; further ones of the CLI and of proxies. */
const own = Object.fromEntries(
  variables.flatMap((row) => (row.kind === 'secret' ? [[row.key, `secret-of-${row.name.toLowerCase()}`]] : [])),
);
const foreign = {
  CLAUDE_CODE_OAUTH_TOKEN: 'token of the "operator"',
  ANTHROPIC_API_KEY: 'api-key-of-the-operator',
  AWS_SECRET_ACCESS_KEY: 'aws-secret',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  HTTPS_PROXY: 'http://proxy-user:proxy%20password@proxy.example:8080',
  ANTHROPIC_CUSTOM_HEADERS: 'x-team: team-secret',
};
const fragments = [
  ...Object.values(own),
  'token of the',
  'api-key-of-the-operator',
  'aws-secret',
  'AKIAEXAMPLE',
  'proxy%20password',
  'proxy password',
  'team-secret',
];

suite('no secret reaches a line of the log', () => {
  test('of those that OCP is given, whatever the line says', (t) => {
    const seen: string[] = [];
    const serverLog = openServerLog({ home: temporaryFolder(t), ...own }, foreign, (line) => void seen.push(line));
    const all = { ...own, ...foreign, decoded: 'proxy password' };
    for (const [name, secret] of Object.entries(all)) {
      serverLog.log.info({ [name]: secret, nested: { text: `before ${secret} behind` } }, `it says ${secret}`);
      serverLog.log.error({ err: new Error(secret) }, 'failed');
    }
    serverLog.close();
    assert.equal(seen.length, 2 * Object.keys(all).length);
    for (const fragment of fragments) assert.ok(!seen.join('\n').includes(fragment), fragment);
    assert.ok(!JSON.stringify(serverLog.ring.newest(1000, 'all')).includes('secret-of'));
    for (const line of seen) JSON.parse(line);
  });

  test('nor of those that show what they are', () => {
    const redactor = new Redactor();
    for (const [text, secret] of [
      [`key ocp_${'A1b2'.repeat(8)}!`, 'A1b2A1b2'],
      ['sk-ant-oat01-abcdefghijkl', 'abcdefgh'],
      [`cookie: ocp_session_3456=${'x'.repeat(43)}; a=b`, 'xxxxx'],
      ['authorization: Bearer eyJhbGciOiJIUzI1NiJ9.abc.def', 'eyJhbGci'],
      ['proxy http://user:pass@proxy:80/', 'pass'],
    ] as const) {
      const shown = redactor.hide(text);
      assert.ok(!shown.includes(secret) && shown.includes('[hidden]'), shown);
    }
    assert.equal(
      redactor.hide('basic facts about a bearer of news at http://host/a@b'),
      'basic facts about a bearer of news at http://host/a@b',
    );
  });
});

test('what the CLI says when it fails is told without paths', () => {
  const said =
    "Error: ENOENT '/home/anna/.claude/x.json' at file:///opt/claude/cli.js:1:2 (/usr/lib/node/a.js:3) ~/.ssh/id see https://docs.example/a/b";
  const told = withoutPaths(said);
  for (const part of ['anna', '/opt', '/usr', '.ssh']) assert.ok(!told.includes(part), told);
  assert.match(told, /https:\/\/docs\.example\/a\/b/u);
});

test('no answer of OCP holds a secret', { timeout: 60_000 }, async () => {
  const env = {
    CLAUDE_BIN: fakeClaudeBinary,
    CLAUDE_AUTH_MODE: 'multi',
    OCP_ADMIN_KEY: adminKey,
    PROXY_API_KEY: 'secret-of-proxy_api_key',
    OCP_METRICS_TOKEN: 'secret-of-ocp_metrics_token',
    CLAUDE_CODE_OAUTH_TOKEN: 'token-of-the-operator',
    HTTPS_PROXY: 'http://proxy-user:proxy-password@127.0.0.1:9',
  };
  await using ocp = await startOcp({ env });
  const { key } = await newKey(ocp, { name: 'anna' });
  const secrets = [adminKey, 'secret-of', 'token-of-the', 'proxy-password', key];
  const { paths } = (await send(ocp, 'GET', '/openapi.json')).body as { paths: Record<string, object> };
  for (const path of [...Object.keys(paths), '/nowhere', '/v1/models/none']) {
    if (path === '/api/events') continue;
    const address = path.replaceAll(/\{\w+\}/gu, 'anna');
    for (const headers of [{}, remote, { ...remote, ...bearer(key) }, { ...remote, ...bearer(adminKey) }]) {
      const { text } = await send(ocp, 'GET', address, undefined, headers);
      for (const secret of secrets) assert.ok(!text.includes(secret), `${path} shows ${secret}`);
    }
  }
  await asAdmin(ocp, 'POST', '/api/session', { key: 'wrong-key-of-somebody' });
  for (const secret of [...secrets, 'wrong-key-of']) assert.ok(!ocp.log.join('\n').includes(secret), secret);
});

suite('files that others could read', () => {
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  test('are tightened at the start, and a line of the log says so once', { timeout: 60_000 }, async (t) => {
    const home = join(temporaryFolder(t), 'home');
    const profile = join(home, 'profiles', 'anna');
    mkdirSync(profile, { recursive: true });
    mkdirSync(join(home, 'backups'));
    const outside = join(temporaryFolder(t), 'outside');
    writeFileSync(outside, 'not of OCP');
    symlinkSync(outside, join(home, 'link'));
    const files = [
      join(home, 'admin-key'),
      join(home, 'config.json'),
      join(home, 'ocp.db.before-6'),
      join(home, 'backups', 'ocp-1.tar'),
      join(profile, '.credentials.json'),
      join(profile, 'setup-token'),
    ];
    for (const file of files) writeFileSync(file, '{}');
    for (const path of [...files, outside]) chmodSync(path, 0o644);
    for (const folder of [home, profile, join(home, 'backups')]) chmodSync(folder, 0o755);
    await using ocp = await startOcp({ env: { CLAUDE_BIN: fakeClaudeBinary, OCP_HOME: home } });
    for (const file of files) assert.equal(mode(file), '600', file);
    for (const folder of [home, profile, join(home, 'profiles'), join(home, 'backups')])
      assert.equal(mode(folder), '700', folder);
    assert.equal(mode(outside), '644', 'what a link points at is not touched');
    const told = ocp.log.filter((line) => line.includes('files_tightened'));
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /admin-key/u);
    assert.deepEqual(tightenHome(home, process.getuid?.()), { tightened: [], foreign: [] });
  });

  test('of another user are named and left alone', (t) => {
    const home = temporaryFolder(t);
    writeFileSync(join(home, 'admin-key'), 'x');
    chmodSync(join(home, 'admin-key'), 0o644);
    const { tightened, foreign } = tightenHome(home, (process.getuid?.() ?? 0) + 1);
    assert.deepEqual(tightened, []);
    assert.ok(foreign.includes(join(home, 'admin-key')));
    assert.equal(mode(join(home, 'admin-key')), '644');
  });
});
