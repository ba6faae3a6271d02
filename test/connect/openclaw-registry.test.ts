import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { loadModels } from '../../src/claude/models.ts';
import { formats } from '../../src/edit/formats.ts';
import { EditError, valueAt } from '../../src/edit/settings.ts';
import { openclawDrift, registerInOpenClaw, syncOpenClaw } from '../../src/connect/openclaw-registry.ts';
import { packageRoot } from '../support/ocp.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { homeOf } from './shell-support.ts';

const { models } = loadModels(JSON.parse(readFileSync(join(packageRoot, 'models.json'), 'utf8')));
const ids = models.map(({ id }) => id);
const now = (): number => 1_760_000_000_000;

/** A file as people have it: comments, another provider, an old model, one of OCP's models with something added. */
const config = `// my claw
{
  gateway: { port: 18789 }, // keep
  models: {
    providers: {
      other: { baseUrl: 'http://x', models: [{ id: 'claude-old' }] },
      'claude-local': {
        baseUrl: 'http://127.0.0.1:4000/v1',
        apiKey: 'mine',
        models: [
          // the old one
          { id: 'claude-old', name: 'Old' },
          { id: '${ids[1] ?? ''}', name: 'x', compat: { mine: true } },
        ],
      },
    },
  },
  agents: {
    defaults: {
      model: { primary: 'other/claude-old' },
      models: {
        'claude-local/claude-old': { alias: 'Old' },
        'claude-local/${ids[1] ?? ''}': { alias: 'My own name' },
        'other/claude-old': { alias: 'Old' },
      },
    },
  },
}
`;

function place(t: TestContext, text?: string): { env: Record<string, string>; home: string; path: string } {
  const home = homeOf(temporaryFolder(t), text === undefined ? {} : { '.openclaw/openclaw.json': text });
  return { env: {}, home, path: join(home, '.openclaw/openclaw.json') };
}

const read = (path: string): unknown => formats.json5.parse(readFileSync(path, 'utf8'));

