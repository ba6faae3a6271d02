import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { writeConfigFile } from '../../../src/config/config-file.ts';
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

test('a server that cannot start is not tried for ever, and the log is named', { skip }, async (t) => {
  const { home, run, until } = await bench(t);
  writeConfigFile(home, { CLAUDE_PROXY_PORT: String(await freePort()), CLAUDE_BIND: '0.0.0.0' });
  const { status, err } = await run('start');
  assert.equal(status, 1);
  assert.match(err, /^ocp: the server does not answer at http:\S+ \(background: stopped\); .*proxy\.log says why$/mu);
  await until(({ isComing }) => !isComing);
  assert.match(readFileSync(join(home, 'logs/proxy.log'), 'utf8'), /CLAUDE_BIND is 0\.0\.0\.0/u);
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
