import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { fakeExecutable } from '../../support/temporary.ts';
import { newMachine, put, read, run, snapshot, standIn } from '../support.ts';

test('gets a catalogue with the instructions of the installed program', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  const said = {
    models: [{ slug: 'gpt-9', base_instructions: 'You are Codex, an agent based on GPT-9.1. Work well.' }],
  };
  fakeExecutable(join(machine.home, 'bin/codex'), `echo '${JSON.stringify(said)}'`);
  const before = snapshot(machine);
  await run(machine, server.url, { only: 'codex' });
  const catalogue = JSON.parse(read(machine, '.codex/ocp-models.json')) as {
    models: readonly Record<string, unknown>[];
  };
  assert.deepEqual(
    catalogue.models.map(({ slug, base_instructions, context_window }) => [slug, base_instructions, context_window]),
    [
      ['claude-opus-9', 'You are Codex, an agent. Work well.', 1_000_000],
      ['claude-sonnet-9', 'You are Codex, an agent. Work well.', 200_000],
      ['claude-haiku-9', 'You are Codex, an agent. Work well.', 200_000],
    ],
  );
  assert.equal(
    parse(read(machine, '.codex/config.toml'))['model_catalog_json'],
    join(machine.home, '.codex/ocp-models.json'),
  );
  await run(machine, undefined, { undo: true });
  assert.deepEqual(snapshot(machine), before);
});

test('is set up without one where the program tells nothing', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  for (const script of ['exit 1', 'echo nonsense', `echo '{"models":[]}'`]) {
    fakeExecutable(join(machine.home, 'bin/codex'), script);
    await run(machine, server.url, { only: 'codex' });
    assert.doesNotMatch(read(machine, '.codex/config.toml'), /model_catalog_json/);
  }
});

test('as a backup is a profile, and the configuration stays as it is', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, '.codex/config.toml', 'model = "gpt-9"\n');
  const { out } = await run(machine, server.url, { only: 'codex,claude-code', backup: true });
  assert.match(out, /codex --profile ocp/);
  assert.match(out, /Claude Code knows no second place for OCP/);
  assert.equal(read(machine, '.codex/config.toml'), 'model = "gpt-9"\n');
  assert.equal(parse(read(machine, '.codex/ocp.config.toml'))['model_provider'], 'ocp');
});
