import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { carryOut } from '../../../src/connect/carry-out.ts';
import type { ClientOutcome } from '../../../src/connect/carry-out.ts';
import type { Wishes } from '../../../src/connect/clients/client.ts';
import { fileClients } from '../../../src/connect/clients/clients.ts';
import { openJournal } from '../../../src/connect/files/journal.ts';
import type { Machine } from '../../../src/connect/machine.ts';
import { prepareClient } from '../../../src/connect/prepare.ts';
import { undoConnect } from '../../../src/connect/undo.ts';
import { newMachine, put, read, snapshot } from '../support.ts';
import { offer } from './offer.ts';

/**
 * Each folder in `golden` is a home before a client is connected (`.before`) and after it (`.after`).
 * `node --test --test-update-snapshots` writes the latter anew.
 */
const golden = join(import.meta.dirname, 'golden');

const nobody = (): void => assert.fail('launchctl is not to be called');

function connectTo(machine: Machine, id: string, wishes: Partial<Wishes> = {}): ClientOutcome {
  const client = fileClients.find((candidate) => candidate.id === id);
  assert.ok(client !== undefined, id);
  const all = { api: client.apis[0], isPrimary: true, providerName: 'ocp', ...wishes };
  return carryOut(prepareClient({ client, wishes: all }, machine, offer), openJournal(machine.ocpHome));
}

/** A copy of such a home. */
function settle(t: TestContext, folder: string, change: (text: string) => string = (text) => text): Machine {
  const machine = newMachine(t);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of names) {
    const [, place] = /^(.*)\.before$/u.exec(relative(folder, join(parentPath, name))) ?? [];
    if (place !== undefined) put(machine, place, change(readFileSync(join(parentPath, name), 'utf8')), 0o640);
  }
  return machine;
}

function placesOf(outcome: ClientOutcome, machine: Machine): readonly string[] {
  return outcome.files.map(({ path }) => relative(machine.home, path));
}

function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}

for (const { id } of fileClients) {
  suite(id, () => {
    for (const shape of readdirSync(join(golden, id))) {
      const folder = join(golden, id, shape);

      test(`${shape}: becomes what it should, keeps that, and goes back byte for byte`, (t) => {
        const machine = settle(t, folder);
        const before = snapshot(machine);
        const outcome = connectTo(machine, id);
        for (const file of outcome.files) {
          assert.equal(file.outcome, 'changed', `${file.path} ${file.problem ?? ''}`);
          const place = relative(machine.home, file.path);
          t.assert.fileSnapshot(read(machine, place), join(folder, `${place}.after`), { serializers: [String] });
        }
        const after = snapshot(machine);
        const again = connectTo(machine, id);
        assert.deepEqual(new Set(again.files.map((file) => file.outcome)), new Set(['unchanged']));
        assert.deepEqual(snapshot(machine), after);
        undoConnect(machine, undefined, nobody);
        assert.deepEqual(snapshot(machine), before);
      });

      test(`${shape}: with other line endings it is the same`, (t) => {
        const machine = settle(t, folder, crlf);
        const before = snapshot(machine);
        const outcome = connectTo(machine, id);
        for (const place of placesOf(outcome, machine)) {
          const present = join(folder, `${place}.before`);
          if (!existsSync(present) || readFileSync(present).length === 0) continue;
          assert.equal(read(machine, place), crlf(readFileSync(join(folder, `${place}.after`), 'utf8')), place);
        }
        undoConnect(machine, undefined, nobody);
        assert.deepEqual(snapshot(machine), before);
      });

      test(`${shape}: what is added later stays after an undo`, (t) => {
        const machine = settle(t, folder);
        const before = snapshot(machine);
        const [place = ''] = placesOf(connectTo(machine, id), machine);
        const text = read(machine, place);
        const mine = /\.jsonc?$/u.test(place)
          ? text.replace(/\n?$/u, '\n// mine\n')
          : text.replace(/\n?$/u, '\n# mine\n');
        put(machine, place, mine, 0o640);
        const { files } = undoConnect(machine, undefined, nobody);
        assert.equal(files.find(({ path }) => path.endsWith(place))?.outcome, 'cleaned');
        assert.match(read(machine, place), /(?:#|\/\/) mine\n/u);
        assert.doesNotMatch(read(machine, place), /192\.168\.1\.100|ocp_example/u);
        for (const name of Object.keys(before)) assert.ok(existsSync(join(machine.home, name)), name);
      });
    }

    test('a broken, a read-only and a linked file', (t) => {
      const machine = newMachine(t);
      const [place = ''] = placesOf(connectTo(machine, id), machine).slice(-1);
      const fresh = read(machine, place);
      undoConnect(machine, undefined, nobody);
      assert.deepEqual(Object.keys(snapshot(machine)), ['bin'], 'no file and no folder is left');

      const isScript = place.endsWith('rc');
      const broken = '{ "a": [1, = }}\n\tmodel = = [\n';
      if (!isScript) {
        put(machine, place, broken);
        const outcome = connectTo(machine, id).files.find(({ path }) => path.endsWith(place));
        assert.equal(outcome?.outcome, 'left');
        assert.match(outcome.problem ?? '', /^it is not valid (?:JSON|JSON5|YAML|TOML)/u);
        assert.equal(read(machine, place), broken);
      }

      put(machine, place, '');
      const path = join(machine.home, place);
      chmodSync(path, 0o444);
      const readOnly = connectTo(machine, id).files.find((file) => file.path === path);
      assert.deepEqual([readOnly?.outcome, readOnly?.problem], ['left', 'it is read-only']);
      assert.equal(read(machine, place), '');
      chmodSync(path, 0o600);

      const dotfiles = join(machine.home, 'my dotfiles');
      mkdirSync(dotfiles);
      renameSync(path, join(dotfiles, 'file'));
      symlinkSync(join(dotfiles, 'file'), path);
      assert.deepEqual(new Set(connectTo(machine, id).files.map((file) => file.outcome)).has('left'), false);
      assert.ok(lstatSync(path).isSymbolicLink());
      assert.equal(readFileSync(join(dotfiles, 'file'), 'utf8'), fresh.replaceAll(path, path));
      undoConnect(machine, undefined, nobody);
      assert.ok(lstatSync(path).isSymbolicLink());
      assert.equal(readFileSync(join(dotfiles, 'file'), 'utf8'), '');
    });
  });
}
