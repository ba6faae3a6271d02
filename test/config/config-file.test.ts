import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { allowedNames, inspectConfigFile, readConfigFile, writeConfigFile } from '../../src/config/config-file.ts';
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
    assert.match(message, /config\.json: CLAUDE_PORT may not stand here.*\(line 1, column 2\)$/u);
    assert.doesNotMatch(message, /sk-ant/u);
  });

  for (const [text, what] of [
    ['{"OCP_HOME": "/elsewhere"}', /config\.json: OCP_HOME may not stand here: it says where this file is/u],
    ['{"OCP_ADMIN_KEY": "k", "OCP_CLAUDE_ENV": "OCP_ADMIN_KEY"}', /OCP_ADMIN_KEY may not stand here: .*admin-key/u],
    ['["CLAUDE_BIND"]', /config\.json: the file must be a JSON object: it is something else \(line 1, column 1\)$/u],
    [
      '{"PROXY_API_KEY": "secret',
      /config\.json: the file must be a JSON object: at PROXY_API_KEY this text has no closing quote \(line 1, column 19\)$/u,
    ],
    [
      '{\n  "CLAUDE_BIND": "::1"\n  "CLAUDE_TIMEOUT": 1}',
      /at CLAUDE_TIMEOUT a comma is missing \(line 3, column 3\)$/u,
    ],
    ['{\n  "CLAUDE_BIND": "::1",\n\n  CLAUDE_TIMEOUT: 1}', /at CLAUDE_BIND .+ \(line 4, column 3\)$/u],
    ['{} {}', /config\.json: the file must be a JSON object: nothing may follow the closing \} \(line 1, column 4\)$/u],
    ['', /it is empty; write \{\} where every default is meant/u],
    ['// nothing\n', /a value is missing/u],
    [
      '{"CLAUDE_BIND": "::1",\n "CLAUDE_BIND": "::"}',
      /CLAUDE_BIND: it is set in line 1 already \(line 2, column 2\)$/u,
    ],
    ['{"CLAUDE_TIMEOT": 60000}', /CLAUDE_TIMEOT may not stand here.*did you mean CLAUDE_TIMEOUT\?/u],
    ['{"CLAUDE_BIND": null}', /CLAUDE_BIND has no value; remove the line/u],
    ['['.repeat(200_000), /config\.json: .*\(line 1, column \d+\)$/u],
    ['{"CLAUDE_BIND": "\uD800"}', /config\.json: CLAUDE_BIND is/u],
    [
      '{"CLAUDE_ALLOWED_TOOLS": ["Bash"]}',
      /config\.json: CLAUDE_ALLOWED_TOOLS must be a text, a number or a boolean \(line 1, column 2\)$/u,
    ],
    ['{"CLAUDE_PROXY_PORT": 99999}', /config\.json: CLAUDE_PROXY_PORT is "99999", but must be a whole number/u],
  ] as const) {
    test(`is refused with its path: ${text}`, (t) => {
      const { home } = homeWith(t, text);
      assert.match(refused(() => readConfiguration({ HOME: home })).message, what);
    });
  }

  for (const [kind, bytes, what] of [
    ['Latin-1', Buffer.from('{"CLAUDE_SYSTEM_PROMPT": "caf\xe9"}', 'latin1'), /config\.json is not UTF-8 text/u],
    ['UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), /config\.json is not UTF-8 text/u],
    ['two megabytes', Buffer.alloc(2_000_000, ' '), /config\.json is larger than 1024 KiB/u],
  ] as const) {
    test(`is refused as ${kind}`, (t) => {
      const { home, path } = homeWith(t, '');
      writeFileSync(path, bytes);
      assert.match(refused(() => readConfiguration({ HOME: home })).message, what);
    });
  }

  test('is refused as a folder, and where nobody may read it', (t) => {
    const home = temporaryFolder(t);
    mkdirSync(join(home, '.ocp/config.json'), { recursive: true });
    assert.match(refused(() => readConfiguration({ HOME: home })).message, /config\.json is a folder/u);
  });

  test('may have comments, trailing commas and a byte order mark', (t) => {
    const { home } = homeWith(
      t,
      '\uFEFF{\r\n  // who may call\r\n  "CLAUDE_AUTH_MODE": "multi", /* and\n how long */ "CLAUDE_TIMEOUT": "5m",\r\n}\r\n',
    );
    const { config } = readConfiguration({ HOME: home });
    assert.deepEqual([config.authMode, config.timeout], ['multi', 300_000]);
  });

  test('keeps comments, order and layout when OCP writes it', (t) => {
    const text =
      '{\n\t// the port of the proxy\n\t"CLAUDE_PROXY_PORT": 4000, // not 3456\n\t"CLAUDE_TIMEOUT": "5m",\n\t"CLAUDE_BIND": "::1", // gone\n}\n';
    const { home, path } = homeWith(t, text);
    const folder = join(home, '.ocp');
    writeConfigFile(folder, { CLAUDE_PROXY_PORT: '4001', CLAUDE_TIMEOUT: '5m', CLAUDE_AUTH_MODE: 'multi' });
    const written = readFileSync(path, 'utf8');
    assert.match(
      written,
      /\/\/ the port of the proxy\n\t"CLAUDE_PROXY_PORT": 4001, \/\/ not 3456\n\t"CLAUDE_TIMEOUT": "5m",\n/u,
    );
    assert.deepEqual(readConfigFile(folder), {
      CLAUDE_PROXY_PORT: '4001',
      CLAUDE_TIMEOUT: '5m',
      CLAUDE_AUTH_MODE: 'multi',
    });
    writeConfigFile(folder, readConfigFile(folder));
    assert.equal(readFileSync(path, 'utf8'), written, 'a write that changes nothing changes the text');
  });

  test('is used as far as it can be read', (t) => {
    const { home, path } = homeWith(t, '');
    const folder = join(home, '.ocp');
    for (const text of [
      '{"CLAUDE_PROXY_PORT": 4000, "CLAUDE_BIND": }',
      '{"CLAUDE_PROXY_PORT": 4000 "CLAUDE_BIND": "::1"',
      '{"CLAUDE_PROXY_PORT": 4000, "WHAT": 1}',
      '{"CLAUDE_PROXY_PORT": 4000, "CLAUDE_BIND": []}',
    ]) {
      writeFileSync(path, text);
      const { values, problems } = inspectConfigFile(folder);
      assert.deepEqual([values['CLAUDE_PROXY_PORT'], problems.length > 0], ['4000', true], text);
    }
  });

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
