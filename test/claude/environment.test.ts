import assert from 'node:assert/strict';
import { it } from 'node:test';
import { workerEnvironment } from '../../src/claude/environment.ts';

const env = {
  PATH: '/bin',
  HOME: '/home/a',
  LC_ALL: 'C.UTF-8',
  https_proxy: 'http://proxy',
  NODE_EXTRA_CA_CERTS: '/ca.pem',
  CLAUDE_CONFIG_DIR: '/home/a/.claude',
  CLAUDE_CODE_OAUTH_TOKEN: 'token',
  ANTHROPIC_API_KEY: 'bill',
  ANTHROPIC_BASE_URL: 'http://elsewhere',
  CLAUDE_CODE_USE_BEDROCK: '1',
  NODE_OPTIONS: '--require /tmp/x',
  LD_PRELOAD: '/tmp/x.so',
  OCP_ADMIN_KEY: 'admin',
  PROXY_API_KEY: 'shared',
  PROXY_ANONYMOUS_KEY: 'anonymous',
  UNSET: undefined,
};

it('a worker sees only what it needs', () => {
  assert.deepEqual(Object.keys(workerEnvironment(env, [])), [
    'PATH',
    'HOME',
    'LC_ALL',
    'https_proxy',
    'NODE_EXTRA_CA_CERTS',
    'CLAUDE_CONFIG_DIR',
    'CLAUDE_CODE_OAUTH_TOKEN',
  ]);
});

it('a worker sees what the operator lists, but never OCP’s own keys', () => {
  const seen = workerEnvironment(env, [
    'ANTHROPIC_BASE_URL',
    'OCP_ADMIN_KEY',
    'PROXY_API_KEY',
    'PROXY_ANONYMOUS_KEY',
    'UNSET',
  ]);
  assert.equal(seen['ANTHROPIC_BASE_URL'], 'http://elsewhere');
  assert.equal(seen['ANTHROPIC_API_KEY'], undefined);
  for (const secret of ['admin', 'shared', 'anonymous']) assert.ok(!Object.values(seen).includes(secret));
  assert.ok(!('UNSET' in seen));
});