suite('the list of models in OpenClaw', () => {
  test('becomes that of OCP, with everything else as it was, and a copy of what was', (t) => {
    const at = place(t, config);
    chmodSync(at.path, 0o640);
    const drift = openclawDrift(at, models);
    assert.ok(drift.state === 'drift');
    assert.deepEqual(drift.stale, ['claude-old']);
    assert.deepEqual(drift.changed, [ids[1]]);
    assert.deepEqual(
      drift.missing,
      ids.filter((id) => id !== ids[1]),
    );
    const { backup } = syncOpenClaw(at, models, { now });
    assert.equal(backup, `${at.path}.bak.${now()}`);
    assert.equal(readFileSync(backup, 'utf8'), config);
    assert.equal(statSync(backup).mode & 0o777, 0o600);
    assert.equal(statSync(at.path).mode & 0o777, 0o640);
    const text = readFileSync(at.path, 'utf8');
    assert.ok(text.startsWith('// my claw\n{\n  gateway: { port: 18789 }, // keep\n'), text);
    const after = read(at.path);
    const list = valueAt(after, ['models', 'providers', 'claude-local', 'models']) as { id: string }[];
    assert.deepEqual(list.map(({ id }) => id).toSorted(), ids.toSorted());
    const known = models[1];
    assert.deepEqual(
      list.find(({ id }) => id === known?.id),
      {
        id: known?.id,
        name: known?.displayName,
        compat: { mine: true },
        reasoning: true,
        input: ['text', 'image'],
        cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
        contextWindow: known?.contextWindow,
        maxTokens: known?.maxOutputTokens,
      },
    );
    const names = valueAt(after, ['agents', 'defaults', 'models']) as Record<string, unknown>;
    assert.deepEqual(names['other/claude-old'], { alias: 'Old' });
    assert.deepEqual(names[`claude-local/${ids[1]}`], { alias: 'My own name' });
    assert.deepEqual(names[`claude-local/${ids[0]}`], { alias: models[0]?.displayName });
    assert.equal('claude-local/claude-old' in names, false);
    const rest = (content: unknown): unknown => {
      const copy = structuredClone(content) as {
        models: { providers: Record<string, { models?: unknown }> };
        agents: { defaults: { models?: unknown } };
      };
      delete copy.models.providers['claude-local']?.models;
      delete copy.agents.defaults.models;
      return copy;
    };
    assert.deepEqual(rest(after), rest(formats.json5.parse(config)));
  });

  test('is left alone when it is right: no copy, no writing', (t) => {
    const at = place(t, config);
    syncOpenClaw(at, models, { now });
    const { mtimeMs } = statSync(at.path);
    const again = syncOpenClaw(at, models, { now: () => 1 });
    assert.deepEqual(again, { path: at.path, drift: { state: 'in-sync' }, backup: undefined });
    assert.equal(statSync(at.path).mtimeMs, mtimeMs);
    assert.equal(readdirSync(join(at.home, '.openclaw')).length, 2);
  });

  test('is only looked at by a dry run, by an OpenClaw that does not know OCP, and where there is none', (t) => {
    const at = place(t, config);
    assert.equal(syncOpenClaw(at, models, { dryRun: true, now }).drift.state, 'drift');
    assert.equal(readFileSync(at.path, 'utf8'), config);
    assert.equal(syncOpenClaw(place(t, '{ models: {} }'), models, { now }).drift.state, 'unregistered');
    const none = place(t);
    assert.equal(syncOpenClaw(none, models, { now }).drift.state, 'absent');
    assert.equal(existsSync(join(none.home, '.openclaw')), false);
  });

  test('stays as it is where the file cannot be read, with the reason', (t) => {
    const at = place(t, '{ models: ');
    assert.match(JSON.stringify(openclawDrift(at, models)), /"unreadable","reason":"it is not valid JSON5: line 1/);
    assert.throws(() => syncOpenClaw(at, models, { now }), EditError);
    assert.equal(readFileSync(at.path, 'utf8'), '{ models: ');
  });

  test('is found where OpenClaw is told to keep it', (t) => {
    const at = place(t, config);
    const elsewhere = join(at.home, '.openclaw');
    const home = homeOf(temporaryFolder(t));
    assert.equal(openclawDrift({ env: { OPENCLAW_STATE_DIR: elsewhere }, home }, models).state, 'drift');
    assert.equal(openclawDrift({ env: { OPENCLAW_CONFIG_PATH: at.path }, home }, models).state, 'drift');
    assert.equal(openclawDrift({ env: { OPENCLAW_HOME: at.home }, home }, models).state, 'drift');
    assert.equal(openclawDrift({ env: {}, home }, models).state, 'absent');
  });
});

suite('making OCP known to OpenClaw', () => {
  const registration = { provider: 'claude-local', url: 'http://127.0.0.1:4000', defaultModel: ids[1] ?? '', now };

  test('sets up the provider of a fresh OpenClaw, once', (t) => {
    const at = place(t, '{\n  "gateway": { "mode": "local" }\n}\n');
    assert.deepEqual(registerInOpenClaw(at, models, { ...registration, dryRun: true }), [
      { path: at.path, backup: undefined },
    ]);
    assert.equal(readFileSync(at.path, 'utf8'), '{\n  "gateway": { "mode": "local" }\n}\n');
    const done = registerInOpenClaw(at, models, registration);
    assert.deepEqual(done, [{ path: at.path, backup: `${at.path}.bak.${now()}` }]);
    const after = read(at.path);
    const provider = valueAt(after, ['models', 'providers', 'claude-local']) as Record<string, unknown>;
    assert.deepEqual(
      { ...provider, models: (provider['models'] as unknown[]).length },
      {
        baseUrl: 'http://127.0.0.1:4000/v1',
        api: 'openai-completions',
        apiKey: 'local-proxy-no-auth',
        authHeader: false,
        models: ids.length,
      },
    );
    assert.equal(valueAt(after, ['agents', 'defaults', 'model', 'primary']), `claude-local/${ids[1]}`);
    assert.equal(valueAt(after, ['gateway', 'mode']), 'local');
    assert.equal(openclawDrift(at, models).state, 'in-sync');
    assert.deepEqual(registerInOpenClaw(at, models, registration), []);
  });

  test('moves what is known to a new port, and leaves what the owner chose', (t) => {
    const at = place(t, config);
    registerInOpenClaw(at, models, { ...registration, url: 'http://127.0.0.1:5000', key: 'ocp_key' });
    const after = read(at.path);
    const provider = valueAt(after, ['models', 'providers', 'claude-local']) as Record<string, unknown>;
    assert.equal(provider['baseUrl'], 'http://127.0.0.1:5000/v1');
    assert.equal(provider['apiKey'], 'ocp_key');
    assert.equal(valueAt(after, ['agents', 'defaults', 'model', 'primary']), 'other/claude-old');
    assert.deepEqual(valueAt(after, ['models', 'providers', 'other']), {
      baseUrl: 'http://x',
      models: [{ id: 'claude-old' }],
    });
  });

  test('does not hide the models of others: no table of short names is made beside a chosen model', (t) => {
    const at = place(t, '{ agents: { defaults: { model: "other/x" } } }');
    registerInOpenClaw(at, models, registration);
    assert.deepEqual(valueAt(read(at.path), ['agents', 'defaults']), { model: 'other/x' });
  });

  test('gives the agents of an older OpenClaw a key, where they have a file of keys', (t) => {
    const at = place(t, '{}');
    const agents = join(at.home, '.openclaw/agents');
    for (const name of ['main', 'other']) mkdirSync(join(agents, name, 'agent'), { recursive: true });
    const file = join(agents, 'main/agent/auth-profiles.json');
    writeFileSync(file, '{ "version": 1, "profiles": { "x:default": { "type": "api_key" } } }');
    assert.deepEqual(
      registerInOpenClaw(at, models, registration)?.map(({ path }) => path),
      [at.path, file],
    );
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
      version: 1,
      profiles: {
        'x:default': { type: 'api_key' },
        'claude-local:default': { type: 'api_key', provider: 'claude-local', key: 'local-proxy-no-auth' },
      },
      lastGood: { 'claude-local': 'claude-local:default' },
    });
    assert.deepEqual(valueAt(read(at.path), ['auth', 'profiles']), {
      'claude-local:default': { provider: 'claude-local', mode: 'api_key' },
    });
    assert.equal(existsSync(join(agents, 'other/agent/auth-profiles.json')), false);
    assert.deepEqual(registerInOpenClaw(at, models, registration), []);
  });

  test('makes nothing where there is no OpenClaw', (t) => {
    assert.equal(registerInOpenClaw(place(t), models, registration), undefined);
  });
});
