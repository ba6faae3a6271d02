import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { installationIn, latestVersion, newestRelease } from '../../src/host/latest-version.ts';
import { runProgram } from '../../src/host/run.ts';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';

const gitEnv = {
  PATH: '/usr/bin:/bin',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 't',
  GIT_AUTHOR_EMAIL: 't@example.com',
  GIT_COMMITTER_NAME: 't',
  GIT_COMMITTER_EMAIL: 't@example.com',
};

test('a checkout learns of the newest release from the tags of its remote', async (t) => {
  const folder = temporaryFolder(t);
  const git = async (cwd: string, ...args: string[]): Promise<void> => {
    const { code, stderr } = await runProgram('git', args, { cwd, env: gitEnv, timeoutMs: 10_000 });
    assert.equal(code, 0, stderr);
  };
  const published = join(folder, 'published');
  mkdirSync(published);
  writeFileSync(join(published, 'package.json'), JSON.stringify({ name: 'open-claude-proxy', version: '0.9.0' }));
  await git(published, 'init', '-q');
  await git(published, 'add', '.');
  await git(published, 'commit', '-q', '-m', 'one');
  for (const tag of ['v0.9.0', 'v0.10.0', 'v1.0.0-rc.1', 'nightly']) await git(published, 'tag', tag);
  await git(folder, 'clone', '-q', published, 'checkout');

  const installation = installationIn(join(folder, 'checkout'));
  assert.deepEqual([installation.kind, installation.version], ['git', '0.9.0']);
  const options = { run: runProgram, env: gitEnv };
  assert.deepEqual(await latestVersion(installation, options), { version: '0.10.0', from: 'the git remote origin' });
  await git(installation.folder, 'remote', 'set-url', 'origin', join(folder, 'gone'));
  assert.deepEqual(await latestVersion(installation, options), {
    version: undefined,
    reason: 'the git remote origin did not answer',
  });
});

test('an installed package asks npm, and no longer than it may', async (t) => {
  const folder = temporaryFolder(t);
  const root = join(folder, 'lib/node_modules/open-claude-proxy');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'open-claude-proxy', version: '0.1.0' }));
  const installation = installationIn(root);
  assert.equal(installation.kind, 'npm');
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
  fakeExecutable(join(folder, 'bin/npm'), '[ "$*" = "view open-claude-proxy version" ] && echo 0.3.1');
  assert.deepEqual(await latestVersion(installation, { run: runProgram, env }), { version: '0.3.1', from: 'npm' });
  fakeExecutable(join(folder, 'bin/npm'), 'exec sleep 20');
  const late = await latestVersion(installation, { run: runProgram, env, timeoutMs: 200 });
  assert.deepEqual(late, { version: undefined, reason: 'npm did not answer' });
});

test('what is no release does not count, and a folder that tells nothing is unknown', (t) => {
  assert.equal(newestRelease(['v1.2.3', '1.10.0', 'v1.9.9', 'v2.0.0-beta', 'x']), '1.10.0');
  assert.equal(newestRelease(['main']), undefined);
  const { kind, version } = installationIn(temporaryFolder(t));
  assert.deepEqual([kind, version], ['unknown', undefined]);
});
