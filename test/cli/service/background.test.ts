import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { readConfigFile, writeConfigFile } from '../../../src/config/config-file.ts';
import { thisMachine } from '../../../src/host/machine.ts';
import { isAlive, readStatus } from '../../../src/host/service/background-files.ts';
import type { Mark } from '../../../src/host/service/background-files.ts';
import { serviceState } from '../../../src/host/service/choose.ts';
import type { ServiceState } from '../../../src/host/service/service.ts';
import { freePort } from '../../support/free-port.ts';
import { packageRoot } from '../../support/ocp.ts';
import type { CommandRun } from '../../support/command.ts';
import { runOcp } from '../../support/command.ts';
import { fakeExecutable, temporaryFolder } from '../../support/temporary.ts';

const skip = process.platform === 'darwin' ? 'macOS has launchd' : false;

interface Bench {
  readonly home: string;
  readonly url: string;
  readonly run: (...argv: readonly string[]) => Promise<CommandRun>;
  readonly state: () => Promise<ServiceState>;
  /** Waits until it is so, and gives the state. */
  readonly until: (isSo: (state: ServiceState) => boolean | Promise<boolean>) => Promise<ServiceState>;
}

/** A machine without a service manager, and with a CLI that does nothing. */
async function bench(t: TestContext, extra: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const home = temporaryFolder(t);
  fakeExecutable(join(home, 'bin/systemctl'), 'exit 1');
  const port = String(await freePort());
  const env = {
    HOME: home,
    PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
    CLAUDE_BIN: fakeExecutable(join(home, 'bin/claude'), 'exit 1'),
    OCP_HOME: join(home, 'ocp'),
    ...extra,
  };
  const run: Bench['run'] = async (...argv) => runOcp(argv, { env });
  const state = async (): Promise<ServiceState> =>
    serviceState(thisMachine(env, packageRoot, new AbortController().signal));
  t.after(() => run('stop'));
  writeConfigFile(env.OCP_HOME, { CLAUDE_PROXY_PORT: port, CLAUDE_BIN: env.CLAUDE_BIN });
  return {
    home: env.OCP_HOME,
    url: `http://127.0.0.1:${port}`,
    run,
    state,
    until: async (isSo) => {
      for (;;) {
        const seen = await state();
        if (await isSo(seen)) return seen;
        await delay(20);
      }
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    (response) => response.ok,
    () => false,
  );
}

function marks(home: string): { readonly supervisor: Mark; readonly server: Mark } {
  const status = readStatus(home);
  assert.ok(status?.server !== undefined);
  return { supervisor: status.supervisor, server: status.server };
}

test('a background process keeps the server running, whatever dies, and leaves nothing', { skip }, async (t) => {
  const { home, url, run, state, until } = await bench(t);
  assert.match((await run('stop')).out, /^OCP is not installed as a service\.$/mu);

  const started = await run('start');
  assert.equal(started.status, 0, started.err);
  assert.match(started.out, new RegExp(`^OCP \\S+ answers at ${url} \\(background, process \\d+\\)$`, 'mu'));
  assert.ok(await answers(url));
  const first = marks(home);
  assert.equal((await state()).pid, first.server.pid);
  assert.equal((await run('start')).status, 0);
  assert.deepEqual(marks(home), first, 'a second start is a second server');

  process.kill(first.server.pid, 'SIGKILL');
  const again = await until(async (now) => now.isRunning && now.pid !== first.server.pid && (await answers(url)));
  assert.equal(again.restarts, 1);
  const second = marks(home);
  assert.deepEqual(second.supervisor, first.supervisor);

  process.kill(second.supervisor.pid, 'SIGKILL');
  await until(async () => !(await isAlive(second.server)));
  assert.equal((await state()).detail, 'stopped');
  assert.equal((await run('start')).status, 0, 'the PID file of a dead process stands in the way');

  const third = marks(home);
  assert.equal((await run('restart')).status, 0);
  const fourth = marks(home);
  assert.notEqual(fourth.server.pid, third.server.pid);
  assert.ok(!(await isAlive(third.server)) && !(await isAlive(third.supervisor)));

  assert.match((await run('stop')).out, /^OCP has stopped\.$/mu);
  assert.ok(!(await isAlive(fourth.server)) && !(await isAlive(fourth.supervisor)));
  assert.ok(!existsSync(join(home, 'background.pid')));
  assert.ok(!(await answers(url)));
  assert.match((await run('stop')).out, /^OCP is not running\.$/mu);
  const log = join(home, 'logs/proxy.log');
  assert.match(readFileSync(log, 'utf8'), /listens on/u);
  assert.equal(statSync(log).mode & 0o777, 0o600);
});

test('a configuration that cannot be used is refused before anything is started', { skip }, async (t) => {
  const { home, run } = await bench(t);
  writeConfigFile(home, { CLAUDE_PROXY_PORT: String(await freePort()), CLAUDE_BIND: '0.0.0.0' });
  const { status, err } = await run('start');
  assert.equal(status, 2);
  assert.match(err, /^ocp: .*CLAUDE_BIND is 0\.0\.0\.0.*; the server was not started$/mu);
  assert.ok(!existsSync(join(home, 'background.json')));
});

const broken: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  ['syntax', (path) => writeFileSync(path, '{"CLAUDE_PROXY_PORT": '), /\(line 1, column \d+\)/u],
  ['an unknown name', (path) => writeFileSync(path, '{"CLAUDE_TIMEOT": 1}'), /did you mean CLAUDE_TIMEOUT\?/u],
  ['a wrong type', (path) => writeFileSync(path, '{"CLAUDE_TIMEOUT": []}'), /CLAUDE_TIMEOUT must be/u],
  ['a value out of range', (path) => writeFileSync(path, '{"CLAUDE_TIMEOUT": 5}'), /CLAUDE_TIMEOUT is "5".*line 1/u],
  ['a port out of range', (path) => writeFileSync(path, '{"CLAUDE_PROXY_PORT": 70000}'), /CLAUDE_PROXY_PORT is/u],
  ['an unknown model', (path) => writeFileSync(path, '{"OCP_DEFAULT_MODEL": "gpt"}'), /OCP_DEFAULT_MODEL is "gpt"/u],
  ['a missing program', (path) => writeFileSync(path, '{"CLAUDE_BIN": "/nowhere"}'), /CLAUDE_BIN is "\/nowhere"/u],
  [
    'no address of this machine',
    (path) => writeFileSync(path, '{"CLAUDE_BIND": "192.0.2.1", "CLAUDE_AUTH_MODE": "multi"}'),
    /192\.0\.2\.1/u,
  ],
  ['an empty file', (path) => writeFileSync(path, ''), /it is empty/u],
  ['Latin-1', (path) => writeFileSync(path, Buffer.from('{"CLAUDE_SYSTEM_PROMPT": "\xe9"}', 'latin1')), /not UTF-8/u],
  ['a folder', (path) => (rmSync(path), mkdirSync(path)), /is a folder/u],
];

