import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { BackupError, readManifest } from '../../src/backup/archive.ts';
import { makeBackup } from '../../src/backup/make.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { startBackups } from '../../src/backup/schedule.ts';
import { lastBackup } from '../../src/config/backup-outcome.ts';
import { writeStoredLogin } from '../../src/claude/stored-login.ts';
import { asAdmin, bearer, newKey, remote, send, startMulti } from '../support/admin.ts';
import { runOcp } from '../support/command.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { until } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';

const now = Date.UTC(2026, 11, 1, 12);
const secrets = [
  'the-admin-key-of-this-home',
  'shared-key-of-this-home',
  'sk-ant-oat01-of-the-operator',
  'a-proxy-password',
];

/** A home with everything in it; a server has made its database, with one key that was used. */
async function usedHome(t: TestContext): Promise<{ readonly home: string; readonly key: string }> {
  const home = join(temporaryFolder(t), 'ocp');
  await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary, OCP_HOME: home } });
  const { key } = await newKey(ocp, { name: 'anna' });
  assert.equal((await asAdmin(ocp, 'PATCH', '/api/keys/anna/quota', { daily: 5 })).status, 200);
  const question = { model: 'sonnet', messages: [{ role: 'user', content: 'Hello' }] };
  assert.equal((await send(ocp, 'POST', '/v1/chat/completions', question, { ...remote, ...bearer(key) })).status, 200);
  writeFileSync(
    join(home, 'config.json'),
    '{\n  // shared-key-of-this-home is here\n  "CLAUDE_TIMEOUT": "5m",\n  "PROXY_API_KEY": "shared-key-of-this-home",\n  "HTTPS_PROXY": "http://me:a-proxy-password@proxy"\n}\n',
    { mode: 0o600 },
  );
  writeFileSync(join(home, 'admin-key'), 'the-admin-key-of-this-home\n', { mode: 0o600 });
  const token = { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-of-the-operator' };
  writeStoredLogin(home, 'default', { kind: 'token', storedAt: now, env: token });
  mkdirSync(join(home, 'profiles/ben'), { recursive: true });
  const made = await makeBackup({
    ocpHome: home,
    path: join(home, '../while.ocp'),
    version: '1',
    withSecrets: false,
    now,
  });
  assert.equal(made.counts['keys'], 1, 'a backup while the server runs');
  return { home, key };
}

async function backedUp(home: string, withSecrets: boolean): Promise<string> {
  const path = join(home, `../${withSecrets ? 'secret' : 'plain'}.ocp`);
  await makeBackup({ ocpHome: home, path, version: '0.1.0', withSecrets, now });
  return path;
}

async function refused(work: Promise<unknown>, says: RegExp): Promise<void> {
  await assert.rejects(
    work,
    (error) => error instanceof BackupError && says.test(error.message) && !error.message.includes('\n'),
  );
}

