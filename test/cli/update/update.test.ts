import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { lockUpdates } from '../../../src/host/update/lock.ts';
import { updateCommand } from '../../../src/cli/update/command.ts';
import { git } from '../../host/update/world.ts';
import { fakeClaude } from '../../support/fake-claude.ts';
import { packageRoot } from '../../support/ocp.ts';
import { runCommand } from '../../support/run-command.ts';
import { fakeExecutable, temporaryFolder } from '../../support/temporary.ts';

const commands = { update: updateCommand };

test('ocp update refuses what has no meaning, and goes back only when it is told to', async (t) => {
  const home = temporaryFolder(t);
  fakeExecutable(join(home, 'bin/systemctl'), 'exit 1');
  const env = { HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
  for (const [words, message] of [
    [['--list'], /--list has a meaning only with --rollback/],
    [['somewhere'], /"somewhere" has a meaning only with --rollback/],
    [['--check', '--rollback'], /--check and --rollback do not go together/],
    [['--target', 'v1.2.3', '--prune'], /--target and --prune do not go together/],
    [['--json'], /--json has a meaning only with/],
    [['--target', 'the-next', '--dry-run'], /must be a version: v1\.2\.3/],
  ] as const) {
    const { status, err } = await runCommand(commands, env, 'update', ...words);
    assert.equal(status, 2, words.join(' '));
    assert.match(err, message);
  }
  assert.match(
    (await runCommand(commands, env, 'update', '--rollback', '--list')).out,
    /^There is no snapshot in .*\.ocp\.$/m,
  );
  const none = await runCommand(commands, env, 'update', '--rollback', '--yes');
  assert.deepEqual([none.status, /there is no snapshot in .* to go back to/.test(none.err)], [1, true]);

  const lock = lockUpdates(join(home, '.ocp'));
  const second = await runCommand(commands, env, 'update', '--prune');
  assert.deepEqual([second.status, second.err], [1, 'ocp: another ocp update is at work; wait for its end\n']);
  lock[Symbol.dispose]();
  assert.equal((await runCommand(commands, env, 'update', '--prune')).status, 0);
});

interface Site {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly snapshots: () => readonly string[];
  /** Runs a program to its end; `killAt` kills it when it says that. */
  readonly run: (program: string, args: readonly string[], killAt?: string) => Promise<Ended>;
}

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** OCP itself, whole, as a checkout of a remote with three versions: an old one, this one, and one whose server does not start. */
async function site(t: TestContext): Promise<Site> {
  let stop = async (): Promise<unknown> => undefined;
  // Before the folder goes.
  t.after(() => stop());
  const folder = temporaryFolder(t);
  const [remote, root, home] = ['remote', 'ocp', 'home'].map((name) => join(folder, name)) as [string, string, string];
  const idle = ['.ci', '.git', '.github', 'bench', 'clients', 'contract', 'dist', 'docs', 'node_modules', 'test'];
  for (const name of readdirSync(packageRoot).filter((entry) => !idle.includes(entry))) {
    cpSync(join(packageRoot, name), join(remote, name), { recursive: true });
  }
  writeFileSync(join(remote, '.gitignore'), 'node_modules\ndist\n');
  git(remote, 'init', '--quiet', '--template=');
  release(remote, '0.0.8');
  release(remote, '0.0.9');
  const broken = join(remote, 'src/http/serve.ts');
  const unusable =
    "import { ConfigError } from '../config/error.ts';\nthrow new ConfigError('OCP_HOME', 'broken on purpose');\n";
  writeFileSync(broken, `${unusable}${readFileSync(broken, 'utf8')}`);
  release(remote, '0.1.0');
  git(folder, 'clone', '--quiet', '--template=', remote, root);
  git(root, 'checkout', '--quiet', '-B', 'main', 'v0.0.8');
  symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));

  fakeExecutable(join(folder, 'bin/systemctl'), 'exit 1');
  fakeExecutable(join(folder, 'bin/npm'), 'exit 0');
  const port = await freePort();
  const { binary, configDir } = fakeClaude(t, {});
  mkdirSync(join(home, '.ocp'), { recursive: true, mode: 0o700 });
  const config = { CLAUDE_PROXY_PORT: port, CLAUDE_BIN: binary, CLAUDE_CONFIG_DIR: configDir, OCP_SPARES_MEMORY_MB: 0 };
  writeFileSync(join(home, '.ocp/config.json'), JSON.stringify(config));
  const env = {
    HOME: home,
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    GIT_CONFIG_GLOBAL: '/dev/null',
    TMPDIR: folder,
  };
  const run: Site['run'] = async (program, args, killAt) => runProgram(program, args, env, killAt);
  stop = async () => run(join(root, 'ocp'), ['stop']);
  return {
    root,
    env,
    url: `http://127.0.0.1:${port}`,
    snapshots: () =>
      readdirSync(join(home, '.ocp'))
        .filter((name) => name.startsWith('upgrade-snapshot-'))
        .toSorted(),
    run,
  };
}

