import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import * as fc from 'fast-check';
import { newKey, startMulti } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { packageRoot } from '../support/ocp.ts';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';
import { contentOf, findProgram, homeOf, machine, runShell, script, shells, without } from './shell-support.ts';

const anonymousKey = 'ocp_public_key_of_this_test';

suite('the shell script', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startMulti({ env: { PROXY_ANONYMOUS_KEY: anonymousKey, CLAUDE_BIN: fakeClaudeBinary } });
  });
  after(() => ocp[Symbol.asyncDispose]());

  const served = async (headers: Record<string, string> = {}): Promise<string> => {
    const reply = await fetch(`${ocp.url}/connect`, { headers });
    assert.equal(reply.status, 200);
    assert.match(reply.headers.get('content-type') ?? '', /^text\/x-shellscript/);
    return reply.text();
  };

  for (const { name, path: shell } of shells) {
    suite(`under ${name}`, { skip: without(name) }, () => {
      test('sets up a machine that has nothing but curl, from the server that handed it out', async (t) => {
        const folder = temporaryFolder(t);
        const home = homeOf(folder, { '.bashrc': 'alias a=b\n' });
        const run = { shell, home, path: machine(folder), input: await served() };
        const { status, stdout, stderr } = await runShell(run);
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
        const order = [
          /^OCP Connect v\d/,
          new RegExp(`^Remote: ${ocp.url}$`, 'm'),
          /^Checking connectivity\.\.\.$/m,
          /^ {2}✓ Connected$/m,
          /Remote OCP v\S+ \(auth: multi\)/,
          /public key that the server tells everybody: ocp_publ\.\.\.test/,
          /^Testing API access\.\.\.$/m,
          /✓ API accessible \(\d+ models available\)/,
          /^Shell config:\n {2}✓ \.bashrc$/m,
          new RegExp(`OPENAI_BASE_URL=${ocp.url}/v1`),
          /^IDE Configuration$/m,
          /^Running smoke test\.\.\.\n {2}✓ Smoke test passed: 0 1 2/m,
          /^Done\./m,
        ];
        const places = order.map((line) => stdout.search(line));
        assert.ok(!places.includes(-1), `not all is there:\n${stdout}`);
        assert.deepEqual(
          places.toSorted((a, b) => a - b),
          places,
        );
        const lines = [`OPENAI_BASE_URL=${ocp.url}/v1`, `OPENAI_API_KEY=${anonymousKey}`];
        const block = (of: readonly string[]): string => ['# >>> ocp >>>', ...of, '# <<< ocp <<<', ''].join('\n');
        assert.equal(contentOf(home, '.bashrc'), `alias a=b\n\n${block(lines.map((line) => `export ${line}`))}`);
        assert.equal(contentOf(home, '.config/environment.d/ocp.conf'), block(lines));
        const read = execFileSync(shell, ['-c', '. ./.bashrc; echo "$OPENAI_BASE_URL $OPENAI_API_KEY"'], { cwd: home });
        assert.equal(read.toString(), `${ocp.url}/v1 ${anonymousKey}\n`);
      });

      test('takes its arguments behind `sh -s --`, and a key of somebody’s own', async (t) => {
        const folder = temporaryFolder(t);
        const home = homeOf(folder, { '.config/fish/config.fish': '', '.cline/x': '' });
        const { key } = await newKey(ocp, { name: `laptop under ${name}` });
        const args = ['--anthropic-env', '--key', key];
        const run = { shell, home, path: machine(folder), env: { SHELL: '/usr/bin/fish' } };
        const { status, stdout } = await runShell({ ...run, input: await served(), args });
        assert.equal(status, 0, stdout);
        assert.ok(!stdout.includes(key), 'the key went into a log');
        assert.match(stdout, /^Detected: Cline\n.*Base URL: http.*\/v1; API Key: ocp_\S{4}\.\.\./m);
        assert.equal(
          contentOf(home, '.config/fish/config.fish'),
          [
            '# >>> ocp >>>',
            `set -gx OPENAI_BASE_URL '${ocp.url}/v1'`,
            `set -gx OPENAI_API_KEY '${key}'`,
            `set -gx ANTHROPIC_BASE_URL '${ocp.url}'`,
            `set -gx ANTHROPIC_AUTH_TOKEN '${key}'`,
            '# <<< ocp <<<',
            '',
          ].join('\n'),
        );
      });

      test('ends with 1 and changes nothing for a key that the server does not know', async (t) => {
        const folder = temporaryFolder(t);
        const home = homeOf(folder, { '.bashrc': '' });
        const args = [ocp.url, '--key', 'ocp_nobodys'];
        const { status, stderr } = await runShell({ shell, file: script, home, path: machine(folder), args });
        assert.equal(status, 1);
        assert.match(stderr, /^ocp-connect: http:\S+ does not accept this key\n$/);
        assert.equal(contentOf(home, '.bashrc'), '');
      });
    });
  }

  test('on a Mac sets variables for programs with windows too, and takes its own out again', async (t) => {
    const folder = temporaryFolder(t);
    const home = homeOf(folder);
    const log = join(folder, 'launchctl.log');
    const path = machine(folder, {
      launchctl: fakeExecutable(
        join(folder, 'fake/launchctl'),
        `[ "$1" != getenv ] || { [ "$2" != OPENAI_BASE_URL ] || echo "${ocp.url}/v1"; exit; }; echo "$*" >>"${log}"`,
      ),
    });
    mkdirSync(join(folder, 'mac'));
    fakeExecutable(join(folder, 'mac/uname'), 'echo Darwin');
    const run = { shell: '/bin/sh', file: script, home, path: `${join(folder, 'mac')}:${path}` };
    const { status, stdout } = await runShell({ ...run, args: [ocp.url] });
    assert.equal(status, 0, stdout);
    assert.equal(contentOf(home, '.config/environment.d/ocp.conf'), undefined);
    assert.match(contentOf(home, '.zshrc') ?? '', /^# >>> ocp >>>\nexport OPENAI_BASE_URL=/);
    await runShell({ ...run, args: ['--undo'] });
    assert.equal(contentOf(home, '.zshrc'), undefined);
    assert.equal(
      readFileSync(log, 'utf8'),
      `setenv OPENAI_BASE_URL ${ocp.url}/v1\nsetenv OPENAI_API_KEY ${anonymousKey}\nunsetenv OPENAI_BASE_URL\n`,
    );
  });

  test('knows the address by which it was asked, also behind a proxy that speaks TLS', async () => {
    const port = ocp.server.started.port;
    const first = async (headers: Record<string, string>): Promise<string | undefined> =>
      /^server=.*$/m.exec(await served(headers))?.[0];
    assert.equal(await first({}), `server='http://127.0.0.1:${port}'`);
    assert.equal(await first({ 'x-forwarded-proto': 'https' }), `server='https://127.0.0.1:${port}'`);
    assert.equal(await first({ 'x-forwarded-proto': "https';touch x;'" }), `server='http://127.0.0.1:${port}'`);
    const file = readFileSync(script, 'utf8');
    assert.equal((await served()).replace(/^server='.*'$/m, "server=''"), file, 'the server has another script');
  });

  test('runs nothing of a download that was cut off', { skip: without('dash') }, async (t) => {
    const folder = temporaryFolder(t);
    const home = homeOf(folder, { '.bashrc': '' });
    const path = machine(folder);
    const whole = await served();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.lastIndexOf('}') - 1 }), async (length) => {
        const input = whole.slice(0, length);
        const { stdout } = await runShell({ shell: findProgram('dash') ?? '', home, path, input });
        assert.equal(stdout, '');
        assert.equal(contentOf(home, '.bashrc'), '');
      }),
      { numRuns: 25, examples: [[whole.lastIndexOf('}') - 1], [whole.lastIndexOf('main')]] },
    );
  });
});

test('the script has nothing that shellcheck knows to be wrong', { skip: without('shellcheck') }, () => {
  execFileSync(findProgram('shellcheck') ?? '', ['--shell=sh', script]);
});

test('the script has the version of OCP', () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  assert.ok(readFileSync(script, 'utf8').includes(`\nversion='${version}'\n`));
});
