import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { connectCommand } from '../../src/cli/connect-command.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { newMachine, put, read, standIn } from '../connect/support.ts';

async function ocp(t: TestContext, env: Record<string, string>, ...argv: readonly string[]) {
  const machine = newMachine(t, env);
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    stdout: (line: string) => void out.push(line),
    stderr: (line: string) => void err.push(line),
    write: () => {},
    signal: new AbortController().signal,
  };
  put(machine, '.config/opencode/opencode.json', '{}\n');
  const packageRoot = resolve(import.meta.dirname, '../..');
  const context = { env: { ...machine.env, ...env }, packageRoot, io };
  const status = await dispatch(['connect', ...argv], { connect: connectCommand }, context);
  return { status, out: out.join('\n'), err: err.join('\n'), machine };
}

test('without a host it is the server of this machine, with the key that its callers share', async (t) => {
  const server = await standIn(t, { authMode: 'shared', keys: ['the-shared-key'] });
  const env = { CLAUDE_PROXY_PORT: new URL(server.url).port, PROXY_API_KEY: 'the-shared-key', CLAUDE_BIND: '0.0.0.0' };
  const { status, out, machine } = await ocp(t, env, '--yes');
  assert.equal(status, 0, out);
  assert.match(read(machine, '.config/opencode/opencode.json'), /the-shared-key/);
  assert.ok(server.requests.some(({ line }) => line === 'POST /v1/chat/completions'));
});

test('a host and a port may be given apart', async (t) => {
  const server = await standIn(t, {});
  const { status, out, err } = await ocp(t, {}, '127.0.0.1', '--port', new URL(server.url).port, '--list');
  assert.equal(status, 0, err);
  assert.ok(out.includes(server.url), out);
});

test('what the user has to mend is one line and the status 1', async (t) => {
  const server = await standIn(t, { keys: ['right'] });
  for (const argv of [
    ['127.0.0.1:2', '--yes'],
    [server.url, '--yes', '--key', 'wrong'],
    [server.url, '--yes', '--only', 'nothing'],
    [server.url],
  ]) {
    const { status, err, machine } = await ocp(t, {}, ...argv);
    assert.equal(status, 1, argv.join(' '));
    assert.match(err, /^ocp: [^\n]+$/);
    assert.ok(!existsSync(join(machine.home, '.bashrc')));
  }
  assert.equal((await ocp(t, {}, server.url, '--api', 'telepathy')).status, 2);
});
