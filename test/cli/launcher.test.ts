import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';

const launcher = fileURLToPath(new URL('../../ocp', import.meta.url));

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with only the PATH given; the shell's own tools stay reachable behind it. */
async function run(path: string, args: readonly string[], searchPath: string, cwd: string): Promise<Outcome> {
  return await new Promise((resolve) => {
    const env = { PATH: `${searchPath}:/usr/bin:/bin`.replace(/^:/, '') };
    execFile(path, args, { env, cwd }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** A Node that tells what it was asked to run. */
const echo = 'if [ "$1" = --version ]; then echo v24.9.0; else printf "%s|" "${0##*/}" "$@"; fi';

interface Tree {
  readonly root: string;
  readonly ocp: string;
}

/** OCP as a checkout or, below node_modules, as an installed package. */
function tree(root: string, files: readonly string[]): Tree {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  const ocp = join(root, 'ocp');
  copyFileSync(launcher, ocp);
  return { root, ocp };
}

const checkout = ['src/cli/main.ts', 'dist/src/cli/main.js', 'node_modules/zod/package.json'];

/** Folders with the shell's tools but without any node, whatever the machine has installed. */
function toolsWithoutNode(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const tool of ['readlink', 'dirname']) symlinkSync(`/usr/bin/${tool}`, join(folder, tool));
  return folder;
}

async function runBare(ocp: string, searchPath: string, cwd: string): Promise<Outcome> {
  return await new Promise((resolve) => {
    execFile('/bin/sh', [ocp], { env: { PATH: searchPath }, cwd }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the launcher', () => {
  it('prefers the Node that npm brought, and passes arguments on as they are', async (t) => {
    const folder = temporaryFolder(t);
    const { root, ocp } = tree(join(folder, 'my ocp'), checkout);
    fakeExecutable(join(root, 'node_modules/node/bin/node'), echo);
    const { stdout, stderr, status } = await run(ocp, ['serve', 'two words', '', '*'], '', folder);
    assert.equal(stdout, `node|--disable-warning=ExperimentalWarning|${root}/src/cli/main.ts|serve|two words||*|`);
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('finds its folder through a chain of relative and absolute links, from any folder', async (t) => {
    const folder = temporaryFolder(t);
    const { root, ocp } = tree(join(folder, 'my ocp'), checkout);
    fakeExecutable(join(root, 'node_modules/.bin/node'), echo);
    for (const name of ['bin', 'other bin', 'elsewhere']) mkdirSync(join(folder, name));
    symlinkSync(ocp, join(folder, 'bin', 'first'));
    symlinkSync('../bin/first', join(folder, 'other bin', 'second'));
    symlinkSync('second', join(folder, 'other bin', 'third'));
    symlinkSync(join(folder, 'other bin'), join(folder, 'linked folder'));

    const cwd = join(folder, 'elsewhere');
    for (const path of [join(folder, 'other bin', 'third'), '../linked folder/third', '../my ocp/ocp']) {
      const { stdout } = await run(path, ['x'], '', cwd);
      assert.ok(stdout.endsWith(`|${root}/src/cli/main.ts|x|`), `${path}: ${stdout}`);
    }
    const found = await run('/usr/bin/env', ['third', 'x'], join(folder, 'linked folder'), cwd);
    assert.ok(found.stdout.endsWith(`|${root}/src/cli/main.ts|x|`), found.stdout);
  });

  it('takes the system’s Node where npm brought none', async (t) => {
    const folder = temporaryFolder(t);
    const { root, ocp } = tree(join(folder, 'ocp'), checkout);
    fakeExecutable(join(folder, 'bin/node'), echo);
    const { stdout } = await run(ocp, [], join(folder, 'bin'), folder);
    assert.equal(stdout, `node|--disable-warning=ExperimentalWarning|${root}/src/cli/main.ts|`);
  });

  it('runs the built JavaScript of an installed package', async (t) => {
    const folder = temporaryFolder(t);
    const { root, ocp } = tree(join(folder, 'lib/node_modules/open-claude-proxy'), checkout);
    fakeExecutable(join(folder, 'bin/node'), echo);
    const { stdout } = await run(ocp, [], join(folder, 'bin'), folder);
    assert.equal(stdout, `node|--disable-warning=ExperimentalWarning|${root}/dist/src/cli/main.js|`);
  });

  it('lets Node keep what it made of a checkout, and tells no program of it', async (t) => {
    const folder = temporaryFolder(t);
    const tell = 'printf %s "${NODE_COMPILE_CACHE-none}"';
    const { root, ocp } = tree(join(folder, 'my ocp'), checkout);
    fakeExecutable(join(root, 'node_modules/node/bin/node'), tell);
    assert.equal((await run(ocp, [], '', folder)).stdout, `${root}/node_modules/.cache/ocp`);
    const installed = tree(join(folder, 'lib/node_modules/open-claude-proxy'), checkout);
    fakeExecutable(join(installed.root, 'node_modules/node/bin/node'), tell);
    assert.equal((await run(installed.ocp, [], '', folder)).stdout, 'none');

    fakeExecutable(join(folder, 'bin/systemctl'), 'exit 1');
    fakeExecutable(join(folder, 'bin/openclaw'), tell);
    const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, HOME: folder };
    assert.equal(execFileSync(launcher, ['restart', 'gateway'], { env, encoding: 'utf8' }), 'none\n');
  });

  it('says in one line when Node is too old', async (t) => {
    const folder = temporaryFolder(t);
    const { root, ocp } = tree(join(folder, 'ocp'), checkout);
    for (const answer of ['echo v20.19.4', 'echo v9.0.0', 'exit 1', 'echo nonsense']) {
      fakeExecutable(join(folder, 'bin/node'), answer);
      const { status, stdout, stderr } = await run(ocp, [], join(folder, 'bin'), folder);
      assert.deepEqual([status, stdout], [1, ''], answer);
      assert.match(stderr, /^ocp: needs Node\.js 24 or newer, but [^\n]+\n$/);
      assert.ok(stderr.includes(`run npm ci in ${root}`));
    }
  });

  it('says in one line when there is no Node', async (t) => {
    const folder = temporaryFolder(t);
    const { ocp } = tree(join(folder, 'ocp'), checkout);
    const { status, stderr } = await runBare(ocp, toolsWithoutNode(join(folder, 'tools')), folder);
    assert.equal(status, 1);
    assert.match(stderr, /^ocp: needs Node\.js 24 or newer and finds no node on the PATH; install [^\n]+\n$/);
  });

  it('says in one line when the dependencies are missing, whatever the Node', async (t) => {
    const folder = temporaryFolder(t);
    const { root, ocp } = tree(join(folder, 'my ocp'), ['src/cli/main.ts']);
    for (const version of ['v20.1.0', 'v24.1.0']) {
      fakeExecutable(join(folder, 'bin/node'), `echo ${version}`);
      const { status, stderr } = await run(ocp, [], join(folder, 'bin'), folder);
      assert.deepEqual([status, stderr], [1, `ocp: its dependencies are not installed; run npm ci in ${root}\n`]);
    }
  });

  it('names the script that brings the packages back when an update was cut off', async (t) => {
    const folder = temporaryFolder(t);
    const { root, ocp } = tree(join(folder, 'my ocp'), [
      'src/cli/main.ts',
      '.git/ocp-update/switch.sh',
      'a snapshot/restore.sh',
    ]);
    mkdirSync(join(root, '.git/ocp-update/held'));
    writeFileSync(join(root, '.git/ocp-update/held/for'), `${root}/a snapshot\n`);
    const { status, stderr } = await run(ocp, ['serve'], join(folder, 'bin'), folder);
    assert.equal(status, 1);
    assert.equal(
      stderr,
      `ocp: an update was interrupted; bring the version before it back with: sh '${root}/a snapshot/restore.sh'\n`,
    );
  });

  it('starts the real program, which stops when it is told to', async (t) => {
    const folder = temporaryFolder(t);
    symlinkSync(launcher, join(folder, 'ocp'));
    const child = spawn(join(folder, 'ocp'), ['simulate', '--port', '0'], {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', HOME: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    assert.match(String(line), /listens on http:\/\/127\.0\.0\.1:\d+/);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
});
