import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { readConfigFile } from '../../../src/config/config-file.ts';
import { HostError } from '../../../src/host/error.ts';
import { serviceKind } from '../../../src/host/service/choose.ts';
import type { Service } from '../../../src/host/service/service.ts';
import { serviceBy } from '../../../src/host/service/service.ts';
import { systemdService, systemdUnitPath } from '../../../src/host/service/systemd.ts';
import { unitText, unitVariables } from '../../../src/host/service/systemd-unit.ts';
import type { RecordedMachine } from '../../support/machine.ts';
import { recordedMachine } from '../../support/machine.ts';

const version = { stdout: 'systemd 252 (252.39)\n' };
const reload = 'systemctl --user daemon-reload';
const enable = 'systemctl --user enable ocp-proxy.service';

function service(machine: RecordedMachine, file: Readonly<Record<string, string>> = {}): Service {
  return serviceBy(systemdService({ machine, ocpHome: machine.ocpHome, file }), machine);
}

/** The commands that changed something, without the questions. */
function changes(machine: RecordedMachine): string[] {
  return machine.calls.filter((line) => !/ (?:show|is-enabled|--version)\b/u.test(line));
}

suite('the systemd unit', () => {
  test('is installed and enabled, for its owner alone, and then left as it is', async (t) => {
    const machine = recordedMachine(t, {
      answers: { 'systemctl --user --version': version, 'systemctl --user is-enabled': { stdout: 'enabled\n' } },
    });
    const file = {
      CLAUDE_PROXY_PORT: '4000',
      CLAUDE_BIND: '0.0.0.0',
      CLAUDE_AUTH_MODE: 'multi',
      PROXY_ANONYMOUS_KEY: 'open',
    };
    await service(machine, file).install();
    const path = systemdUnitPath(machine);
    const text = readFileSync(path, 'utf8');
    assert.equal(path, join(machine.home, '.config/systemd/user/ocp-proxy.service'));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(changes(machine), [reload, enable]);
    assert.deepEqual(unitVariables(text), {
      PATH: `/opt/homebrew/opt/node/bin:${machine.home}/.local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    });
    assert.doesNotMatch(text, /RestartSteps/u, 'systemd 252 does not know it');
    assert.match(text, new RegExp(`^StandardOutput=append:${machine.ocpHome}/logs/proxy.log$`, 'mu'));
    assert.deepEqual(await service(machine, file).plan('install'), []);
  });

  test('keeps what is not of OCP, and moves into config.json what an earlier product wrote', async (t) => {
    const machine = recordedMachine(t);
    const path = systemdUnitPath(machine);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      [
        '[Service]',
        'ExecStart=/usr/bin/node /home/someone/ocp/server.mjs',
        'Environment=CLAUDE_PROXY_PORT=5000',
        'Environment="CLAUDE_TIMEOUT=1" \'MY_OWN=two words\' CLAUDE_CACHE_TTL=2',
        'Environment=NODE_ENV=production',
      ].join('\n'),
    );
    await service(machine, { CLAUDE_TIMEOUT: '60000', CLAUDE_AUTH_MODE: 'multi' }).install();
    const { PATH: _path, ...kept } = unitVariables(readFileSync(path, 'utf8'));
    assert.deepEqual(kept, { MY_OWN: 'two words' });
    assert.deepEqual(readConfigFile(machine.ocpHome), {
      CLAUDE_TIMEOUT: '60000',
      CLAUDE_AUTH_MODE: 'multi',
      CLAUDE_CACHE_TTL: '2',
      CLAUDE_PROXY_PORT: '5000',
    });
  });

  test('replaces the unit of an early version', async (t) => {
    const machine = recordedMachine(t);
    const legacy = join(dirname(systemdUnitPath(machine)), 'openclaw-proxy.service');
    mkdirSync(dirname(legacy), { recursive: true });
    writeFileSync(legacy, '[Service]\n');
    await service(machine).install();
    assert.ok(!existsSync(legacy));
    assert.deepEqual(changes(machine), ['systemctl --user disable --now openclaw-proxy.service', reload, enable]);
  });

  test('is started, restarted, stopped and taken away', async (t) => {
    const machine = recordedMachine(t, { answers: { 'systemctl --user is-enabled': { stdout: 'enabled\n' } } });
    const own = service(machine);
    await own.start();
    await own.restart();
    await own.stop();
    await own.uninstall();
    assert.deepEqual(
      changes(machine).map((line) => line.replace('systemctl --user ', '')),
      [
        'daemon-reload',
        'enable ocp-proxy.service',
        'start ocp-proxy.service',
        'restart ocp-proxy.service',
        'stop ocp-proxy.service',
        'disable --now ocp-proxy.service',
        'daemon-reload',
      ],
    );
    assert.ok(!existsSync(systemdUnitPath(machine)));
    assert.deepEqual(await own.plan('uninstall'), []);
  });

  test('gives up a /tmp of its own where the machine refuses it', async (t) => {
    const machine = recordedMachine(t, {
      answers: { 'systemctl --user show ocp-proxy.service --property=ExecMainStatus': { stdout: '226\n' } },
    });
    await service(machine).install();
    assert.match(readFileSync(systemdUnitPath(machine), 'utf8'), /^PrivateTmp=true$/mu);
    await service(machine).restart();
    assert.doesNotMatch(readFileSync(systemdUnitPath(machine), 'utf8'), /PrivateTmp/u);
    assert.deepEqual(
      await service(machine)
        .plan('install')
        .then((steps) => steps.filter(({ kind }) => kind === 'write')),
      [],
    );
  });

  test('has a state', async (t) => {
    const show = 'systemctl --user show ocp-proxy.service';
    const answers = {
      [show]: { stdout: 'ActiveState=active\nSubState=running\nResult=success\nMainPID=77\nNRestarts=2\n' },
    };
    const machine = recordedMachine(t, { answers });
    assert.equal((await service(machine).state()).detail, 'not installed');
    await service(machine).install();
    const { isRunning, pid, restarts, detail } = await service(machine).state();
    assert.deepEqual(
      { isRunning, pid, restarts, detail },
      { isRunning: true, pid: 77, restarts: 2, detail: 'active (running)' },
    );
  });

  test('says in one line what systemctl says', async (t) => {
    const failed = { code: 1, stderr: 'Failed to connect to bus: No medium found\n' };
    const machine = recordedMachine(t, { answers: { 'systemctl --user daemon-reload': failed } });
    await assert.rejects(service(machine).install(), (error) => {
      assert.ok(error instanceof HostError);
      assert.equal(
        error.message,
        'systemctl --user daemon-reload failed (1): Failed to connect to bus: No medium found',
      );
      return true;
    });
  });

  test('is chosen where the systemd of the user answers, or has it', async (t) => {
    const refused = { 'systemctl --user show-environment': { code: 1 } };
    assert.equal(await serviceKind(recordedMachine(t)), 'systemd');
    assert.equal(await serviceKind(recordedMachine(t, { platform: 'darwin' })), 'launchd');
    const machine = recordedMachine(t, { answers: refused });
    assert.equal(await serviceKind(machine), 'background');
    await service(machine).install();
    assert.equal(await serviceKind(machine), 'systemd');
  });

  test('gives back the variables that were put into it', () => {
    const name = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/u);
    const value = fc.string({ unit: 'grapheme-ascii' }).map((text) => `${text}\n"'%i\t$x\\`);
    fc.assert(
      fc.property(fc.dictionary(name, value), (environment) => {
        assert.deepEqual(unitVariables(unit({ environment })), { ...environment });
      }),
      { numRuns: 25 },
    );
  });

  const verifier = spawnSync('systemd-analyze', ['--version']).status === 0;
  test('is what systemd expects', { skip: verifier ? false : 'systemd-analyze is missing' }, (t) => {
    const machine = recordedMachine(t);
    const path = join(machine.home, 'ocp-proxy.service');
    for (const canNotify of [true, false]) {
      writeFileSync(
        path,
        unit({ canNotify, environment: { A: `"quoted" 'single' $HOME %h \\ and spaces`, B: 'two\nlines' } }),
      );
      // Its complaints about unknown keys go to the standard error output, with status 0.
      const { status, stderr } = spawnSync('systemd-analyze', ['--user', 'verify', path], {
        env: { ...machine.env, XDG_RUNTIME_DIR: machine.home, PATH: '/usr/bin:/bin' },
        encoding: 'utf8',
      });
      assert.deepEqual([status, stderr], [0, '']);
    }
  });
});

function unit(overrides: Partial<Parameters<typeof unitText>[0]>): string {
  return unitText({
    command: ['/bin/sh', 'a b', '$x%y"'],
    environment: {},
    log: '/tmp/a folder/100%/proxy.log',
    memory: { high: 1000, max: 2000 },
    version: 252,
    canNotify: true,
    canHideTmp: true,
    ...overrides,
  });
}