suite('a backup', { timeout: 60_000 }, () => {
  test('is a file for its owner alone, without secrets unless they are asked for', async (t) => {
    const { home } = await usedHome(t);
    const [plain, full] = [await backedUp(home, false), await backedUp(home, true)];
    for (const path of [plain, full]) assert.equal(statSync(path).mode & 0o777, 0o600);
    const [plainText, fullText] = [plain, full].map((path) => readFileSync(path, 'latin1'));
    for (const secret of secrets) {
      assert.ok(plainText?.includes(secret) === false, `${secret} is in a backup without secrets`);
      assert.ok(fullText?.includes(secret), `${secret} is not in a backup with secrets`);
    }
    assert.deepEqual(
      readdirSync(join(home, '..')).filter((name) => name.startsWith('.')),
      [],
      'something is left over',
    );
    const { manifest } = readManifest(plain);
    assert.deepEqual([manifest.withSecrets, manifest.counts['keys']], [false, 1]);
  });

  test('becomes another home in which keys work, usage is equal, and the audit log verifies', async (t) => {
    const { home, key } = await usedHome(t);
    const other = join(temporaryFolder(t), 'new');
    const { missing, aside } = await restoreBackup({
      path: await backedUp(home, false),
      ocpHome: other,
      force: false,
      now,
    });
    assert.equal(aside, undefined);
    assert.deepEqual(missing, [
      'the admin key: ocp setup makes a new one',
      'PROXY_API_KEY, in config.json',
      'HTTPS_PROXY, in config.json',
      'the Claude login of default: ocp login --token',
      'the Claude login of ben: ocp login ben',
    ]);
    assert.equal(statSync(other).mode & 0o777, 0o700);
    assert.deepEqual(JSON.parse(readFileSync(join(other, 'config.json'), 'utf8')), { CLAUDE_TIMEOUT: '5m' });
    await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary, OCP_HOME: other } });
    const question = { model: 'sonnet', messages: [{ role: 'user', content: 'Hello' }] };
    const answered = await send(ocp, 'POST', '/v1/chat/completions', question, { ...remote, ...bearer(key) });
    assert.equal(answered.status, 200, answered.text);
    const quota = await asAdmin(ocp, 'GET', '/api/keys/anna/quota');
    assert.match(quota.text, /"daily":\{"limit":5,"used":2/u);
    const { body } = await asAdmin(ocp, 'GET', '/api/audit/verify');
    assert.equal((body as { ok?: boolean }).ok ?? true, true, JSON.stringify(body));
  });

  test('with secrets has everything that it can have, and puts a home aside only when it is told to', async (t) => {
    const { home } = await usedHome(t);
    const path = await backedUp(home, true);
    await refused(restoreBackup({ path, ocpHome: home, force: false, now }), /is not empty; --force puts it aside/u);
    const { missing, aside } = await restoreBackup({ path, ocpHome: home, force: true, now });
    assert.deepEqual(missing, ['the Claude login of ben: ocp login ben']);
    assert.ok(aside !== undefined && existsSync(join(aside, 'ocp.db')));
    assert.equal(readFileSync(join(home, 'admin-key'), 'utf8'), 'the-admin-key-of-this-home\n');
    assert.match(readFileSync(join(home, 'config.json'), 'utf8'), /\/\/ shared-key/u);
    assert.equal(statSync(join(home, 'login.json')).mode & 0o777, 0o600);
  });

  test('that is damaged, foreign, newer or hostile is refused, and nothing is changed', async (t) => {
    const { home } = await usedHome(t);
    const whole = readFileSync(await backedUp(home, true));
    const folder = temporaryFolder(t);
    const path = join(folder, 'x.ocp');
    const target = join(folder, 'target');
    const attempt = (bytes: Buffer | string): Promise<unknown> => {
      writeFileSync(path, bytes);
      return restoreBackup({ path, ocpHome: target, force: true, now });
    };
    await refused(attempt(''), /is no backup of OCP/u);
    await refused(attempt('PK\u0003\u0004 a zip'), /is no backup of OCP/u);
    await refused(attempt('OCP-BACKUP 2\n{}\n'), /a backup of a newer OCP/u);
    const text = whole.toString('latin1');
    const withManifest = (change: (line: string) => string): Buffer => {
      const [magic = '', line = ''] = text.split('\n', 2);
      return Buffer.from(`${magic}\n${change(line)}${text.slice(magic.length + 1 + line.length)}`, 'latin1');
    };
    await refused(attempt(withManifest((line) => line.replace('"config.json"', '"../config.json"'))), /is damaged/u);
    await refused(attempt(withManifest((line) => line.replace('"config.json"', '"ocp.db"'))), /is damaged/u);
    await refused(
      attempt(withManifest((line) => line.replace(/"size":\d+/u, '"size":9007199254740991'))),
      /is damaged/u,
    );
    await refused(attempt(withManifest((line) => line.replace(/"schema":\d+/u, '"schema":9999'))), /newer OCP/u);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(whole);
        changed[at] = ((changed[at] ?? 0) + by) % 256;
        // A manifest may say another time or count; every byte of the files is held by its digest.
        if (at < text.indexOf('\n', 14)) return;
        await refused(attempt(changed), /is damaged/u);
      }),
      { numRuns: 25 },
    );
    await refused(attempt(whole.subarray(0, -1)), /is damaged/u);
    await refused(attempt(Buffer.concat([whole, Buffer.from('x')])), /is damaged/u);
    assert.deepEqual(readdirSync(folder), ['x.ocp']);
  });

  test('is made by the server as often as it is set, and the oldest go', async (t) => {
    const { home } = await usedHome(t);
    let time = now;
    const problems: string[] = [];
    const folder = join(home, 'backups');
    const start = (where: string) =>
      startBackups({
        ocpHome: home,
        folder: where,
        version: '1',
        everyMs: 5,
        keep: 2,
        now: () => (time += 60_000),
        onFailure: (problem) => void problems.push(problem),
      });
    const good = start(folder);
    await until(() => existsSync(folder) && readdirSync(folder).some((name) => name > 'ocp-backup-2026-12-01T12-08'));
    good.stop();
    await until(() => readdirSync(folder).filter((name) => name.endsWith('.ocp')).length <= 2);
    assert.equal(lastBackup(home)?.problem, null);
    writeFileSync(join(home, 'taken'), '');
    const bad = start(join(home, 'taken/below'));
    await until(() => problems.length > 0);
    bad.stop();
    await until(() => lastBackup(home)?.problem !== null);
  });

  test('is made and restored by commands', async (t) => {
    const { home } = await usedHome(t);
    const folder = temporaryFolder(t);
    const env = { HOME: folder, OCP_HOME: home, CLAUDE_PROXY_PORT: '1', PATH: '/usr/bin:/bin' };
    writeFileSync(join(home, 'config.json'), '{"CLAUDE_TIMEOUT": "5m", "CLAUDE_BIND": }');
    const made = await runOcp(['backup', join(folder, 'b.ocp')], { env });
    assert.equal(made.status, 0, made.err);
    assert.match(made.out, /b\.ocp: 1 keys, 1 requests, the configuration; secrets are left out$/mu);
    assert.match(made.err, /config\.json: .*\(line 1, column \d+\); this command goes on without it/u);
    const other = { ...env, OCP_HOME: join(folder, 'other') };
    const restored = await runOcp(['restore', join(folder, 'b.ocp')], { env: other });
    assert.equal(restored.status, 0, restored.err);
    assert.match(
      restored.out,
      /other is restored from the backup of \d{4}-.*to be entered again:\n {2}the admin key/su,
    );
    const again = await runOcp(['restore', join(folder, 'b.ocp')], { env: other });
    assert.deepEqual([again.status, /nothing was restored: .*--force/u.test(again.err)], [1, true]);
    const missing = await runOcp(['restore', join(folder, 'none')], { env: other });
    assert.match(missing.err, /^ocp: nothing was restored: there is no file /u);
  });
});