function release(remote: string, version: string): void {
  for (const name of ['package.json', 'package-lock.json']) {
    const path = join(remote, name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"version": "[^"]+"/u, `"version": "${version}"`));
  }
  git(remote, 'add', '--all');
  git(remote, 'commit', '--quiet', '--message', version);
  git(remote, 'tag', `v${version}`);
}

async function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  killAt?: string,
): Promise<Ended> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (killAt !== undefined && line.startsWith(killAt)) child.kill('SIGKILL');
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, text: error.message }));
    child.once('close', (code) => resolve({ code, text: lines.join('\n') }));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

async function health(url: string): Promise<readonly [unknown, unknown]> {
  const reply = (await (await fetch(`${url}/health`)).json()) as { version: unknown; status: unknown };
  return [reply.version, reply.status];
}

async function keyNames(url: string): Promise<readonly string[]> {
  const reply = (await (await fetch(`${url}/api/keys`)).json()) as { keys: { name: string }[] };
  return reply.keys.map(({ name }) => name).toSorted();
}

async function addKey(url: string, name: string): Promise<void> {
  const body = JSON.stringify({ name });
  const reply = await fetch(`${url}/api/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.equal(reply.status, 201);
}

const skip = process.platform === 'darwin' ? 'macOS has launchd' : false;

test(
  'a real OCP is updated, killed, finished, undone and taken back, and its server answers after each',
  { skip },
  async (t) => {
    const { root, url, snapshots, run, env } = await site(t);
    const ocp = join(root, 'ocp');
    const update = async (...words: readonly string[]): Promise<Ended> => run(ocp, ['update', ...words]);
    const started = await run(ocp, ['start']);
    assert.equal(started.code, 0, started.text);
    assert.deepEqual(await health(url), ['0.0.8', 'ok']);
    await addKey(url, 'before');

    const check = await update('--check', '--json');
    assert.deepEqual(JSON.parse(check.text), {
      current: '0.0.8',
      latest: '0.1.0',
      from: 'the git remote origin',
      update: 'full',
      interrupted: false,
    });
    const plan = await update('--target', 'v0.0.9', '--dry-run');
    assert.deepEqual(
      [plan.code, plan.text.split('\n').every((line) => line.startsWith('[plan] '))],
      [0, true],
      plan.text,
    );
    assert.deepEqual(snapshots(), []);

    // Killed while it puts the new version in place: the next one finishes it.
    const killed = await run(ocp, ['update', '--target', 'v0.0.9', '--yes'], 'Putting v0.0.9 in place');
    assert.equal(killed.code, null, killed.text);
    assert.deepEqual(await health(url), ['0.0.8', 'ok']);
    const finished = await update();
    assert.equal(finished.code, 0, finished.text);
    assert.match(finished.text, /Finishing the update to OCP 0\.0\.9/);
    assert.deepEqual(await health(url), ['0.0.9', 'ok']);
    assert.equal(git(root, 'describe', '--tags'), 'v0.0.9');
    await addKey(url, 'since');

    // A version whose server does not start: the one before is back, with all that it knew.
    const failed = await update('--yes');
    assert.equal(failed.code, 1, failed.text);
    assert.match(
      failed.text,
      /^ocp: the update to 0\.1\.0 failed, and OCP 0\.0\.9 is back: the server does not answer/m,
    );
    assert.deepEqual(await health(url), ['0.0.9', 'ok']);
    assert.deepEqual(await keyNames(url), ['before', 'since']);
    assert.equal(git(root, 'describe', '--tags'), 'v0.0.9');
    assert.equal(snapshots().length, 2);

    // Killed while the way back has stopped the server: the one command that needs no OCP.
    const [first = ''] = snapshots();
    const folder = join(env['HOME'] ?? '', '.ocp', first);
    const halfway = await run(ocp, ['update', '--rollback', folder, '--yes'], 'Starting the server');
    assert.equal(halfway.code, null, halfway.text);
    const restored = await run('/bin/sh', [join(folder, 'restore.sh')]);
    assert.equal(restored.code, 0, restored.text);
    assert.deepEqual(await health(url), ['0.0.8', 'ok']);
    assert.deepEqual(await keyNames(url), ['before', 'since']);
    assert.equal(git(root, 'symbolic-ref', '--short', 'HEAD'), 'main');

    assert.match((await update('--prune')).text, /Kept the newest/);
    assert.equal(snapshots().length, 1);
  },
);
