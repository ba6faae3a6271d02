import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { examine } from '../../src/cli/doctor.ts';
import { openClawList } from '../../src/cli/doctor-openclaw.ts';
import { machineBench } from '../../src/host/doctor/probes.ts';
import { thisMachine } from '../../src/host/machine.ts';
import { isolatedEnv, packageRoot, startOcp } from '../support/ocp.ts';

interface Output {
  readonly context: Parameters<typeof dispatch>[2];
  readonly out: string[];
  readonly err: string[];
}

function output(env: Readonly<Record<string, string>>): Output {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    stdout: (line: string) => void out.push(line),
    write: (text: string) => void out.push(text),
    stderr: (line: string) => void err.push(line),
    signal: new AbortController().signal,
  };
  return { context: { env, packageRoot, io }, out, err };
}

test('a real server with the real CLI is examined from end to end, for people and for programs', async () => {
  await using ocp = await startOcp();
  await ocp.server.problem();
  const env = { ...isolatedEnv(ocp.home, ocp.simulator.url), CLAUDE_PROXY_PORT: String(ocp.server.started.port) };
  const GIB = 1_073_741_824;
  const look = (turn: boolean) => async () => {
    const machine = thisMachine(env, packageRoot, new AbortController().signal);
    // Neither git, npm nor a service manager of the machine that runs the tests is asked.
    const run = async () => ({ code: undefined, stdout: '', stderr: '' });
    const openclaw = openClawList(machine, packageRoot);
    const bench = await machineBench({ ...machine, platform: 'linux', run }, { openclaw, turn });
    const disk = async () => ({ freeBytes: 50 * GIB, totalBytes: 100 * GIB, freeFiles: undefined });
    return { ...bench, disk, availableMemory: () => 8 * GIB, otherUnits: () => [] };
  };

  const json = output(env);
  assert.equal(await examine({ json: true, turn: true }, json.context, look(true)), 0, json.out.join('\n'));
  const report = JSON.parse(json.out.join('\n')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(report), [
    'schema_version',
    'timestamp',
    'ready_to_upgrade',
    'current_version',
    'latest_version',
    'from_version_supported',
    'install_dir',
    'install_dir_source',
    'install_dir_safe_to_replace',
    'units',
    'fail_count',
    'warn_count',
    'checks',
    'next_action',
  ]);
  assert.equal(report['schema_version'], '1');
  assert.deepEqual([report['ready_to_upgrade'], report['fail_count'], report['latest_version']], [true, 0, null]);
  const checks = report['checks'] as readonly {
    readonly id: string;
    readonly level: string;
    readonly message: string;
  }[];
  const levelOf = (id: string) => checks.find((check) => check.id === id)?.level;
  assert.deepEqual(
    ['cli_protocol', 'oauth_ok', 'service_running', 'upstream_reachable', 'real_turn', 'database_ok'].map(levelOf),
    ['PASS', 'PASS', 'PASS', 'PASS', 'PASS', 'PASS'],
    JSON.stringify(checks, undefined, 1),
  );
  const action = report['next_action'] as Record<string, unknown>;
  assert.equal(action['kind'], 'noop', JSON.stringify(checks, undefined, 1));
  assert.deepEqual([action['human_required'], action['ai_executable']], [[], []]);
  assert.match(String(action['verify']), /ocp'? doctor --json$/);
  assert.equal(ocp.simulator.log.messages().length, 1, 'only --turn asks Claude, and once');

  await ocp.stop();
  const text = output(env);
  assert.equal(await examine({ check: ['service_running', 'oauth'] }, text.context, look(false)), 1);
  assert.match(text.out[0] ?? '', /^OCP doctor — \d+\.\d+\.\d+ → unknown$/);
  assert.match(text.out[1] ?? '', /^\[FAIL\] service_running: no server answers at http/);
  assert.match(text.out.join('\n'), /\n {7}fix: {2}\S+ocp'? start\n\[PASS\] oauth_ok: /);
  assert.match(
    text.out.join('\n'),
    /\nSummary: 1 FAIL, 0 WARN\nNext action: fix_service\n {2}run: {2}\S+ocp'? start\n/,
  );
});

test('a check that does not exist is told with those that do', async () => {
  const { context, err } = output({ HOME: '/nonexistent' });
  assert.equal(await dispatch(['doctor', '--check', 'nonsense'], commands, context), 2);
  assert.match(err.join('\n'), /^ocp: there is no check "nonsense"; there are current_version, .*leftovers/);
});
