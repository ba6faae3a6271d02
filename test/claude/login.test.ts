import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findClaude } from '../../src/claude/binary.ts';
import { loginHint, readLogin } from '../../src/claude/login.ts';
import {
  MINIMUM_CLAUDE_VERSION,
  claudeVersion,
  compareVersions,
  cliProblem,
  isSupportedVersion,
} from '../../src/claude/version.ts';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
const { signal } = new AbortController();

async function realClaude(): Promise<string> {
  const found = await findClaude({ claudeBin: undefined, path: '', packageRoot });
  assert.ok(found !== undefined, 'the pinned CLI is installed');
  return found.path;
}

/** The environment of somebody who never used the CLI. */
function freshUser(t: TestContext): Record<string, string> {
  const home = temporaryFolder(t);
  return { PATH: '/usr/bin:/bin', HOME: home, CLAUDE_CONFIG_DIR: join(home, '.claude') };
}

describe('the real CLI', () => {
  it('tells its version, which is new enough', async (t) => {
    const version = await claudeVersion(await realClaude(), freshUser(t), signal);
    assert.ok(version !== undefined && isSupportedVersion(version), version);
  });

  it('is logged out for a new user, and says how to log in', async (t) => {
    const login = await readLogin(await realClaude(), freshUser(t), signal);
    assert.deepEqual(login, { loggedIn: false, method: 'none', hint: loginHint });
  });

  it('is logged in with a token or a key of its environment', async (t) => {
    const env = freshUser(t);
    const path = await realClaude();
    assert.deepEqual(await readLogin(path, { ...env, CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake' }, signal), {
      loggedIn: true,
      method: 'oauth_token',
      hint: undefined,
    });
    const withKey = await readLogin(path, { ...env, ANTHROPIC_API_KEY: 'sk-ant-fake' }, signal);
    assert.equal(withKey.method, 'api_key');
  });
});

describe('a CLI that does not answer as it should', () => {
  it('has no version and an unknown login', async (t) => {
    const folder = temporaryFolder(t);
    for (const script of ['exit 0', 'echo nonsense', 'echo "{}"; exit 1', 'kill -9 $$', 'echo 1.2.3 >&2; exit 127']) {
      const path = fakeExecutable(join(folder, 'claude'), script);
      assert.equal(await claudeVersion(path, {}, signal), undefined, script);
      const login = await readLogin(path, {}, signal);
      assert.equal(login.loggedIn, undefined, script);
      assert.match(login.hint ?? '', /claude auth status/);
    }
    assert.equal(await claudeVersion(join(folder, 'missing'), {}, signal), undefined);
  });

  it('is left alone when OCP is told to stop', async (t) => {
    const path = fakeExecutable(join(temporaryFolder(t), 'claude'), 'exec sleep 30');
    const stop = new AbortController();
    const answer = readLogin(path, { PATH: '/usr/bin:/bin' }, stop.signal);
    stop.abort(new Error('stopping'));
    await assert.rejects(answer, /stopping/);
  });
});

it('versions are compared by number', () => {
  assert.ok(compareVersions('2.1.9', '2.1.10') < 0);
  assert.ok(compareVersions('3.0.0', '2.99.99') > 0);
  assert.equal(compareVersions('2.1', '2.1.0'), 0);
  assert.ok(isSupportedVersion(MINIMUM_CLAUDE_VERSION));
  assert.ok(!isSupportedVersion('2.1.247'));
});

it('a CLI that is missing, silent or too old is a problem with a way out', () => {
  const cli = { path: '/usr/bin/claude' };
  assert.equal(cliProblem(cli, MINIMUM_CLAUDE_VERSION), undefined);
  assert.match(cliProblem(undefined, undefined) ?? '', /^install the Claude CLI: npm install -g/);
  assert.match(cliProblem(cli, undefined) ?? '', /does not tell its version/);
  assert.match(cliProblem(cli, '2.1.9') ?? '', /older than 2\.1\./);
});
