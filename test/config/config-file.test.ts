import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { allowedNames, readConfigFile, writeConfigFile } from '../../src/config/config-file.ts';
import { readConfiguration } from '../../src/config/configuration.ts';
import { ConfigError } from '../../src/config/error.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A home folder whose configuration file has this text. */
function homeWith(t: TestContext, text: string): { readonly home: string; readonly path: string } {
  const home = temporaryFolder(t);
  const path = join(home, '.ocp', 'config.json');
  mkdirSync(join(home, '.ocp'), { mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
  return { home, path };
}

function refused(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.doesNotMatch(error.message, /\n/u);
    return error;
  }
  assert.fail('no ConfigError was raised');
}

suite('config.json', () => {
  test('stands beneath the environment and above the defaults', (t) => {
    const { home } = homeWith(
      t,
      '{"CLAUDE_PROXY_PORT": 4000, "CLAUDE_CACHE_TTL": "60000", "OCP_TRUST_LOOPBACK": false}',
    );
    const { config, env } = readConfiguration({ HOME: home, CLAUDE_PROXY_PORT: '5000', CLAUDE_CACHE_TTL: '' });
    assert.deepEqual(
      [config.port, config.cacheTtl, config.trustLoopback, config.maxConcurrent],
      [5000, 60_000, false, 8],
    );
    assert.equal(env['CLAUDE_CACHE_TTL'], '60000', 'what the server is told of the environment lacks the file');
  });

  test('lies where OCP_HOME says, and is not needed', (t) => {
    const { home } = homeWith(t, '{"CLAUDE_PROXY_PORT": 4000}');
    assert.equal(readConfiguration({ HOME: '/nowhere', OCP_HOME: join(home, '.ocp') }).config.port, 4000);
    assert.equal(readConfiguration({ HOME: join(home, 'empty') }).config.port, 3456);
  });

  test('may hold what the CLI is to see, and nothing that nobody knows', (t) => {
    const { home, path } = homeWith(
      t,
      '{"CLAUDE_CODE_OAUTH_TOKEN": "t", "OCP_CLAUDE_ENV": "ANTHROPIC_BASE_URL", "ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}',
    );
    assert.equal(readConfiguration({ HOME: home }).env['ANTHROPIC_BASE_URL'], 'http://127.0.0.1:1');
    writeFileSync(path, '{"CLAUDE_PORT": 1, "ANTHROPIC_API_KEY": "sk-ant-secret", "CLAUDE_BIND": "::1"}');
    const { message } = refused(() => readConfiguration({ HOME: home }));
    assert.match(message, /config\.json: "CLAUDE_PORT", "ANTHROPIC_API_KEY" may not stand here/u);
    assert.doesNotMatch(message, /sk-ant/u);
  });

  for (const [text, what] of [
    ['{"OCP_HOME": "/elsewhere"}', /config\.json: OCP_HOME may not stand here: it says where this file is/u],
    ['{"OCP_ADMIN_KEY": "k", "OCP_CLAUDE_ENV": "OCP_ADMIN_KEY"}', /OCP_ADMIN_KEY may not stand here: .*admin-key/u],
    ['["CLAUDE_BIND"]', /config\.json: the file must be a JSON object$/u],
    ['{"PROXY_API_KEY": "secret', /config\.json: the file must be a JSON object$/u],
    [
      '{"CLAUDE_ALLOWED_TOOLS": ["Bash"]}',
      /config\.json: CLAUDE_ALLOWED_TOOLS must be a text, a number or a boolean$/u,
    ],
    ['{"CLAUDE_PROXY_PORT": 99999}', /config\.json: CLAUDE_PROXY_PORT is "99999", but must be a whole number/u],
  ] as const) {
    test(`is refused with its path: ${text}`, (t) => {
      const { home } = homeWith(t, text);
      assert.match(refused(() => readConfiguration({ HOME: home })).message, what);
    });
  }

  test('is not blamed for what the environment says', (t) => {
    const { home } = homeWith(t, '{"CLAUDE_PROXY_PORT": 4000}');
    const { message } = refused(() => readConfiguration({ HOME: home, CLAUDE_PROXY_PORT: 'x' }));
    assert.match(message, /^CLAUDE_PROXY_PORT is "x"/u);
  });

  test('is made its owner’s alone when it is read', (t) => {
    const { home, path } = homeWith(t, '{"PROXY_API_KEY": "k"}');
    chmodSync(path, 0o644);
    assert.equal(readConfiguration({ HOME: home }).config.sharedKey, 'k');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('is read as it was written, whatever is in it', (t) => {
    const folder = join(temporaryFolder(t), 'new');
    const names = [...allowedNames({})].filter((name) => name !== 'OCP_CLAUDE_ENV');
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' })), (values) => {
        writeConfigFile(folder, values);
        assert.deepEqual(readConfigFile(folder), { ...values });
      }),
      { numRuns: 50 },
    );
    assert.deepEqual(readdirSync(folder), ['config.json']);
    assert.deepEqual(
      [statSync(folder).mode & 0o777, statSync(join(folder, 'config.json')).mode & 0o777],
      [0o700, 0o600],
    );
    refused(() => writeConfigFile(folder, { NOBODY_KNOWS: '1' }));
  });
});
