import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { openClawList } from '../../../src/cli/doctor-openclaw.ts';
import { writeConfigFile } from '../../../src/config/config-file.ts';
import { runDoctor } from '../../../src/host/doctor/doctor.ts';
import type { MachineBench } from '../../../src/host/doctor/machine-bench.ts';
import { machineBench } from '../../../src/host/doctor/probes.ts';
import { chooseService } from '../../../src/host/service/choose.ts';
import type { RecordedMachine, RecordedOptions } from '../../support/machine.ts';
import { recordedMachine } from '../../support/machine.ts';
import { packageRoot } from '../../support/ocp.ts';
import { assertMended, assertNamed, levelOf } from './site.ts';

const GIB = 1_073_741_824;
const version = '0.1.0';

interface Place {
  readonly machine: RecordedMachine;
  readonly look: (overrides?: Partial<MachineBench>) => Promise<MachineBench>;
}

/** A machine with OCP's unit, whose server answers and whose CLI is well. */
async function installedUnit(t: TestContext, options: RecordedOptions): Promise<Place> {
  const machine = recordedMachine(t, options);
  const file = { CLAUDE_PROXY_PORT: '3999', CLAUDE_AUTH_MODE: 'none' };
  writeConfigFile(machine.ocpHome, file);
  await (await chooseService({ machine, ocpHome: machine.ocpHome, file })).install();
  const server = { version, uptimeMs: 5000, problem: undefined, loggedIn: true, authMode: 'none' };
  const health = { status: 'ok', version, uptime: 5000, authMode: 'none' };
  const look = async (overrides: Partial<MachineBench> = {}): Promise<MachineBench> => ({
    ...(await machineBench(machine, { openclaw: openClawList(machine, packageRoot) })),
    installation: { kind: 'unknown', folder: '/opt/ocp', name: 'open-claude-proxy', version },
    answerer: async () => ({ kind: 'ocp', health }),
    server: async () => ({ ...server, busy: 0, spares: 2, ready: 0, conversations: 0 }),
    portOwner: async () => undefined,
    hosts: async () => [],
    upstream: async () => undefined,
    claude: async () => ({
      path: '/usr/local/bin/claude',
      source: 'PATH',
      version: '2.1.330',
      problem: undefined,
      probe: async () => ({ problem: undefined, newModels: [] }),
    }),
    logins: async () => [{ profile: 'default', login: { loggedIn: true, method: 'claude.ai', hint: undefined } }],
    disk: async () => ({ freeBytes: 50 * GIB, totalBytes: 100 * GIB, freeFiles: undefined }),
    availableMemory: () => 8 * GIB,
    abandoned: async () => [],
    otherUnits: () => [],
    ...overrides,
  });
  return { machine, look };
}

const running = { 'systemctl --user show ocp': { stdout: 'ActiveState=active\nSubState=running\nNRestarts=0\n' } };

test('a unit of an earlier product beside the own one is named, and removed', async (t) => {
  const { machine, look } = await installedUnit(t, { answers: running });
  const well = await runDoctor(await look());
  assert.deepEqual([well.action.kind, levelOf(well, 'multi_unit_boot_race')], ['noop', 'PASS']);

  const legacy = join(machine.home, '.config/systemd/user/openclaw-proxy.service');
  writeFileSync(legacy, '[Service]\n');
  const bench = await look();
  const diagnosis = await assertNamed(bench, {
    id: 'multi_unit_boot_race',
    level: 'FAIL',
    says: /openclaw-proxy\.service/,
    kind: 'fix_service',
  });
  assert.equal(diagnosis.action.ai_executable[0], 'systemctl --user disable --now openclaw-proxy.service');
  await assertMended(diagnosis, bench, 'multi_unit_boot_race');
  assert.ok(!existsSync(legacy));
  assert.ok(machine.calls.includes('systemctl --user disable --now openclaw-proxy.service'));
  assert.equal(levelOf(await runDoctor(await look()), 'multi_unit_boot_race'), 'PASS');
});

test('a unit of the whole system is for a person to remove', async (t) => {
  const { look } = await installedUnit(t, { answers: running });
  const { action, findings } = await assertNamed(
    await look({ otherUnits: () => ['/etc/systemd/system/ocp-proxy.service'] }),
    { id: 'multi_unit_boot_race', level: 'FAIL', says: /\/etc\/systemd\/system/, kind: 'fix_service' },
  );
  assert.match(action.human_required.join(), /belongs to the whole system/);
  assert.ok(action.ai_executable.includes('sudo systemctl disable --now ocp-proxy.service'));
  assert.equal(findings.find(({ id }) => id === 'multi_unit_boot_race')?.repair, undefined);
});

test('a server that does not answer, or ends again and again, is brought back in the words of the machine', async (t) => {
  const nobody = { answerer: async () => ({ kind: 'nobody' }) as const, server: async () => undefined };
  const expected = { id: 'service_running', level: 'FAIL', says: /no server answers/, kind: 'fix_service' } as const;
  const linux = await installedUnit(t, { answers: running });
  const onLinux = await assertNamed(await linux.look(nobody), expected);
  assert.deepEqual(onLinux.action.ai_executable.slice(0, 2), [
    'systemctl --user daemon-reload',
    'systemctl --user restart ocp-proxy.service',
  ]);
  const mac = await installedUnit(t, { platform: 'darwin' });
  const onMac = await assertNamed(await mac.look(nobody), expected);
  assert.equal(onMac.action.ai_executable[0], 'launchctl bootout gui/501/dev.ocp.proxy');
  assert.match(onMac.action.ai_executable[1] ?? '', /^launchctl bootstrap gui\/501 '.*dev\.ocp\.proxy\.plist'$/);

  const looping = await installedUnit(t, {
    answers: { 'systemctl --user show ocp': { stdout: 'ActiveState=active\nSubState=running\nNRestarts=7\n' } },
  });
  writeFileSync(
    join(looping.machine.ocpHome, 'logs', 'proxy.log'),
    '{"level":"info","event":"x"}\nocp: listen EADDRINUSE, key ocp_abcdefgh1234\n',
  );
  await assertNamed(await looping.look(), {
    id: 'service_running',
    level: 'WARN',
    says: /started again 7 times.*listen EADDRINUSE, key \[hidden\]/,
    kind: 'noop',
  });
});
