import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { openClawList } from '../../../src/cli/doctor-openclaw.ts';
import type { Values } from '../../../src/config/config-file.ts';
import { readConfigFile, writeConfigFile } from '../../../src/config/config-file.ts';
import type { Finding } from '../../../src/doctor/finding.ts';
import type { Diagnosis } from '../../../src/host/doctor/doctor.ts';
import { mend, runDoctor } from '../../../src/host/doctor/doctor.ts';
import type { MachineBench } from '../../../src/host/doctor/machine-bench.ts';
import { machineBench } from '../../../src/host/doctor/probes.ts';
import type { Machine } from '../../../src/host/machine.ts';
import { waitForServer } from '../../../src/host/server-answer.ts';
import { chooseService } from '../../../src/host/service/choose.ts';
import type { Service } from '../../../src/host/service/service.ts';
import { openStore } from '../../../src/store/database.ts';
import { fakeClaudeBinary, writeScenario } from '../../support/fake-claude.ts';
import { packageRoot } from '../../support/ocp.ts';
import { temporaryFolder } from '../../support/temporary.ts';

export const adminKey = 'admin-key-of-this-test';
const GIB = 1_073_741_824;

/** An OCP that was set up on a machine with neither systemd nor launchd, with the scripted CLI behind it. */
export interface Installed {
  readonly machine: Machine;
  /** OCP's home. */
  readonly home: string;
  /** Where the scenario of the scripted CLI lies. */
  readonly configDir: string;
  readonly port: number;
  readonly url: string;
  readonly service: () => Promise<Service>;
  /** Starts the service and waits until it answers. */
  readonly start: () => Promise<void>;
  /** Changes config.json. */
  readonly configure: (values: Values) => void;
  /** What doctor looks at, with room on the disk and in memory whatever this machine has. */
  readonly bench: (overrides?: Partial<MachineBench>) => Promise<MachineBench>;
}

/** Sets one up, stopped. Whatever it starts ends with the test. */
export async function install(t: TestContext): Promise<Installed> {
  const folder = temporaryFolder(t);
  const home = join(folder, '.ocp');
  const configDir = join(folder, 'claude');
  for (const path of [home, configDir, join(folder, 'tmp')]) mkdirSync(path, { mode: 0o700 });
  writeScenario(configDir, {});
  const machine: Machine = {
    // Anything but macOS; without a systemctl that answers it has no service of its own.
    platform: 'linux',
    home: folder,
    user: 'someone',
    uid: process.getuid?.() ?? 0,
    env: { HOME: folder, PATH: '/usr/bin:/bin', TMPDIR: join(folder, 'tmp') },
    run: async () => ({ code: undefined, stdout: '', stderr: '' }),
    packageRoot,
    nodePath: process.execPath,
    totalMemory: 16 * GIB,
    signal: new AbortController().signal,
  };
  const api = await listen(
    t,
    createServer((socket) => socket.destroy()),
    0,
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const usual: Values = {
    CLAUDE_PROXY_PORT: String(port),
    CLAUDE_AUTH_MODE: 'multi',
    CLAUDE_BIN: fakeClaudeBinary,
    CLAUDE_CONFIG_DIR: configDir,
    OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL',
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${api}`,
    OCP_SPARES_MEMORY_MB: '500',
  };
  writeConfigFile(home, usual);
  writeFileSync(join(home, 'admin-key'), `${adminKey}\n`, { mode: 0o600 });
  const service = async (): Promise<Service> => chooseService({ machine, ocpHome: home, file: readConfigFile(home) });
  t.after(async () => {
    writeConfigFile(home, usual);
    await (await service()).stop();
  });
  return {
    machine,
    home,
    configDir,
    port,
    url,
    service,
    async start() {
      await (await service()).start();
      const { signal } = machine;
      const options = { url, youngerThan: () => Number.POSITIVE_INFINITY, timeoutMs: 60_000, signal };
      assert.ok(await waitForServer({ ...options, isComing: async () => true }), 'the server did not start');
    },
    configure: (values) => writeConfigFile(home, { ...usual, ...values }),
    bench: async (overrides = {}) => ({
      ...(await machineBench(machine, { openclaw: openClawList(machine, packageRoot) })),
      disk: async () => ({ freeBytes: 50 * GIB, totalBytes: 100 * GIB, freeFiles: undefined }),
      availableMemory: () => 8 * GIB,
      otherUnits: () => [],
      ...overrides,
    }),
  };
}

/** What doctor should say of a fault. */
export interface Expected {
  readonly id: string;
  readonly level: Finding['level'];
  readonly says: RegExp;
  /** The `next_action` of a whole examination. */
  readonly kind: Diagnosis['action']['kind'];
}

/** Looks at everything, and asserts that the fault is named with its cause and the right thing to do. */
export async function assertNamed(bench: MachineBench, expected: Expected): Promise<Diagnosis> {
  const diagnosis = await runDoctor(bench);
  const found = diagnosis.findings.find(({ id }) => id === expected.id);
  const all = diagnosis.findings
    .filter(({ level }) => level === 'WARN' || level === 'FAIL')
    .map(({ id, level, message, cause }) => `${level} ${id}: ${message} (${cause})`)
    .join('\n');
  assert.ok(found !== undefined, `${expected.id} is not looked at: ${all}`);
  assert.equal(found.level, expected.level, all);
  assert.match(`${found.message} ${found.cause ?? ''}`, expected.says);
  assert.ok(found.fix !== undefined, `${expected.id} has no fix`);
  assert.equal(diagnosis.action.kind, expected.kind, all);
  const steps = [...diagnosis.action.human_required, ...diagnosis.action.ai_executable];
  assert.ok(expected.kind === 'noop' || steps.length > 1, `nothing is to be done about ${expected.id}`);
  return diagnosis;
}

/** Mends what was found, and asserts that the check has nothing to say any more. */
export async function assertMended({ findings }: Diagnosis, bench: MachineBench, id: string): Promise<void> {
  assert.ok(findings.find((finding) => finding.id === id)?.repair !== undefined, `${id} cannot be mended`);
  const { done, failed } = await mend(findings, bench);
  assert.deepEqual(failed, []);
  assert.ok(
    done.some((line) => line.startsWith(`${id}: `)),
    done.join('\n'),
  );
}

/** The level of a check in findings; undefined where it did not apply. */
export function levelOf({ findings }: Diagnosis, id: string): string | undefined {
  return findings.find((finding) => finding.id === id)?.level;
}

/** Listens until the test ends, or it is closed; gives the port. */
export async function listen(t: TestContext, server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** Writes down what the CLI is to have said of the operator's plan. */
export function keepPlan(home: string, plan: unknown): void {
  const database = new DatabaseSync(join(home, 'ocp.db'), { timeout: 5000 });
  database.prepare('INSERT OR REPLACE INTO plans (profile, plan) VALUES (?, ?)').run('default', JSON.stringify(plan));
  database.close();
}

/** Makes a sound database in the folder. */
export async function newStore(folder: string): Promise<string> {
  (await openStore(folder)).close();
  return folder;
}
