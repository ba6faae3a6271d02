import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EditError } from '../../src/edit/settings.ts';
import { unifiedDiff } from '../../src/connect/files/diff.ts';
import { writeWhole } from '../../src/connect/files/write.ts';
import { newMachine, put, read, run, snapshot, standIn } from './support.ts';

const place = '.config/opencode/opencode.json';

async function outcome(home: Parameters<typeof run>[0], url: string): Promise<unknown> {
  const { out } = await run(home, url, { only: 'opencode', json: true });
  return (JSON.parse(out) as { clients: readonly { files: readonly unknown[] }[] }).clients[0]?.files[0];
}

test('leaves alone what it cannot read or write, and says why', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  const path = join(machine.home, place);
  const left = (problem: string): object => ({ path, outcome: 'left', problem });

  put(machine, place, '');
  writeFileSync(path, Buffer.from([0x7b, 0xff, 0x7d]));
  assert.deepEqual(await outcome(machine, server.url), left('it is not text in UTF-8'));
  rmSync(path);

  mkdirSync(path);
  assert.deepEqual(await outcome(machine, server.url), left('it is not a file'));
  rmSync(path, { recursive: true });

  symlinkSync(join(machine.home, 'nowhere'), path);
  assert.deepEqual(await outcome(machine, server.url), left('it is a symbolic link to nothing'));
  rmSync(path);

  const folder = join(machine.home, '.config/opencode');
  chmodSync(folder, 0o555);
  assert.deepEqual(await outcome(machine, server.url), left('its folder is read-only'));
  chmodSync(folder, 0o755);

  put(machine, place, '{ "provider": { "ocp": [1] } }\n');
  assert.deepEqual(await outcome(machine, server.url), { path, outcome: 'changed' });
});

test('never overwrites what another program wrote in between', (t) => {
  const machine = newMachine(t);
  const target = put(machine, 'file', 'theirs');
  const write = { target, content: 'ours', expected: Buffer.from('what we read'), mode: 0o600 };
  assert.throws(() => writeWhole(write), EditError);
  assert.deepEqual([read(machine, 'file'), Object.keys(snapshot(machine))], ['theirs', ['bin', 'file']]);
});

test('a changed server changes the files again, and undo still finds the first ones', async (t) => {
  const [first, second] = [await standIn(t), await standIn(t, { models: [{ id: 'claude-other-1' }] })];
  const machine = newMachine(t);
  put(machine, place, '{\n  "model": "x/y" // mine\n}\n', 0o600);
  const before = snapshot(machine);
  await run(machine, first.url);
  await run(machine, second.url);
  assert.match(read(machine, place), /"model": "ocp\/claude-other-1"/);
  assert.doesNotMatch(read(machine, place), /claude-sonnet-9/);
  assert.ok(!read(machine, '.bashrc').includes(first.url));
  await run(machine, undefined, { undo: true });
  assert.deepEqual(snapshot(machine), before);
});

test('what was changed between two runs survives the undo', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, place, '{\n  "model": "x/y"\n}\n');
  await run(machine, server.url, { only: 'opencode' });
  put(machine, place, read(machine, place).replace('{\n', '{\n  "theme": "dark",\n'));
  const other = await standIn(t);
  await run(machine, other.url, { only: 'opencode' });
  await run(machine, undefined, { undo: true });
  assert.deepEqual(JSON.parse(read(machine, place)), { theme: 'dark', model: 'x/y' });
});

test('undoes single tools, and keeps a file whose copy is gone', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, place, '{}\n');
  put(machine, '.bashrc', '# mine\n');
  await run(machine, server.url, { only: 'opencode,shell' });
  assert.equal((await run(machine, undefined, { undo: true, only: 'shell' })).status, 0);
  assert.equal(read(machine, '.bashrc'), '# mine\n');
  const changed = read(machine, place);
  assert.match(changed, /ocp/);
  assert.equal(statSync(join(machine.ocpHome, 'connect-backups')).mode & 0o777, 0o700);
  rmSync(join(machine.ocpHome, 'connect-backups'), { recursive: true });
  const { status, out } = await run(machine, undefined, { undo: true });
  assert.equal(status, 1);
  assert.match(out, /✗ ~\/\.config\/opencode\/opencode\.json is left alone: its copy .* is gone/);
  assert.equal(read(machine, place), changed);
});

