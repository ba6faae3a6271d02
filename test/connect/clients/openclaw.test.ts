import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json5 } from '../../../src/edit/json5.ts';
import { valueAt } from '../../../src/edit/settings.ts';
import type { Path } from '../../../src/edit/settings.ts';
import type { Machine } from '../../../src/connect/machine.ts';
import { newMachine, put, read, run, scripted, snapshot, standIn } from '../support.ts';

const config = '.openclaw/openclaw.json';

function says(machine: Machine, ...path: Path): unknown {
  return valueAt(json5.parse(read(machine, config)), path);
}

test('asks for a name and a place, and a backup leaves the default alone', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, config, "{ agents: { defaults: { model: { primary: 'openai/gpt-6-sol' } } } }\n");
  const asker = scripted({ 'Make OpenClaw': true, 'Name for the provider': 'home', 'Which models': 1 });
  const { out } = await run(machine, server.url, { only: 'openclaw' }, { asker });
  assert.match(out, /Models: home\/claude-opus-9, home\/claude-sonnet-9, home\/claude-haiku-9/);
  assert.match(out, /Priority: backup/);
  assert.match(out, /openclaw gateway restart/);
  assert.equal(says(machine, 'agents', 'defaults', 'model', 'primary'), 'openai/gpt-6-sol');
  assert.equal(says(machine, 'models', 'providers', 'home', 'baseUrl'), `${server.url}/v1`);
  assert.deepEqual(says(machine, 'agents', 'defaults', 'models'), {
    'openai/gpt-6-sol': {},
    'home/claude-opus-9': { alias: 'Claude Opus' },
    'home/claude-sonnet-9': { alias: 'Claude Sonnet' },
    'home/claude-haiku-9': { alias: 'Claude Haiku' },
  });
});

test('refuses a name that would break references', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, config, '{}\n');
  const asker = scripted({ 'Make OpenClaw': true, 'Name for the provider': 'a/b"', 'Which models': 0 });
  await assert.rejects(run(machine, server.url, { only: 'openclaw' }, { asker }), /is no name for a provider/);
  assert.equal(read(machine, config), '{}\n');
});

test('writes keys of agents only where this version of OpenClaw reads them', async (t) => {
  const server = await standIn(t, { keys: ['ocp_key'] });
  const machine = newMachine(t);
  const profiles = '.openclaw/agents/main/agent/auth-profiles.json';
  put(machine, config, '{}\n');
  put(machine, profiles, '{ "version": 1, "profiles": {} }\n', 0o600);
  await run(machine, server.url, { only: 'openclaw', key: 'ocp_key' });
  assert.deepEqual(valueAt(JSON.parse(read(machine, profiles)), ['profiles', 'ocp:default']), {
    type: 'api_key',
    provider: 'ocp',
    key: 'ocp_key',
  });
  assert.deepEqual(says(machine, 'auth', 'profiles', 'ocp:default'), { provider: 'ocp', mode: 'api_key' });

  const newer = newMachine(t);
  put(newer, config, '{}\n');
  put(newer, profiles, '{ "version": 1, "profiles": {} }\n');
  put(newer, '.openclaw/agents/main/agent/openclaw-agent.sqlite', '');
  await run(newer, server.url, { only: 'openclaw', key: 'ocp_key' });
  assert.equal(read(newer, profiles), '{ "version": 1, "profiles": {} }\n');
  assert.equal(says(newer, 'auth'), undefined);
});

test('a local OCP that is gone is no longer referred to', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  const before = `{
  agents: {
    defaults: { model: { primary: 'claude-local/claude-opus-9', fallbacks: ['claude-local/claude-haiku-9', 'x/y'] } },
    list: [ { id: 'a', model: { primary: 'claude-local/claude-opus-9' } }, { id: 'b', model: 'x/y' } ],
  },
}
`;
  put(machine, config, before);
  const home = snapshot(machine);
  await run(machine, server.url, { only: 'openclaw' });
  assert.deepEqual(says(machine, 'agents', 'defaults', 'model'), {
    primary: 'ocp/claude-sonnet-9',
    fallbacks: ['ocp/claude-haiku-9', 'x/y'],
  });
  assert.deepEqual(says(machine, 'agents', 'list'), [
    { id: 'a', model: { primary: 'ocp/claude-opus-9' } },
    { id: 'b', model: 'x/y' },
  ]);
  await run(machine, undefined, { undo: true });
  assert.deepEqual(snapshot(machine), home);
});
