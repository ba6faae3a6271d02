import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newMachine, put, read, run, snapshot, standIn } from './support.ts';

test('knows the shells of a user', async (t) => {
  const server = await standIn(t, { keys: ["it's$a key".replace(' ', '')] });
  const key = "it's$akey";
  const machine = newMachine(t, { SHELL: '/usr/bin/fish' });
  put(machine, '.zshrc', 'setopt autocd\n');
  mkdirSync(join(machine.home, '.config'));
  const before = snapshot(machine);
  const { out } = await run(machine, server.url, { key, only: 'shell' });
  assert.match(read(machine, '.zshrc'), /^export OPENAI_API_KEY='it'\\''s\$akey'$/m);
  assert.match(read(machine, '.config/fish/config.fish'), /^set -gx OPENAI_API_KEY 'it\\'s\$akey'$/m);
  assert.match(read(machine, '.config/environment.d/ocp.conf'), /^OPENAI_API_KEY="it's\$\$akey"$/m);
  assert.ok(!existsSync(join(machine.home, '.bashrc')), 'bash is not used here');
  assert.match(out, /source .*config\.fish/);
  await run(machine, undefined, { undo: true });
  assert.deepEqual(snapshot(machine), before);
});

test('tells launchd on macOS, and takes it back', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t, { SHELL: '/bin/zsh' }, 'darwin');
  const calls: string[] = [];
  const launchctl = (...words: readonly string[]): void => void calls.push(words.join(' '));
  const { out } = await run(machine, server.url, { only: 'shell', 'anthropic-env': true }, { launchctl });
  assert.match(out, /launchctl/);
  assert.match(read(machine, '.zshrc'), /^export ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+$/m);
  assert.deepEqual(
    calls.map((call) => call.split(' ').slice(0, 2).join(' ')),
    ['setenv OPENAI_BASE_URL', 'setenv OPENAI_API_KEY', 'setenv ANTHROPIC_BASE_URL', 'setenv ANTHROPIC_AUTH_TOKEN'],
  );
  calls.length = 0;
  await run(machine, undefined, { undo: true }, { launchctl });
  assert.equal(calls.length, 4);
  assert.ok(calls.every((call) => call.startsWith('unsetenv ')));
  assert.ok(!existsSync(join(machine.home, '.zshrc')) && !existsSync(machine.ocpHome + '/connect.json'));
});

test('an old block is replaced, and comes back', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  const old = '# OCP LAN (added by ocp connect)\nexport OPENAI_BASE_URL=http://10.0.0.7:3456/v1\n';
  put(machine, '.bashrc', `alias a=b\n${old}`);
  await run(machine, server.url, { only: 'shell' });
  assert.doesNotMatch(read(machine, '.bashrc'), /10\.0\.0\.7|OCP LAN/);
  await run(machine, undefined, { undo: true });
  assert.equal(read(machine, '.bashrc'), `alias a=b\n${old}`);
});

const generator = '/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator';

test('systemd reads a value as it is', { skip: !existsSync(generator) && 'systemd is not here' }, async (t) => {
  const key = String.raw`a$b"c\d` + "`e'${HOME}";
  const server = await standIn(t, { keys: [key] });
  const machine = newMachine(t);
  await run(machine, server.url, { key, only: 'shell' });
  const env = { HOME: machine.home, XDG_CONFIG_HOME: join(machine.home, '.config'), PATH: '/usr/bin:/bin' };
  const said = execFileSync(generator, { env, encoding: 'utf8' });
  assert.ok(said.split('\n').includes(`OPENAI_BASE_URL=${server.url}/v1`), said);
  const line = said.split('\n').find((candidate) => candidate.startsWith('OPENAI_API_KEY=')) ?? '';
  // Its output is quoted for a shell.
  const value = execFileSync('/bin/sh', ['-c', `${line}; printf %s "$OPENAI_API_KEY"`], { encoding: 'utf8', env: {} });
  assert.equal(value, key);
});
