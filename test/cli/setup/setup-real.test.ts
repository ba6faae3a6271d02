import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectCommand } from '../../../src/cli/connect-command.ts';
import { stopCommand } from '../../../src/cli/service/service-commands.ts';
import { setupCommand } from '../../../src/cli/setup/setup-command.ts';
import { uninstallCommand } from '../../../src/cli/uninstall-command.ts';
import { isAlive, readStatus } from '../../../src/host/service/background-files.ts';
import { startSimulator } from '../../../simulator/index.ts';
import { freePort } from '../../support/free-port.ts';
import { isolatedEnv, packageRoot } from '../../support/ocp.ts';
import type { CommandRun } from '../../support/run-command.ts';
import { runCommand } from '../../support/run-command.ts';
import { fakeExecutable, temporaryFolder } from '../../support/temporary.ts';

const commands = { setup: setupCommand, connect: connectCommand, stop: stopCommand, uninstall: uninstallCommand };
const skip = process.platform === 'darwin' ? 'macOS has launchd, which this would change' : false;

/** Every file below a folder with its size and its last change. */
function tree(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const { mtimeMs, size, mode } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs} ${mode.toString(8)}`;
    });
}

test('from nothing to an answer of Claude, changed, and back to nothing', { skip }, async (t) => {
  const simulator = await startSimulator({ minimumCacheTokens: 0 });
  t.after(async () => simulator.close());
  const home = join(temporaryFolder(t), 'home');
  mkdirSync(home);
  fakeExecutable(join(home, 'bin/systemctl'), 'exit 1');
  const { OCP_HOME: _usual, ...isolated } = isolatedEnv(home, simulator.url);
  const env = { ...isolated, PATH: `${join(home, 'bin')}:${isolated['PATH'] ?? ''}`, TMPDIR: home };
  const run = async (...argv: readonly string[]): Promise<CommandRun> => runCommand(commands, env, ...argv);
  t.after(async () => run('stop'));
  const ocpHome = join(home, '.ocp');
  const [port, other] = [await freePort(), await freePort()];

  const before = tree(home);
  const planned = await run('setup', '--yes', '--dry-run', '--port', String(port));
  assert.equal(planned.status, 0, planned.err);
  assert.match(planned.out, new RegExp(`write ${ocpHome}/config\\.json\\n[^]*"CLAUDE_PROXY_PORT": ${port}`, 'u'));
  assert.match(planned.out, /start the background process/u);
  assert.doesNotMatch(planned.out, /sk-ant/u, 'a key is shown');
  assert.deepEqual(tree(home), before, 'a dry run touches something');

  const first = await run('setup', '--yes', '--port', String(port));
  assert.equal(first.status, 0, first.out + first.err);
  assert.match(first.out, /^✓ Claude answered ".+" in [\d.]+ s$/mu);
  assert.match(first.out, /^What to do next:\n {2}1\. .+\n {2}2\. .+\n {2}3\. .+$/mu);
  assert.doesNotMatch(first.out, /sk-ant/u);
  for (const name of ['config.json', 'admin-key', 'background.json']) {
    assert.equal(statSync(join(ocpHome, name)).mode & 0o777, 0o600, name);
  }
  assert.equal(statSync(ocpHome).mode & 0o777, 0o700);
  const adminKey = readFileSync(join(ocpHome, 'admin-key'), 'utf8');
  assert.match(adminKey, /^[\w-]{43}\n$/u);
  assert.equal(readlinkSync(join(home, '.local/bin/ocp')), join(packageRoot, 'ocp'));

  const written = ['config.json', 'admin-key', 'background.json', 'background.pid'].map((name) => join(ocpHome, name));
  const state = (): unknown => written.map((path) => [readFileSync(path, 'utf8'), statSync(path).mtimeMs]);
  const [kept, config] = [state(), JSON.parse(readFileSync(join(ocpHome, 'config.json'), 'utf8')) as object];
  assert.equal((await run('setup', '--yes')).status, 0);
  assert.deepEqual(state(), kept, 'a second run changes something');

  const moved = await run('setup', '--port', String(other));
  assert.equal(moved.status, 0, moved.out + moved.err);
  assert.deepEqual(JSON.parse(readFileSync(join(ocpHome, 'config.json'), 'utf8')), {
    ...config,
    CLAUDE_PROXY_PORT: other,
  });
  assert.equal(readFileSync(join(ocpHome, 'admin-key'), 'utf8'), adminKey);
  assert.ok((await fetch(`http://127.0.0.1:${other}/health`)).ok);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/health`));

  const shell = join(home, '.bashrc');
  writeFileSync(shell, '# mine\n');
  assert.equal((await run('connect', '--only', 'shell', '--yes')).status, 0);
  assert.match(readFileSync(shell, 'utf8'), /OPENAI_BASE_URL/u);

  const status = readStatus(ocpHome);
  assert.ok(status?.server !== undefined);
  const uninstalled = await run('uninstall');
  assert.match(uninstalled.out, /^What stays:\n[^]*config\.json.*ocp uninstall --purge/mu);
  assert.ok(!(await isAlive(status.server)) && !(await isAlive(status.supervisor)));
  assert.ok(!existsSync(join(home, '.local/bin/ocp')) && !existsSync(join(ocpHome, 'background.json')));
  assert.ok(existsSync(join(ocpHome, 'config.json')));

  assert.equal((await run('uninstall', '--purge')).status, 2, 'nobody was asked');
  assert.ok(existsSync(join(ocpHome, 'admin-key')));
  assert.equal((await run('uninstall', '--purge', '--yes')).status, 0);
  assert.ok(!existsSync(ocpHome));
  assert.equal(readFileSync(shell, 'utf8'), '# mine\n');
  assert.match((await run('uninstall', '--purge')).out, /^There was nothing to uninstall\.$/mu);
});
