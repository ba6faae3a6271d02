import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { unknownPlan } from '../../../src/claude/plan.ts';
import { configFilePath } from '../../../src/config/config-file.ts';
import { runDoctor } from '../../../src/host/doctor/doctor.ts';
import type { MachineBench } from '../../../src/host/doctor/machine-bench.ts';
import { readStatus, statusPath } from '../../../src/host/service/background-files.ts';
import { clearJournal, writeJournal } from '../../../src/host/update/journal.ts';
import { inspectStore } from '../../../src/store/inspect.ts';
import { writeScenario } from '../../support/fake-claude.ts';
import { gone } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { adminKey, assertMended, assertNamed, install, keepPlan, levelOf, listen, newStore } from './site.ts';

const MIB = 1_048_576;

test('every fault of an installation is named, with its cause and the next action, and mended where that is safe', async (t) => {
  const site = await install(t);
  await site.start();
  const healthy = await site.bench();
  const well = await runDoctor(healthy);
  const wrong = well.findings.filter(({ level }) => level === 'WARN' || level === 'FAIL');
  assert.deepEqual(wrong, [], 'a sound installation');
  assert.equal(well.action.kind, 'noop');

  /** What the CLI said when all was well: asking it again takes most of the time of an examination. */
  const told = { claude: healthy.claude, logins: healthy.logins };
  const look = async (overrides: Partial<MachineBench> = {}): Promise<MachineBench> =>
    site.bench({ ...told, ...overrides });

  const fault = async (name: string, show: () => Promise<void>): Promise<void> => {
    await t.test(name, async () => {
      try {
        await show();
      } finally {
        // One fault must not make another.
        site.configure({});
        writeScenario(site.configDir, {});
        writeFileSync(join(site.home, 'admin-key'), `${adminKey}\n`, { mode: 0o600 });
      }
    });
  };

  await fault('the Claude CLI is missing', async () => {
    site.configure({ CLAUDE_BIN: '/nowhere/claude' });
    await assertNamed(await site.bench(), {
      id: 'cli_present',
      level: 'FAIL',
      says: /CLAUDE_BIN is "\/nowhere\/claude"/,
      kind: 'fix_cli',
    });
  });

  await fault('the Claude CLI is too old', async () => {
    writeScenario(site.configDir, { version: '2.1.100' });
    const { action } = await assertNamed(await site.bench(), {
      id: 'cli_version',
      level: 'FAIL',
      says: /version 2\.1\.100, and OCP needs 2\.1\.\d+/,
      kind: 'fix_cli',
    });
    assert.ok(action.ai_executable[0]?.startsWith('npm install -g @anthropic-ai/claude-code'));
  });

  await fault('the Claude CLI does not speak the protocol', async () => {
    writeScenario(site.configDir, { exit: { at: 'start' } });
    await assertNamed(await site.bench(), {
      id: 'cli_protocol',
      level: 'FAIL',
      says: /does not speak the protocol/,
      kind: 'fix_cli',
    });
  });

  await fault('nobody is logged in', async () => {
    writeScenario(site.configDir, { loggedIn: false });
    const { action } = await assertNamed(await site.bench(), {
      id: 'oauth_ok',
      level: 'FAIL',
      says: /not logged in/,
      kind: 'fix_oauth',
    });
    assert.match(action.human_required.join('\n'), /auth login/);
  });

  await fault('a key is bound to a profile whose login has ended', async () => {
    const profile = join(site.home, 'profiles', 'alice');
    mkdirSync(profile, { recursive: true, mode: 0o700 });
    const reply = await fetch(`${site.url}/api/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
      body: JSON.stringify({ name: 'alice', profile: 'alice' }),
    });
    assert.equal(reply.status, 201);
    writeScenario(profile, { loggedIn: false });
    await assertNamed(await site.bench(), {
      id: 'profiles_ok',
      level: 'FAIL',
      says: /not logged in: alice.*are refused/,
      kind: 'fix_oauth',
    });
    rmSync(profile, { recursive: true });
    await assertNamed(await site.bench(), {
      id: 'profiles_ok',
      level: 'FAIL',
      says: /bound to profiles that do not exist: alice/,
      kind: 'fix_oauth',
    });
    await fetch(`${site.url}/api/keys/alice`, { method: 'DELETE', headers: { authorization: `Bearer ${adminKey}` } });
  });

  await fault('the plan is used up, or nearly', async () => {
    const resetsAt = Math.floor(Date.now() / 1000) + 7200;
    const exhausted = { ...unknownPlan, exhausted: { five_hour: { saidAt: Date.now(), resetsAt } } };
    keepPlan(site.home, exhausted);
    const { action } = await assertNamed(await look(), {
      id: 'plan_windows',
      level: 'FAIL',
      says: /default: 5 hours until \d{4}-/,
      kind: 'wait_for_plan',
    });
    assert.match(action.human_required.join(), /Wait for the reset/);
    keepPlan(site.home, { ...unknownPlan, windows: { seven_day: { utilization: 0.95, resetsAt } } });
    await assertNamed(await look(), {
      id: 'plan_windows',
      level: 'WARN',
      says: /7 days 95 %/,
      kind: 'noop',
    });
    keepPlan(site.home, unknownPlan);
  });

  await fault('the database is damaged', async () => {
    const folder = await newStore(temporaryFolder(t));
    // The later half is gone, as after a copy that broke off.
    truncateSync(join(folder, 'ocp.db'), Math.floor(statSync(join(folder, 'ocp.db')).size / 8192) * 4096);
    const { action } = await assertNamed(await look({ database: async () => inspectStore(folder) }), {
      id: 'database_ok',
      level: 'FAIL',
      says: /ocp\.db is damaged/,
      kind: 'fix_database',
    });
    assert.match(action.human_required.join('\n'), /an empty one: mv /);
  });

  await fault('the database is that of a newer OCP', async () => {
    const folder = await newStore(temporaryFolder(t));
    const database = new DatabaseSync(join(folder, 'ocp.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    const { action } = await assertNamed(await look({ database: async () => inspectStore(folder) }), {
      id: 'database_ok',
      level: 'FAIL',
      says: /newer OCP: its schema is 99/,
      kind: 'fix_database',
    });
    assert.match(action.ai_executable[0] ?? '', /ocp'? update --yes$/);
  });

  await fault('others can read the database and the keys', async () => {
    for (const name of ['ocp.db', 'admin-key']) chmodSync(join(site.home, name), 0o644);
    chmodSync(site.home, 0o755);
    const bench = await look();
    const diagnosis = await assertNamed(bench, {
      id: 'file_modes',
      level: 'WARN',
      says: /\.ocp \(755\).*admin-key \(644\)/,
      kind: 'fix',
    });
    await assertMended(diagnosis, bench, 'file_modes');
    assert.equal(levelOf(await runDoctor(await look()), 'file_modes'), 'PASS');
    assert.equal(statSync(join(site.home, 'admin-key')).mode & 0o777, 0o600);
  });

  await fault('config.json is broken', async () => {
    const before = readFileSync(configFilePath(site.home));
    writeFileSync(configFilePath(site.home), '{ "CLAUDE_PROXY_PORT": 3456, ');
    // Where the CLI's requests go stood in the file; without it a connection to Anthropic itself would be tried.
    const bench = await look({ upstream: async () => undefined });
    const { action } = await assertNamed(bench, {
      id: 'config_valid',
      level: 'FAIL',
      says: /config\.json: the file must be a JSON object/,
      kind: 'fix_config',
    });
    assert.match(action.human_required.join(), /Correct the configuration/);
    writeFileSync(configFilePath(site.home), before);
  });

  await fault('several variables have values that cannot be', async () => {
    site.configure({ CLAUDE_TIMEOUT: 'soon', CLAUDE_BIND: 'everywhere' });
    await assertNamed(await look(), {
      id: 'config_valid',
      level: 'FAIL',
      says: /config\.json: CLAUDE_BIND is "everywhere".*CLAUDE_TIMEOUT is "soon"/,
      kind: 'fix_config',
    });
  });

  await fault('the network is open to everybody', async () => {
    const bench = await look();
    const config = { ...bench.config, bind: '0.0.0.0', authMode: 'none' as const };
    await assertNamed(
      { ...bench, config },
      { id: 'bind_auth', level: 'WARN', says: /everybody who reaches/, kind: 'noop' },
    );
  });

  await fault('there is no admin key', async () => {
    rmSync(join(site.home, 'admin-key'));
    const bench = await look({ restart: async () => 'restarted' });
    const diagnosis = await assertNamed(bench, {
      id: 'admin_key',
      level: 'FAIL',
      says: /no admin key/,
      kind: 'fix',
    });
    await assertMended(diagnosis, bench, 'admin_key');
    const made = readFileSync(join(site.home, 'admin-key'), 'utf8');
    assert.match(made, /^ocp_[\w-]{32}\n$/);
    assert.ok(!JSON.stringify(await runDoctor(await look())).includes(made.trim()), 'no finding holds the key');
  });

  await fault('the disk is full', async () => {
    const disk = async () => ({ freeBytes: 20 * MIB, totalBytes: 1000 * MIB, freeFiles: undefined });
    await assertNamed(await look({ disk }), {
      id: 'disk_space',
      level: 'FAIL',
      says: /has 20 MiB left/,
      kind: 'fix_disk',
    });
  });

  await fault('the log cannot be written', async () => {
    const elsewhere = temporaryFolder(t);
    writeFileSync(join(elsewhere, 'logs'), '');
    const bench = await look();
    await assertNamed(
      { ...bench, config: { ...bench.config, home: elsewhere } },
      {
        id: 'log_folder',
        level: 'WARN',
        says: /is no folder/,
        kind: 'fix',
      },
    );
  });

  await fault('the clock is behind, or was never set', async () => {
    const day = 86_400_000;
    await assertNamed(await look({ now: () => Date.now() - 3 * day }), {
      id: 'clock',
      level: 'WARN',
      says: /3 days behind/,
      kind: 'noop',
    });
    await assertNamed(await look({ now: () => day }), {
      id: 'clock',
      level: 'FAIL',
      says: /1970-01-02/,
      kind: 'fix_network',
    });
  });

  await fault('Claude Code and the CLI are pointed at OCP itself', async () => {
    const settings = join(site.configDir, 'settings.json');
    writeFileSync(settings, JSON.stringify({ env: { ANTHROPIC_BASE_URL: site.url, ANTHROPIC_AUTH_TOKEN: 'any' } }));
    await assertNamed(await look(), {
      id: 'claude_loop',
      level: 'WARN',
      says: /sends Claude Code to OCP itself, with a key/,
      kind: 'noop',
    });
    rmSync(settings);
    site.configure({ ANTHROPIC_BASE_URL: `http://localhost:${site.port}/v1` });
    await assertNamed(await look(), {
      id: 'claude_loop',
      level: 'FAIL',
      says: /told to call OCP itself/,
      kind: 'fix_config',
    });
  });

  await fault('a proxy would catch calls for this machine', async () => {
    const bench = await look();
    await assertNamed(
      { ...bench, env: { ...bench.env, HTTP_PROXY: 'http://proxy.example:8080' } },
      {
        id: 'proxy_variables',
        level: 'WARN',
        says: /NO_PROXY does not name 127\.0\.0\.1 and localhost/,
        kind: 'noop',
      },
    );
  });

  await fault('Anthropic cannot be reached', async () => {
    site.configure({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' });
    await assertNamed(await look(), {
      id: 'upstream_reachable',
      level: 'WARN',
      says: /127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/,
      kind: 'noop',
    });
  });

  await fault('the server does not know a name by which it should be called', async () => {
    site.configure({ OCP_ALLOWED_HOSTS: 'ocp.example.com' });
    const { action } = await assertNamed(await look(), {
      id: 'host_names',
      level: 'WARN',
      says: /does not answer as ocp\.example\.com/,
      kind: 'restart',
    });
    assert.match(action.ai_executable[0] ?? '', /ocp'? restart$/);
  });

  await fault('no worker waits', async () => {
    const server = await healthy.server();
    assert.ok(server !== undefined);
    const empty = { ...server, uptimeMs: 600_000, spares: 0, ready: 0, conversations: 0, busy: 0 };
    await assertNamed(await look({ server: async () => empty }), {
      id: 'spares',
      level: 'WARN',
      says: /no worker waits/,
      kind: 'noop',
    });
  });

  await fault('another version runs than is installed', async () => {
    const bench = await look();
    const diagnosis = await assertNamed(
      { ...bench, installation: { ...bench.installation, version: '0.1.9' } },
      {
        id: 'service_version_matches_tree',
        level: 'WARN',
        says: /the server runs version [\d.]+, and 0\.1\.9 is installed/,
        kind: 'restart',
      },
    );
    assert.match(diagnosis.action.ai_executable[0] ?? '', /ocp'? restart$/);
  });

  await fault('a newer version is there, or the installation cannot be updated', async () => {
    const bench = await look();
    const installation = { ...bench.installation, kind: 'git', version: '0.1.0' } as const;
    const latest = (version: string) => async () => ({ version, from: 'the git remote origin' });
    const patch = await runDoctor({ ...bench, installation, latest: latest('0.1.4') });
    const minor = await runDoctor({ ...bench, installation, latest: latest('0.2.0') });
    assert.deepEqual([patch.action.kind, minor.action.kind], ['update', 'upgrade']);
    assert.match(minor.action.ai_executable[0] ?? '', /ocp'? update --yes$/);
    const { action } = await assertNamed(
      { ...bench, installation: { ...installation, version: undefined } },
      {
        id: 'from_version_supported',
        level: 'FAIL',
        says: /does not tell its version/,
        kind: 'fresh_install',
      },
    );
    assert.ok(action.human_required.length > 0);
  });

  await fault('an update was ended in the middle', async () => {
    const standing = { version: '0.1.0' };
    writeJournal(site.home, {
      action: 'update',
      step: 'switch',
      root: '/opt/ocp',
      from: standing,
      to: { version: '0.2.0' },
      snapshot: '/nowhere',
      served: true,
      wasWell: true,
      turn: false,
      database: false,
      startedAt: new Date().toISOString(),
    });
    const { action } = await assertNamed(await look(), {
      id: 'update_finished',
      level: 'FAIL',
      says: /update from 0\.1\.0 to 0\.2\.0 stopped at the step switch/,
      kind: 'finish_update',
    });
    assert.match(action.ai_executable[0] ?? '', /ocp'? update --yes$/);
    clearJournal(site.home);
  });

  await fault('the definition of the service was edited', async () => {
    const service = await site.service();
    const { definition } = await service.state();
    writeFileSync(definition, readFileSync(definition, 'utf8').replace('--quiet', '--loud'));
    const bench = await look({ restart: async () => 'restarted' });
    const diagnosis = await assertNamed(bench, {
      id: 'service_installed',
      level: 'WARN',
      says: /not as this OCP writes it/,
      kind: 'fix_service',
    });
    await assertMended(diagnosis, bench, 'service_installed');
    assert.equal(levelOf(await runDoctor(await look()), 'service_installed'), 'PASS');
  });

  await fault("OpenClaw's list of models is out of date", async () => {
    const folder = join(site.machine.home, '.openclaw');
    mkdirSync(folder);
    const provider = { baseUrl: `${site.url}/v1`, models: [{ id: 'claude-of-last-year', name: 'Old' }] };
    const file = join(folder, 'openclaw.json');
    writeFileSync(file, JSON.stringify({ models: { providers: { 'claude-local': provider } }, mine: true }));
    const bench = await look();
    const diagnosis = await assertNamed(bench, {
      id: 'openclaw_registry',
      level: 'WARN',
      says: /OpenClaw's list of models differs from OCP's \(\d+ missing, 1 no longer offered/,
      kind: 'fix',
    });
    await assertMended(diagnosis, bench, 'openclaw_registry');
    assert.equal(levelOf(await runDoctor(await look()), 'openclaw_registry'), 'PASS');
    assert.ok(readFileSync(file, 'utf8').includes('"mine"'), 'the rest is its owner’s');
  });

  await fault('folders of workers are left of an OCP that was killed', async () => {
    const left = join(site.machine.env['TMPDIR'] ?? '', 'w-left');
    mkdirSync(left);
    writeFileSync(join(left, 'owner.json'), JSON.stringify({ pid: 4_194_000, start: 'long ago' }));
    const bench = await look();
    const diagnosis = await assertNamed(bench, {
      id: 'leftovers',
      level: 'WARN',
      says: /one folder of workers/,
      kind: 'fix',
    });
    await assertMended(diagnosis, bench, 'leftovers');
    assert.equal(levelOf(await runDoctor(await look()), 'leftovers'), 'PASS');
  });

  await fault('the server was killed, and left its PID file', async () => {
    const status = readStatus(site.home);
    assert.ok(status?.server !== undefined);
    process.kill(status.supervisor.pid, 'SIGKILL');
    await gone(status.supervisor.pid);
    await gone(status.server.pid);
    const bench = await look();
    const diagnosis = await assertNamed(bench, {
      id: 'service_running',
      level: 'FAIL',
      says: /no server answers at http:\/\/127\.0\.0\.1:\d+ \(background: stopped\)/,
      kind: 'fix_service',
    });
    assert.equal(levelOf(diagnosis, 'leftovers'), 'WARN');
    assert.match(diagnosis.action.ai_executable[0] ?? '', /ocp'? start$/);
    await assertMended(diagnosis, bench, 'service_running');
    const after = await runDoctor(await look());
    assert.deepEqual([levelOf(after, 'service_running'), levelOf(after, 'leftovers')], ['PASS', 'PASS']);
    assert.notEqual(readStatus(site.home)?.server?.pid, status.server.pid);
  });

  await fault('another program has the port', async () => {
    await (await site.service()).stop();
    assert.equal(statSync(statusPath(site.home), { throwIfNoEntry: false }), undefined);
    const squatter = createServer((socket) => socket.end('I am no OCP\n', () => socket.destroy()));
    await listen(t, squatter, site.port);
    const { action } = await assertNamed(await look(), {
      id: 'port_owner',
      level: 'FAIL',
      says: new RegExp(`the port ${site.port} is taken by `),
      kind: 'fix_service',
    });
    assert.ok(action.human_required.length > 0);
    squatter.close();
    await once(squatter, 'close');
  });
});
