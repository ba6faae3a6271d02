import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { openClawWarnings } from '../../src/cli/sync.ts';
import { syncCommand } from '../../src/cli/sync-command.ts';
import { homeOf } from '../connect/shell-support.ts';
import { packageRoot } from '../support/ocp.ts';
import { temporaryFolder } from '../support/temporary.ts';

async function run(home: string, ...argv: readonly string[]): Promise<readonly [number, string]> {
  const lines: string[] = [];
  const io = {
    stdout: (line: string) => void lines.push(line),
    write: () => {},
    stderr: (line: string) => void lines.push(`! ${line}`),
    signal: new AbortController().signal,
  };
  const status = await dispatch(['sync', ...argv], { sync: syncCommand }, { env: { HOME: home }, packageRoot, io });
  return [status, lines.join('\n')];
}

const old = '{ models: { providers: { "claude-local": { models: [{ id: "claude-old" }] } } } }';

test('ocp sync openclaw says what it did, and with --quiet nothing where it did nothing', async (t) => {
  const home = homeOf(temporaryFolder(t), { '.openclaw/openclaw.json': old });
  const file = join(home, '.openclaw/openclaw.json');
  const [line] = await openClawWarnings({ HOME: home }, packageRoot);
  assert.match(
    line ?? '',
    /^OpenClaw's list of models differs from OCP's \(\d+ missing, 1 no longer offered\): ocp sync openclaw$/,
  );
  const [, dry] = await run(home, 'openclaw', '--dry-run');
  assert.match(dry, /nothing was changed\n {2}\+ claude-local\/claude-[^]*\n {2}- claude-local\/claude-old$/);
  assert.equal(readFileSync(file, 'utf8'), old);
  const [status, said] = await run(home, 'openclaw', '--quiet');
  assert.equal(status, 0);
  assert.match(
    said,
    /brought up to date[^]*before: \S[^]*openclaw\.json\.bak\.\d+\nTo apply it: openclaw gateway restart$/,
  );
  assert.deepEqual(await run(home, 'openclaw', '--quiet'), [0, '']);
  assert.deepEqual(await run(home, 'openclaw'), [0, "OpenClaw's list of models is up to date."]);
  assert.deepEqual(await openClawWarnings({ HOME: home }, packageRoot), []);
});

test('ocp sync openclaw puts another model where one was chosen that it takes away, and says so', async (t) => {
  const chosen = `{
  models: { providers: { "claude-local": { models: [{ id: "claude-opus-old" }] } } },
  agents: {
    defaults: { model: { primary: "claude-local/claude-opus-old", fallbacks: ["claude-local/claude-old", "other/model"] } },
    list: [{ id: "main", model: "claude-local/claude-sonnet-old" }, { id: "mine", model: "other/model" }],
  },
}`;
  const home = homeOf(temporaryFolder(t), { '.openclaw/openclaw.json': chosen });
  const [, said] = await run(home, 'openclaw');
  assert.match(
    said,
    /^ {2}~ agents\.defaults\.model\.primary: claude-local\/claude-opus-old → claude-local\/claude-opus-\S+$/mu,
  );
  assert.match(
    said,
    /^ {2}~ agents\.list\.\[main\]\.model: claude-local\/claude-sonnet-old → claude-local\/claude-sonnet-\S+$/mu,
  );
  assert.match(said, /^ {2}- agents\.defaults\.model\.fallbacks\.\[claude-local\/claude-old\]$/mu);
  const after = readFileSync(join(home, '.openclaw/openclaw.json'), 'utf8');
  assert.doesNotMatch(after, /-old/u);
  assert.match(after, /fallbacks: \[\s*"other\/model"\s*\]/u);
  assert.deepEqual(await run(home, 'openclaw'), [0, "OpenClaw's list of models is up to date."]);
});

test('ocp sync openclaw is silent where there is no OpenClaw, and leaves a broken file alone', async (t) => {
  const home = homeOf(temporaryFolder(t));
  assert.deepEqual(await run(home, 'openclaw', '--quiet'), [0, '']);
  assert.deepEqual(await openClawWarnings({ HOME: home }, packageRoot), []);
  const broken = homeOf(temporaryFolder(t), { '.openclaw/openclaw.json': '{' });
  const [status, said] = await run(broken, 'openclaw', '--quiet');
  assert.equal(status, 1);
  assert.match(said, /^! ocp: OpenClaw's configuration was left alone: it is not valid JSON5/);
  assert.match((await openClawWarnings({ HOME: broken }, packageRoot))[0] ?? '', /openclaw\.json cannot be read/);
});

test('ocp sync says what there is to say for what cannot be used', async (t) => {
  const home = homeOf(temporaryFolder(t));
  for (const argv of [[], ['openclaw', '--provider-name', 'a/b']]) assert.equal((await run(home, ...argv))[0], 2);
});
