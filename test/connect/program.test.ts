import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { builtinModules } from 'node:module';
import { delimiter, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fastify } from 'fastify';
import { connectOptions } from '../../src/connect/options.ts';
import { addConnectRoutes } from '../../src/http/connect-routes.ts';
import { newKey, startMulti } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { packageRoot } from '../support/ocp.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { contentOf, homeOf, machine, runShell, script, shells, without } from './shell-support.ts';

const program = join(packageRoot, 'dist/connect/ocp-connect.mjs');
const anonymousKey = 'ocp_public_key_of_this_test';

/** A Node that did not come with OCP: the one of the machine. */
function nodeOfTheMachine(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  for (const path of [...folders, '/usr/bin', '/usr/local/bin'].map((folder) => join(folder, 'node'))) {
    try {
      const version = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: 'pipe' });
      if (Number(/^v(\d+)/.exec(version)?.[1]) >= 20) return path;
    } catch {
      // There is none.
    }
  }
  return undefined;
}

const node = nodeOfTheMachine();
const skip = node === undefined ? 'this machine has no Node of its own, version 20 or newer' : false;

before(() => {
  execFileSync(process.execPath, [join(packageRoot, 'scripts/build-connect.ts')], { cwd: packageRoot, stdio: 'pipe' });
});

