import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { readAdminKeyFile } from '../../src/config/admin-key.ts';
import { readConfig } from '../../src/config/config.ts';
import type { Config, Machine } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/error.ts';
import { variables } from '../../src/config/variables.ts';

const gibibyte = 1_073_741_824;
const machine: Machine = { home: '/home/someone', totalMemory: 8 * gibibyte, readAdminKey: () => undefined };

function configError(env: Record<string, string>, host: Machine = machine): ConfigError {
  try {
    readConfig(env, host);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error;
  }
  assert.fail('no ConfigError was raised');
}

describe('configuration', () => {
  it('has the published defaults when nothing is set, and when everything is empty', () => {
    const expected: Config = {
      port: 3456,
      bind: '127.0.0.1',
      authMode: 'none',
      adminKey: undefined,
      sharedKey: undefined,
      anonymousKey: undefined,
      metricsToken: undefined,
      claudeBin: undefined,
      timeout: 600_000,
      heartbeatInterval: 15_000,
      maxConcurrent: 8,
      maxQueue: 16,
      queueRetryAfter: 5,
      maxPromptChars: undefined,
      truncate: undefined,
      maxBodySize: 33_554_432,
      bodyMaxValues: 200_000,
      bodyMaxDepth: 200,
      bodiesMaxMb: 1024,
      sessionTtl: 3_600_000,
      cacheTtl: 0,
      cacheMaxMb: 64,
      sessionsMaxMb: 64,
      usageDays: 90,
      quotaCountsCached: true,
      responsesTtl: 2_592_000_000,
      responsesMaxMb: 512,
      defaultModel: undefined,
      systemPrompt: undefined,
      allowedTools: [],
      modelAliases: [],
      skipPermissions: false,
      noContext: true,
      home: '/home/someone/.ocp',
      claudeEnv: [],
      trustLoopback: true,
      allowedHosts: [],
      trustedProxies: [],
      corsOrigins: [],
      allowOpenLan: false,
      sparesMemoryMb: 2048,
      backupEvery: undefined,
      backupKeep: 7,
      backupDir: undefined,
      warnings: [],
    };
    assert.deepEqual(readConfig({}, machine), expected);
    const empty = Object.fromEntries(variables.map(({ name }) => [name, '']));
    assert.deepEqual(readConfig(empty, machine), expected);
  });

  it('caps the memory for spares', () => {
    assert.equal(readConfig({}, { ...machine, totalMemory: 64 * gibibyte }).sparesMemoryMb, 4096);
    assert.equal(readConfig({ OCP_SPARES_MEMORY_MB: '0' }, machine).sparesMemoryMb, 0);
  });

  it('takes the mode shared from a shared key alone, but not against an explicit mode', () => {
    assert.equal(readConfig({ PROXY_API_KEY: 'k' }, machine).authMode, 'shared');
    const none = readConfig({ PROXY_API_KEY: 'k', CLAUDE_AUTH_MODE: 'none' }, machine);
    assert.equal(none.authMode, 'none');
    assert.match(none.warnings.join(), /PROXY_API_KEY is set but not asked for/);
  });

  it('reads lists, paths and switches', () => {
    const config = readConfig(
      {
        OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY,,ANTHROPIC_BASE_URL',
        OCP_HOME: '~/state/ocp/',
        CLAUDE_NO_CONTEXT: 'False',
        CLAUDE_ALLOWED_TOOLS: 'WebSearch,Bash(git log *)',
        OCP_ALLOWED_HOSTS: 'ocp.example.org,nas:8080,[fd00::1]:3456',
        CLAUDE_BIND: '[::1]',
      },
      machine,
    );
    assert.deepEqual(config.claudeEnv, ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_KEY']);
    assert.equal(config.home, '/home/someone/state/ocp');
    assert.equal(config.noContext, false);
    assert.deepEqual(config.allowedTools, ['WebSearch', 'Bash(git log *)']);
    assert.deepEqual(config.allowedHosts, ['ocp.example.org', 'nas:8080', '[fd00::1]:3456']);
    assert.equal(config.bind, '::1');
  });

  it('says in one line which variable is wrong, its value, and what is allowed', () => {
    const message = (env: Record<string, string>): string => configError(env).message;
    assert.equal(
      message({ CLAUDE_TIMEOUT: '5' }),
      'CLAUDE_TIMEOUT is "5", but must be a whole number from 30000 to 1800000 ms, or a time from 30s to 30m',
    );
    assert.equal(
      message({ CLAUDE_AUTH_MODE: 'both' }),
      'CLAUDE_AUTH_MODE is "both", but must be none, shared or multi',
    );
    assert.equal(message({ OCP_TRUNCATE: 'newest' }), 'OCP_TRUNCATE is "newest", but must be oldest or unset');
    assert.equal(
      message({ CLAUDE_MAX_CONCURRENT: '8.5', CLAUDE_PROXY_PORT: '70000' }),
      'CLAUDE_PROXY_PORT is "70000", but must be a whole number from 0 to 65535',
      'the first of several',
    );
    assert.match(message({ CLAUDE_BIND: '0x7f.1' }), /must be an IP address or localhost$/);
    assert.match(message({ CLAUDE_BIN: 'claude' }), /must be an absolute path/);
    assert.match(message({ OCP_CORS_ORIGINS: 'https://a.example/path' }), /list of origins/);
    assert.match(message({ CLAUDE_PROXY_PORT: '1\n2' }), /^CLAUDE_PROXY_PORT is "1\\n2"/);
  });

  it('refuses an open address without authentication, unless that is said to be meant', () => {
    for (const bind of ['0.0.0.0', '::', '192.168.1.5']) {
      assert.match(configError({ CLAUDE_BIND: bind }).message, /^CLAUDE_BIND is .*OCP_ALLOW_OPEN_LAN=1/);
      const meant = readConfig({ CLAUDE_BIND: bind, OCP_ALLOW_OPEN_LAN: '1' }, machine);
      assert.match(meant.warnings.join(), /Anyone who can reach this machine/);
      assert.deepEqual(readConfig({ CLAUDE_BIND: bind, PROXY_API_KEY: 'k' }, machine).warnings, []);
    }
    for (const bind of ['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1', 'localhost']) {
      assert.deepEqual(readConfig({ CLAUDE_BIND: bind }, machine).warnings, []);
    }
  });

  it('refuses combinations that cannot mean anything good', () => {
    assert.equal(configError({ CLAUDE_AUTH_MODE: 'shared' }).variable, 'PROXY_API_KEY');
    assert.equal(configError({ CLAUDE_SKIP_PERMISSIONS: '1' }).variable, 'CLAUDE_SKIP_PERMISSIONS');
    assert.equal(configError({ OCP_CLAUDE_ENV: 'TZ,PROXY_API_KEY' }).variable, 'OCP_CLAUDE_ENV');
    const twins = configError({ OCP_ADMIN_KEY: 'same', PROXY_ANONYMOUS_KEY: 'same', CLAUDE_AUTH_MODE: 'multi' });
    assert.equal(twins.message, 'PROXY_ANONYMOUS_KEY and OCP_ADMIN_KEY must not be the same key');
  });

  it('takes the admin key from the environment, else from the file in OCP_HOME, else warns in the mode multi', (t) => {
    const home = mkdtempSync(join(tmpdir(), 'ocp config '));
    t.after(() => rmSync(home, { recursive: true }));
    const host: Machine = { home, totalMemory: gibibyte, readAdminKey: readAdminKeyFile };
    const multi = { CLAUDE_AUTH_MODE: 'multi' };
    const without = readConfig(multi, host);
    assert.equal(without.adminKey, undefined);
    assert.match(without.warnings.join(), /No admin key/);

    mkdirSync(join(home, '.ocp'));
    writeFileSync(join(home, '.ocp', 'admin-key'), 'from-file\n', { mode: 0o600 });
    assert.equal(readConfig(multi, host).adminKey, 'from-file');
    assert.deepEqual(readConfig(multi, host).warnings, []);
    assert.equal(readConfig({ ...multi, OCP_ADMIN_KEY: 'from-env' }, host).adminKey, 'from-env');

    writeFileSync(join(home, '.ocp', 'admin-key'), 'two words\n');
    const unusable = configError(multi, host).message;
    assert.match(unusable, /file admin-key .* is unusable/);
    assert.doesNotMatch(unusable, /two words/);
  });
});

describe('configuration, for any environment', () => {
  const name = fc.constantFrom(...variables.map((row) => row.name));
  const anything = fc.dictionary(
    name,
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', '0', '~/x', 'multi')),
  );

  it('either gives a configuration within its ranges or one line that names the variable', () => {
    fc.assert(
      fc.property(anything, (env) => {
        let config: Config;
        try {
          config = readConfig(env, machine);
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
          assert.ok(error.message.includes(error.variable));
          assert.doesNotMatch(error.message, /[\n\r]/);
          return;
        }
        for (const row of variables) {
          if (row.kind !== 'integer') continue;
          const value = config[row.key];
          assert.ok(value === undefined || (value >= row.min && value <= row.max), row.name);
        }
      }),
    );
  });

  it('reads back every integer of its range, and refuses its neighbours outside', () => {
    for (const row of variables) {
      if (row.kind !== 'integer') continue;
      fc.assert(
        fc.property(fc.integer({ min: row.min, max: row.max }), (value) => {
          assert.equal(readConfig({ [row.name]: String(value) }, machine)[row.key], value);
        }),
        { numRuns: 20 },
      );
      assert.equal(configError({ [row.name]: String(row.max + 1) }).variable, row.name);
      assert.equal(configError({ [row.name]: String(row.min - 1) }).variable, row.name);
    }
  });

  it('never shows a secret, wherever it was put', () => {
    const core = fc.string({ unit: fc.constantFrom('A', 'b', '0', '_', '-'), minLength: 32, maxLength: 32 });
    const secret = core.map((text) => `ocp_${text}`);
    const spoiled = fc.tuple(secret, fc.constantFrom('', ' ', '\n', 'é', '\u0000')).map(([key, end]) => key + end);
    fc.assert(
      fc.property(spoiled, name, fc.constantFrom('none', 'shared', 'multi', 'x'), (key, variable, mode) => {
        const env = { CLAUDE_AUTH_MODE: mode, OCP_ADMIN_KEY: key, PROXY_API_KEY: key, [variable]: key };
        assert.ok(!configError(env).message.includes(key.trim().slice(4)));
      }),
    );
  });
});