test('a restart with a broken configuration leaves the server alone, and every command works', { skip }, async (t) => {
  const { home, url, run, state } = await bench(t);
  const path = join(home, 'config.json');
  assert.equal((await run('start')).status, 0);
  const good = readFileSync(path, 'utf8');
  const { pid } = await state();
  for (const [kind, breakIt, says] of broken) {
    breakIt(path);
    for (const action of ['restart', 'start'] as const) {
      const { status, err } = await run(action);
      assert.equal(status, 2, `${kind}: ${err}`);
      assert.match(err, says, kind);
      assert.match(err, /; the server was not restarted and keeps running as it was$/mu);
    }
    assert.equal((await state()).pid, pid, kind);
    assert.ok(await answers(url), kind);
    const seen = await run('health', '--json');
    assert.notEqual(seen.out, '', `${kind}: ${seen.err}`);
    for (const line of [
      'status',
      'logs 1 all',
      'doctor --json --check config_valid',
      'uninstall --purge --dry-run',
      'profiles',
    ]) {
      const { status, out, err } = await run(...line.split(' '));
      assert.ok(status !== 2 && out !== '', `${kind}, ocp ${line}: ${status} ${err}`);
    }
    const { out } = await run('doctor', '--json', '--check', 'config_valid', '--check', 'service_installed');
    if (!/model|program|address/u.test(kind)) assert.match(out, /"level": ?"FAIL"/u, kind);
    rmSync(path, { recursive: true });
    writeFileSync(path, good);
  }
  writeFileSync(path, '{');
  assert.match((await run('stop')).out, /^OCP has stopped\.$/mu);
});