test('the program stands by itself, and says whose work is in it', () => {
  const text = readFileSync(program, 'utf8');
  const imports = [...text.matchAll(/\bfrom ?["'`]([^"'`]+)["'`]|\bimport\(["'`]([^"'`]+)["'`]\)/g)];
  const names = imports.map(([, fixed, dynamic]) => fixed ?? dynamic ?? '');
  assert.deepEqual(
    names.filter((name) => !name.startsWith('node:') && !builtinModules.includes(name)),
    [],
  );
  assert.ok(names.includes('node:fs'));
  for (const name of ['jsonc-parser', 'smol-toml', 'yaml', 'zod']) assert.match(text, new RegExp(`^${name}$`, 'm'));
});

test('the script knows every option of the program that takes a value', () => {
  const taking = Object.entries(connectOptions).flatMap(([name, { type }]) => (type === 'string' ? [`--${name}`] : []));
  const known = /^ +((?:--[a-z-]+(?: \| )?)+)\)\n +\[ \$# -gt 0 \]/m.exec(readFileSync(script, 'utf8'))?.[1];
  assert.deepEqual(known?.split(' | ').sort(), taking.sort());
});

suite('the script where Node.js is', { skip }, () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startMulti({ env: { PROXY_ANONYMOUS_KEY: anonymousKey, CLAUDE_BIN: fakeClaudeBinary } });
  });
  after(() => ocp[Symbol.asyncDispose]());
  const tools = (folder: string): string => machine(folder, { node: node ?? '' });

  for (const { name, path: shell } of shells) {
    test(`fetches the program and sets up what is there, under ${name}`, { skip: without(name) }, async (t) => {
      const folder = temporaryFolder(t);
      const files = { '.bashrc': 'alias a=b', '.config/opencode/opencode.json': '{\n  // mine\n  "theme": "x"\n}\n' };
      const home = homeOf(folder, files);
      const input = await (await fetch(`${ocp.url}/connect`)).text();
      const run = { shell, home, path: tools(folder), input };
      const { key } = await newKey(ocp, { name: `desk under ${name}` });
      const { status, stdout, stderr } = await runShell({ ...run, args: ['--yes', '--key', key] });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, stdout);
      assert.ok(stdout.includes(ocp.url), stdout);
      assert.match(contentOf(home, '.bashrc') ?? '', new RegExp(`^export OPENAI_API_KEY=${key}$`, 'm'));
      assert.match(
        contentOf(home, '.config/opencode/opencode.json') ?? '',
        /\/\/ mine[^]*"baseURL": "http:[^]*"theme": "x"|"theme": "x"[^]*"baseURL": "http:/,
      );
      const undone = await runShell({ ...run, args: ['--undo'] });
      assert.equal(undone.status, 0, undone.stdout + undone.stderr);
      for (const [path, content] of Object.entries(files)) assert.equal(contentOf(home, path), content);
    });
  }

  test('takes the public key where none is given', async (t) => {
    const folder = temporaryFolder(t);
    const home = homeOf(folder, { '.bashrc': '' });
    const args = [ocp.url, '--yes', '--only', 'shell'];
    const { status, stdout } = await runShell({ shell: '/bin/sh', file: script, home, path: tools(folder), args });
    assert.equal(status, 0, stdout);
    assert.match(contentOf(home, '.bashrc') ?? '', new RegExp(`^export OPENAI_API_KEY=${anonymousKey}$`, 'm'));
  });

  test('ends with 1 and changes nothing for a wrong key, and for a server that is down', async (t) => {
    for (const args of [
      [ocp.url, '--yes', '--key', 'ocp_nobodys'],
      ['127.0.0.1', '--port', '9', '--yes'],
    ]) {
      const folder = temporaryFolder(t);
      const home = homeOf(folder, { '.bashrc': 'x' });
      const { status, stderr } = await runShell({ shell: '/bin/sh', file: script, home, path: tools(folder), args });
      assert.equal(status, 1);
      assert.match(stderr, /^ocp-connect: [^\n]+\n$/);
      assert.deepEqual([readdirSync(home), contentOf(home, '.bashrc')], [['.bashrc'], 'x']);
    }
  });

  test('writes the same blocks with Node.js and without', async (t) => {
    const written = async (node: readonly string[]): Promise<readonly (string | undefined)[]> => {
      const folder = temporaryFolder(t);
      const home = homeOf(folder, { '.bashrc': 'a\n\n', '.zshrc': 'b', '.config/fish/config.fish': '' });
      const args = [ocp.url, '--yes', '--anthropic-env', ...node];
      const env = { SHELL: '/usr/bin/fish' };
      const { status, stdout } = await runShell({
        shell: '/bin/sh',
        file: script,
        home,
        path: tools(folder),
        args,
        env,
      });
      assert.equal(status, 0, stdout);
      const files = ['.bashrc', '.zshrc', '.config/fish/config.fish', '.config/environment.d/ocp.conf'];
      return files.map((path) => contentOf(home, path));
    };
    assert.deepEqual(await written(['--no-node']), await written(['--only', 'shell']));
  });

  test('undoes what was written without Node.js as well', async (t) => {
    const folder = temporaryFolder(t);
    const home = homeOf(folder, { '.bashrc': 'x' });
    const run = { shell: '/bin/sh', file: script, home, path: tools(folder) };
    assert.equal((await runShell({ ...run, args: [ocp.url, '--no-node'] })).status, 0);
    assert.equal((await runShell({ ...run, args: [ocp.url, '--undo'] })).status, 0);
    assert.equal(contentOf(home, '.bashrc'), 'x');
  });

  test('does not run a program that came damaged', async (t) => {
    const server = createServer((request, response) => {
      const damaged = request.url === '/connect/ocp-connect.mjs';
      response.end(damaged ? 'console.log("run")' : `${createHash('sha256').update('other').digest('hex')}  x\n`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => void server.close());
    const folder = temporaryFolder(t);
    const args = ['127.0.0.1', '--port', String((server.address() as AddressInfo).port)];
    const run = { shell: '/bin/sh', file: script, home: homeOf(folder), path: tools(folder), args };
    const { status, stdout, stderr } = await runShell(run);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^ocp-connect: the program that the server sent is damaged/);
  });
});

test('an OCP without the program says so, and the script goes on without it', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const server = fastify();
  addConnectRoutes(server, folder);
  server.get('/health', async () => ({ version: '0.1.0', authMode: 'none', anonymousKey: null }));
  server.get('/v1/models', async () => ({ data: [{ id: 'claude-haiku-5-5' }] }));
  server.post('/v1/chat/completions', async () => ({ choices: [{ message: { content: 'OK' } }] }));
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const missing = await fetch(`${url}/connect/ocp-connect.mjs`);
  assert.equal(missing.status, 503);
  const home = homeOf(folder, { '.bashrc': '' });
  const path = machine(folder, { node: node ?? '' });
  const { status, stdout, stderr } = await runShell({ shell: '/bin/sh', file: script, home, path, args: [url] });
  assert.equal(status, 0, stdout);
  assert.match(stderr, /does not hand out its program \(503\); setting the shell's environment only/);
  assert.match(contentOf(home, '.bashrc') ?? '', /OPENAI_BASE_URL/);
});