test('a journal that is damaged stops everything before anything is changed', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, place, '{}\n');
  put(machine, '.ocp/connect.json', '{ "version": 1');
  for (const values of [{}, { undo: true }]) {
    await assert.rejects(run(machine, server.url, values), /connect\.json cannot be read/);
  }
  assert.equal(read(machine, place), '{}\n');
});

test('a server cannot smuggle anything into files or onto the terminal', async (t) => {
  const name = "x'\n# <<< ocp <<<\nrm -rf ~\u001b[2J";
  const server = await standIn(t, {
    models: [{ id: 'claude-a', display_name: name }, { id: 'claude-b' }],
    authMode: 'a\u001b]0;b',
  });
  const machine = newMachine(t);
  mkdirSync(join(machine.home, '.config/crush'), { recursive: true });
  const { out } = await run(machine, server.url, { only: 'crush' });
  assert.ok(!out.includes('\u001b'));
  const script = read(machine, '.config/crush/crushrc');
  assert.match(script, /--name 'x'\\'' # <<< ocp <<< rm -rf ~ \[2J' /);
  assert.equal(script.split('\n').filter((line) => line === '# <<< ocp <<<').length, 1);
  for (const id of ['a b', 'a;b', 'a\nb', '$(id)', "a'b", '']) {
    const odd = await standIn(t, { models: [{ id }] });
    await assert.rejects(run(machine, odd.url, { only: 'crush' }), /does not answer as OCP does/, id);
  }
});

test('a diff says how one text becomes another', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 14 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      assert.equal(patched(before, unifiedDiff('f', before, after, false)), after);
    }),
  );
});

/** Applies a unified diff. */
function patched(before: string, diff: readonly string[]): string {
  const old = before.split('\n').slice(0, -1);
  const fresh: string[] = [];
  let at = 0;
  for (const line of diff.slice(2)) {
    const [, start, count] = /^@@ -(\d+),(\d+) /.exec(line) ?? [];
    if (start !== undefined) {
      const first = Number(start) - (count === '0' ? 0 : 1);
      fresh.push(...old.slice(at, first));
      at = first;
    } else if (line.startsWith('+')) fresh.push(line.slice(1));
    else {
      assert.equal(old[at], line.slice(1));
      if (line.startsWith(' ')) fresh.push(line.slice(1));
      at += 1;
    }
  }
  return [...fresh, ...old.slice(at)].map((line) => `${line}\n`).join('');
}

test('the copy of a file is for its owner alone', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, place, '{ "secret": 1 }\n', 0o644);
  await run(machine, server.url, { only: 'opencode' });
  const journal = JSON.parse(readFileSync(join(machine.ocpHome, 'connect.json'), 'utf8')) as {
    files: readonly { before: { backup: string } }[];
  };
  const backup = journal.files[0]?.before.backup ?? '';
  assert.equal(readFileSync(backup, 'utf8'), '{ "secret": 1 }\n');
  assert.equal(statSync(backup).mode & 0o777, 0o600);
});

test('undo leaves a setting alone that its owner has given another value since', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, place, '{\n  "model": "x/y"\n}\n');
  await run(machine, server.url, { only: 'opencode' });
  const ours = (JSON.parse(read(machine, place)) as { model: string }).model;
  put(machine, place, read(machine, place).replace(`"${ours}"`, '"their/own"'));
  const { status } = await run(machine, undefined, { undo: true });
  assert.deepEqual([status, JSON.parse(read(machine, place))], [0, { model: 'their/own' }]);
});

test('undo never puts back a copy that was damaged', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, place, '{ "mine": 1 }\n');
  await run(machine, server.url, { only: 'opencode' });
  const changed = read(machine, place);
  const journal = JSON.parse(readFileSync(join(machine.ocpHome, 'connect.json'), 'utf8')) as {
    files: readonly { before: { backup: string } }[];
  };
  writeFileSync(journal.files[0]?.before.backup ?? '', '{ "min');
  const { status, out } = await run(machine, undefined, { undo: true });
  assert.equal(status, 1);
  assert.match(out, /opencode\.json is left alone: its copy .* was changed/);
  assert.equal(read(machine, place), changed);
});
