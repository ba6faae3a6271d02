import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { demoAnswer } from '../../src/cli/demo-script.ts';
import { fakeClaude } from '../support/fake-claude.ts';
import type { Scenario } from '../support/fake-claude/scenario.ts';
import { packageRoot } from '../support/ocp.ts';
import { processesOf } from '../support/processes.ts';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';

interface Demo {
  readonly child: ChildProcess;
  /** The folder that is the demo's home and temporary folder. */
  readonly folder: string;
  /** The chunks of its output so far. */
  readonly chunks: readonly string[];
  readonly stderr: () => string;
  /** Resolves when its output holds this text; rejects when it ends without it. */
  readonly shows: (text: string) => Promise<void>;
  readonly exit: Promise<unknown[]>;
}

/** Runs the launcher with an environment of its own. */
function startDemo(t: TestContext, args: readonly string[], env: Record<string, string> = {}): Demo {
  const folder = join(temporaryFolder(t), 'tmp');
  mkdirSync(folder);
  const child = spawn(join(packageRoot, 'ocp'), ['demo', ...args], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', HOME: folder, TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const chunks: string[] = [];
  let stderr = '';
  const seen = new EventTarget();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    chunks.push(chunk);
    seen.dispatchEvent(new Event('data'));
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const exit = once(child, 'close');
  return {
    child,
    folder,
    chunks,
    exit,
    stderr: () => stderr,
    async shows(text) {
      while (!chunks.join('').includes(text)) {
        const ended = exit.then(() => assert.fail(`it ended without ${text}: ${chunks.join('')}${stderr}`));
        await Promise.race([once(seen, 'data'), ended]);
      }
    },
  };
}

/** The scripted CLI, for what happens before and after an answer; the demo gives its CLI a configuration folder of its own. */
function scripted(t: TestContext, scenario: Scenario): string {
  const { binary, configDir } = fakeClaude(t, scenario);
  return fakeExecutable(join(temporaryFolder(t), 'claude'), `CLAUDE_CONFIG_DIR='${configDir}' exec '${binary}' "$@"`);
}

/** Nothing of the demo may outlive it: no file, no process. */
function assertNothingLeft(folder: string): void {
  assert.deepEqual(readdirSync(folder), []);
  if (process.platform === 'linux') assert.deepEqual(processesOf(folder), []);
}

describe('ocp demo', () => {
  it('shows a streamed answer without the login, the proxy or anything else of its user, and leaves nothing behind', async (t) => {
    const seen = join(temporaryFolder(t), 'environments');
    const cli = fakeExecutable(
      join(temporaryFolder(t), 'claude'),
      `env >>'${seen}'\nexec '${join(packageRoot, 'node_modules/.bin/claude')}' "$@"`,
    );
    const own = {
      ANTHROPIC_API_KEY: 'sk-canary',
      ANTHROPIC_BASE_URL: 'http://canary.invalid',
      CLAUDE_CODE_OAUTH_TOKEN: 'canary-token',
      CLAUDE_CONFIG_DIR: '/canary',
      HTTPS_PROXY: 'http://canary.invalid',
      OPENAI_BASE_URL: 'http://canary.invalid',
      OCP_CLAUDE_ENV: 'ANY_CANARY',
      ANY_CANARY: 'canary',
    };
    const demo = startDemo(t, ['--once', '--port', '0'], { ...own, CLAUDE_BIN: cli });
    assert.deepEqual(await demo.exit, [0, null], demo.stderr());
    const output = demo.chunks.join('');
    assert.ok(output.includes(demoAnswer), output);
    assert.match(output, /First word after \d+ ms, the whole answer after [\d.]+ s, in \d+ pieces\n$/);
    const withWords = demo.chunks.filter((chunk) => chunk !== '' && demoAnswer.includes(chunk));
    assert.ok(withWords.length > 20, `the words came in ${withWords.length} pieces`);
    assert.equal(demo.stderr(), '');

    const environments = readFileSync(seen, 'utf8');
    assert.match(environments, /^ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+$/m);
    assert.doesNotMatch(environments, /canary/i);
    assertNothingLeft(demo.folder);
  });

  it('takes another port when its own is taken, serves the command it shows, and ends when it is told to', async (t) => {
    const squatter = createServer().listen(0, '127.0.0.1');
    t.after(() => squatter.close());
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const demo = startDemo(t, ['--port', String(port)], { CLAUDE_BIN: scripted(t, { says: demoAnswer }) });
    await demo.shows('Ctrl+C');
    const output = demo.chunks.join('');
    assert.ok(output.includes(`(port ${port} is taken)`), output);

    const curl = /^ {2}curl [^]*?'$/m.exec(output.slice(output.indexOf('or try:')))?.[0] ?? '';
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', curl], { env: { PATH: '/usr/bin:/bin' } });
    assert.match(stdout, /^data: \{.*"content":"I "/m);
    assert.match(stdout, /^data: \[DONE\]$/m);

    demo.child.kill('SIGTERM');
    assert.deepEqual(await demo.exit, [0, null], demo.stderr());
    assertNothingLeft(demo.folder);
  });

  it('ends with 1 and a reason when the answer cannot come', async (t) => {
    const broken = fakeExecutable(join(temporaryFolder(t), 'claude'), 'exit 1');
    const demo = startDemo(t, ['--port', '0'], { CLAUDE_BIN: broken });
    assert.deepEqual(await demo.exit, [1, null]);
    assert.match(demo.stderr(), /^ocp demo: the Claude CLI does not run[^\n]*\n$/);
    assertNothingLeft(demo.folder);
  });

  it('ends with 1 when the CLI starts but gives no answer', async (t) => {
    const mute = fakeExecutable(
      join(temporaryFolder(t), 'claude'),
      'if [ "$1" = --version ]; then echo 2.1.330; else exit 1; fi',
    );
    const demo = startDemo(t, ['--port', '0'], { CLAUDE_BIN: mute });
    assert.deepEqual(await demo.exit, [1, null]);
    assert.match(demo.stderr(), /^ocp demo: [^\n]+\n$/);
    assertNothingLeft(demo.folder);
  });

  it('ends with 1 when it is stopped before the answer', async (t) => {
    const demo = startDemo(t, ['--port', '0'], { CLAUDE_BIN: scripted(t, { gate: 'never' }) });
    await demo.shows('You >');
    demo.child.kill('SIGINT');
    assert.deepEqual(await demo.exit, [1, null], demo.stderr());
    assert.equal(demo.stderr(), 'ocp demo: stopped before the answer was there\n');
    assertNothingLeft(demo.folder);
  });

  it('refuses a port that is none', async (t) => {
    const demo = startDemo(t, ['--port', '99999']);
    assert.deepEqual(await demo.exit, [2, null]);
    assert.match(demo.stderr(), /^ocp: --port is "99999", but must be [^\n]+\n$/);
  });
});
