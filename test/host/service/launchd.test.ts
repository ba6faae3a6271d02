import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { readConfigFile } from '../../../src/config/config-file.ts';
import { launchdPlistPath, launchdService } from '../../../src/host/service/launchd.ts';
import { plistText, plistVariables } from '../../../src/host/service/launchd-plist.ts';
import type { Service } from '../../../src/host/service/service.ts';
import { serviceBy } from '../../../src/host/service/service.ts';
import type { RecordedMachine, RecordedOptions } from '../../support/machine.ts';
import { recordedMachine } from '../../support/machine.ts';
import { packageRoot } from '../../support/ocp.ts';

const target = 'gui/501/dev.ocp.proxy';

function mac(t: Parameters<typeof recordedMachine>[0], answers: RecordedOptions['answers'] = {}): RecordedMachine {
  return recordedMachine(t, { platform: 'darwin', answers });
}

function service(machine: RecordedMachine, file: Readonly<Record<string, string>> = {}): Service {
  return serviceBy(launchdService({ machine, ocpHome: machine.ocpHome, file }), machine);
}

suite('the launchd agent', () => {
  test('is installed for its owner alone, keeps what only it says, and is then left as it is', async (t) => {
    const machine = mac(t);
    const path = launchdPlistPath(machine);
    mkdirSync(dirname(path), { recursive: true });
    const environment = { MY_OWN: '<a & b>', CLAUDE_PROXY_PORT: '5000', NODE_ENV: 'production' };
    writeFileSync(path, plistText({ label: 'x', command: ['node'], environment, log: '/l', folder: '/' }));
    await service(machine, { CLAUDE_BIND: '0.0.0.0', CLAUDE_AUTH_MODE: 'multi' }).install();
    assert.equal(path, join(machine.home, 'Library/LaunchAgents/dev.ocp.proxy.plist'));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const { PATH: searched = '', ...kept } = plistVariables(readFileSync(path, 'utf8'));
    assert.deepEqual(kept, { MY_OWN: '<a & b>' });
    assert.equal(readConfigFile(machine.ocpHome)['CLAUDE_PROXY_PORT'], '5000');
    assert.match(searched, /^\/opt\/homebrew\/opt\/node\/bin:/u);
    assert.deepEqual(await service(machine, { CLAUDE_BIND: '0.0.0.0', CLAUDE_AUTH_MODE: 'multi' }).plan('install'), []);
  });

  test('is loaded, loaded again, and taken away with the one of an early version', async (t) => {
    const machine = mac(t, { [`launchctl print ${target}`]: { code: 113 } });
    const own = service(machine);
    await own.start();
    await own.restart();
    await own.stop();
    const legacy = join(dirname(launchdPlistPath(machine)), 'ai.openclaw.proxy.plist');
    writeFileSync(legacy, '');
    await own.uninstall();
    const load = `launchctl bootstrap gui/501 ${launchdPlistPath(machine)}`;
    assert.deepEqual(
      machine.calls.filter((line) => !line.includes(' print ')),
      [
        `launchctl enable ${target}`,
        load,
        `launchctl enable ${target}`,
        `launchctl bootout ${target}`,
        load,
        `launchctl bootout ${target}`,
        `launchctl bootout ${target}`,
        'launchctl bootout gui/501/ai.openclaw.proxy',
      ],
    );
    assert.deepEqual([existsSync(legacy), existsSync(launchdPlistPath(machine))], [false, false]);
  });

  test('has a state', async (t) => {
    const print = `${target} = {\n\tstate = running\n\truns = 3\n\tpid = 77\n\tlast exit code = 1\n}`;
    const machine = mac(t, { [`launchctl print ${target}`]: { stdout: print } });
    await service(machine).install();
    const { isRunning, pid, restarts, detail } = await service(machine).state();
    assert.deepEqual(
      { isRunning, pid, restarts, detail },
      { isRunning: true, pid: 77, restarts: 2, detail: 'running' },
    );
  });

  test('gives back the variables that were put into it', () => {
    const value = fc.string({ unit: 'grapheme-ascii' }).map((text) => `${text}<>&"'\n`);
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Za-z_]\w{0,8}$/u), value), (environment) => {
        const text = plistText({ label: 'l', command: ['a'], environment, log: '/l', folder: '/' });
        assert.deepEqual(plistVariables(text), { ...environment });
      }),
    );
  });

  const python = spawnSync('python3', ['-c', 'import plistlib']).status === 0;
  test('is what a parser of property lists expects', { skip: python ? false : 'python3 is missing' }, async (t) => {
    const machine = mac(t);
    const path = launchdPlistPath(machine);
    mkdirSync(dirname(path), { recursive: true });
    const environment = { MY_OWN: `a&<b>"c"` };
    writeFileSync(path, plistText({ label: 'x', command: ['node'], environment, log: '/l', folder: '/' }));
    await service(machine, { CLAUDE_SYSTEM_PROMPT: 'x', PROXY_ANONYMOUS_KEY: 'y' }).install();
    const script = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))';
    const { stdout, stderr } = spawnSync('python3', ['-c', script, launchdPlistPath(machine)], { encoding: 'utf8' });
    assert.equal(stderr, '');
    const { EnvironmentVariables: variables, ...rest } = JSON.parse(stdout) as Record<string, Record<string, string>>;
    assert.deepEqual(Object.keys(variables ?? {}), ['MY_OWN', 'PATH']);
    assert.equal(variables?.['MY_OWN'], 'a&<b>"c"');
    const log = join(machine.ocpHome, 'logs/proxy.log');
    assert.deepEqual(rest, {
      Label: 'dev.ocp.proxy',
      ProgramArguments: [join(packageRoot, 'ocp'), 'serve', '--quiet'],
      WorkingDirectory: machine.home,
      RunAtLoad: true,
      KeepAlive: true,
      ThrottleInterval: 10,
      ExitTimeOut: 30,
      Umask: 63,
      StandardOutPath: log,
      StandardErrorPath: log,
    });
  });
});