test('what version 0.1.0 copied into the definition is no longer in force', { skip }, async (t) => {
  const { home, url, run } = await bench(t);
  await run('start');
  const path = join(home, 'background.json');
  const definition = JSON.parse(readFileSync(path, 'utf8')) as { environment: Record<string, string> };
  const copied = {
    CLAUDE_BIND: '0.0.0.0',
    CLAUDE_AUTH_MODE: 'multi',
    CLAUDE_TIMEOUT: '3600000',
    MY_OWN: 'x',
    OCP_ADMIN_KEY: 'the-key',
  };
  writeFileSync(path, JSON.stringify({ ...definition, environment: { ...definition.environment, ...copied } }));

  assert.match(
    (await run('status')).err,
    /background\.json says what belongs into config\.json.*CLAUDE_BIND=0\.0\.0\.0/u,
  );
  const report = (await run('doctor', '--json', '--check', 'service_installed')).out;
  assert.match(report, /CLAUDE_BIND=0\.0\.0\.0 is no longer in force/u);
  const { status, out, err } = await run('restart');
  assert.equal(status, 0, err);
  assert.match(out, /^CLAUDE_BIND=0\.0\.0\.0 is no longer in force: config\.json does not have it$/mu);
  assert.match(
    out,
    /^CLAUDE_TIMEOUT is "3600000".*; CLAUDE_TIMEOUT=1800000 \(30m\) is used instead, from the service$/mu,
  );
  assert.doesNotMatch(out, /the-key/u);
  const { environment } = JSON.parse(readFileSync(path, 'utf8')) as { environment: Record<string, string> };
  const names = Object.keys(environment);
  assert.deepEqual(
    names.filter((name) => /^(?:CLAUDE_|OCP_(?!HOME))/u.test(name)),
    [],
  );
  assert.equal(environment['MY_OWN'], 'x');
  assert.equal(readConfigFile(home)['CLAUDE_TIMEOUT'], '1800000');
  assert.equal(readFileSync(join(home, 'admin-key'), 'utf8'), 'the-key\n');
  const health = (await (await fetch(`${url}/health`)).json()) as { authMode: string };
  assert.equal(health.authMode, 'none');
  assert.equal((await run('status')).err, '');
});

test('another program on the port is told, and nothing is started', { skip }, async (t) => {
  const { home, run } = await bench(t);
  const other = createServer((_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  writeConfigFile(home, { CLAUDE_PROXY_PORT: String((other.address() as AddressInfo).port) });
  const { status, err } = await run('start');
  assert.equal(status, 1);
  assert.match(err, /^ocp: another program has the port of http:\S+; choose another with ocp setup --port$/mu);
  assert.ok(!existsSync(join(home, 'background.json')));
});

test('ocp restart gateway restarts the gateway of OpenClaw', async (t) => {
  const { home, run } = await bench(t, {});
  const failed = await run('restart', 'gateway');
  assert.match(failed.err, /openclaw could not be run/u);
  fakeExecutable(join(home, '../bin/openclaw'), 'echo "gateway says $*"');
  assert.deepEqual(await run('restart', 'gateway'), { status: 0, out: 'gateway says gateway restart\n', err: '' });
});
