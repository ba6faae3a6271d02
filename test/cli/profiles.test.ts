import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { profilesCommand } from '../../src/cli/profiles-command.ts';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A CLI that is logged in exactly where its configuration folder says so, and logs in when it is told to. */
const claude = `
case "$1 $2" in
  "auth status") if [ -f "$CLAUDE_CONFIG_DIR/in" ]; then echo '{"loggedIn":true,"authMethod":"claude.ai"}'; else echo '{"loggedIn":false,"authMethod":"none"}'; exit 1; fi ;;
  "auth login") : > "$CLAUDE_CONFIG_DIR/in" ;;
esac`;

function profiles(t: TestContext): { readonly run: (...words: string[]) => Promise<Run>; readonly folder: string } {
  const home = temporaryFolder(t);
  const binary = fakeExecutable(join(home, 'bin', 'claude'), claude);
  const env = { HOME: home, PATH: '/usr/bin:/bin', CLAUDE_BIN: binary, CLAUDE_CONFIG_DIR: join(home, 'own') };
  const run = async (...words: readonly string[]): Promise<Run> => {
    const out: string[] = [];
    const err: string[] = [];
    const io = {
      stdout: (line: string) => void out.push(line),
      stderr: (line: string) => void err.push(line),
      write: (text: string) => void out.push(text),
      signal: new AbortController().signal,
    };
    const packageRoot = resolve(import.meta.dirname, '../..');
    const status = await dispatch(['profiles', ...words], { profiles: profilesCommand }, { env, packageRoot, io });
    return { status, out: out.join('\n'), err: err.join('\n') };
  };
  return { run, folder: home };
}

test('a profile is added, logged in, listed and removed', async (t) => {
  const { run, folder } = profiles(t);
  assert.match((await run('add', 'alice')).out, /ocp login alice/);
  assert.match((await run()).out, /^default +not logged in\nalice +not logged in$/);
  const unattended = await run('login', 'alice');
  assert.deepEqual([unattended.status, /ocp login alice --token < FILE/.test(unattended.err)], [2, true]);
  writeFileSync(join(folder, '.ocp/profiles/alice/in'), '');
  assert.match((await run('list')).out, /^default +not logged in\nalice +logged in \(claude\.ai\)$/);
  assert.deepEqual(JSON.parse((await run('--json')).out), {
    profiles: [
      { name: 'default', loggedIn: false, method: 'none' },
      { name: 'alice', loggedIn: true, method: 'claude.ai' },
    ],
  });
  assert.equal((await run('remove', 'alice')).status, 0);
  assert.match((await run('list')).out, /^default +not logged in$/);
});

test('what cannot be done is said in one line', async (t) => {
  const { run } = profiles(t);
  await run('add', 'alice');
  assert.deepEqual([(await run('add', 'alice')).status, (await run('add', '../x')).status], [1, 2]);
  for (const words of [
    ['login', 'nobody'],
    ['remove', 'default'],
  ]) {
    const { status, err } = await run(...words);
    assert.equal(status, 1);
    assert.match(err, /^ocp: there is no profile "\w+" to \w+; ocp profiles lists what there is$/);
  }
  assert.equal((await run('rename', 'alice')).status, 2);
  assert.match((await run('--help')).out, /^Usage: ocp profiles/);
});
