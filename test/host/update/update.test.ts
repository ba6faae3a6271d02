import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { back } from '../../../src/cli/update/back.ts';
import { forward } from '../../../src/cli/update/forward.ts';
import type { Setting } from '../../../src/cli/update/setting.ts';
import { readJournal } from '../../../src/host/update/journal.ts';
import { listSnapshots } from '../../../src/host/update/snapshot.ts';
import { UpdateError } from '../../../src/host/update/error.ts';
import { git } from '../../support/git.ts';
import { fakeNpm, makeWorld, write } from './world.ts';
import type { World } from './world.ts';

/** Rows of the database: names of keys, entries of the audit log, the schema. */
function rowsOf(world: World): readonly unknown[] {
  using database = world.database();
  return [
    database
      .prepare('SELECT name FROM keys')
      .all()
      .map((row) => row['name']),
    database
      .prepare('SELECT says FROM audit')
      .all()
      .map((row) => row['says']),
    database.prepare('PRAGMA user_version').get()?.['user_version'],
  ];
}

function insert(world: World, name: string): void {
  using database = world.database();
  database.prepare('INSERT INTO keys (name) VALUES (?)').run(name);
  database.prepare('INSERT INTO audit (says) VALUES (?)').run(name);
}

suite('ocp update', () => {
  test('comes to the newest version across minor versions, and back with what was written since', async (t) => {
    const world = makeWorld(t);
    assert.equal(await forward(world.setting(), {}), 0);
    assert.equal(world.running, '0.2.0');
    assert.deepEqual(world.parts(), ['0.2.0', '0.2.0', 'b']);
    assert.ok(!existsSync(join(world.root, 'only-in-0.1.0.txt')));
    assert.equal(git(world.root, 'describe', '--tags'), 'v0.2.0');
    assert.equal(git(world.root, 'status', '--porcelain'), '');
    assert.equal(readJournal(world.ocpHome), undefined);

    const [snapshot] = listSnapshots(world.ocpHome);
    assert.ok(snapshot !== undefined);
    assert.equal(snapshot.folder, join(world.ocpHome, 'upgrade-snapshot-2026-11-24T22-30-05Z'));
    assert.equal(statSync(snapshot.folder).mode & 0o777, 0o700);
    const kept = readdirSync(snapshot.folder).toSorted();
    for (const name of [
      'admin-key',
      'config.json',
      'from-commit.txt',
      'from-version.txt',
      'ocp-proxy.service',
      'ocp.db',
      'to-version.txt',
    ]) {
      assert.ok(kept.includes(name), `${name} is missing in ${kept.join(', ')}`);
      assert.equal(statSync(join(snapshot.folder, name)).mode & 0o777, 0o600, name);
    }
    assert.equal(readFileSync(join(snapshot.folder, 'from-version.txt'), 'utf8'), '0.1.0\n');

    insert(world, 'since');
    write(world.unitFile, 'the new unit');
    assert.equal(await back(world.setting(), { path: undefined, yes: true }), 0);
    assert.equal(world.running, '0.1.0');
    assert.deepEqual(world.parts(), ['0.1.0', '0.1.0', 'a']);
    assert.ok(!existsSync(join(world.root, 'only-in-0.2.0.txt')));
    assert.deepEqual(rowsOf(world), [['before', 'since'], ['before', 'since'], 4]);
    assert.equal(git(world.root, 'symbolic-ref', '--short', 'HEAD'), 'main');
    assert.equal(git(world.root, 'status', '--porcelain'), '');
    assert.equal(readFileSync(world.unitFile, 'utf8'), 'the old unit');
    assert.equal(readFileSync(join(snapshot.folder, 'replaced', 'ocp-proxy.service'), 'utf8'), 'the new unit');
    insert(world, 'after');
    assert.throws(() => {
      using database = world.database();
      database.exec('DELETE FROM audit');
    }, /append-only/);
  });

  test('stays on its branch within a minor version, and needs no npm where the packages are the same', async (t) => {
    const world = makeWorld(t);
    git(world.remote, 'tag', '--delete', 'v0.2.0');
    const npm: string[] = [];
    const { run } = world;
    world.run = async (program, args, options) => {
      if (program === 'npm') npm.push(args.join(' '));
      return run(program, args, options);
    };
    assert.equal(await forward(world.setting(), {}), 0);
    assert.equal(world.running, '0.1.1');
    assert.equal(git(world.root, 'symbolic-ref', '--short', 'HEAD'), 'main');
    assert.equal(git(world.root, 'rev-parse', 'HEAD'), git(world.remote, 'rev-parse', 'v0.1.1'));
    assert.deepEqual(npm, []);
    assert.equal(await forward(world.setting(), {}), 0);
    assert.match(world.lines.at(-1) ?? '', /0\.1\.1 is up to date/);
  });

  test('takes back a version that does not prove itself', async (t) => {
    for (const fault of ['unwell', 'broken'] as const) {
      const world = makeWorld(t);
      world[fault].add('0.2.0');
      await assert.rejects(forward(world.setting(), {}), (error: Error) => {
        assert.ok(error instanceof UpdateError);
        assert.match(error.message, /^the update to 0\.2\.0 failed, and OCP 0\.1\.0 is back: /);
        return true;
      });
      assert.equal(world.running, '0.1.0');
      assert.deepEqual(world.parts(), ['0.1.0', '0.1.0', 'a']);
      assert.deepEqual(rowsOf(world), [['before'], ['before'], 4]);
      assert.equal(readJournal(world.ocpHome), undefined);
    }
  });

  test('does not ask a server to be well that was not before', async (t) => {
    const world = makeWorld(t);
    world.unwell.add('0.1.0').add('0.2.0');
    assert.equal(await forward(world.setting(), {}), 0);
    assert.equal(world.running, '0.2.0');
  });

  test('asks a person before it goes to another minor version', async (t) => {
    const world = makeWorld(t);
    const made = world.setting();
    const answering = (answer: string): Setting => ({
      ...made,
      context: {
        ...made.context,
        io: {
          ...made.context.io,
          input: Readable.from([answer]),
          terminal: { columns: () => 80, colours: false, interactive: true },
        },
      },
    });
    assert.equal(await forward(answering('no\n'), {}), 1);
    assert.equal(await forward(answering(''), {}), 1);
    assert.deepEqual(world.parts(), ['0.1.0', '0.1.0', 'a']);
    assert.ok(world.lines.includes('Update OCP 0.1.0 to 0.2.0? Its server restarts. [y/N] '));
    assert.equal(await forward(answering('y\n'), {}), 0);
    assert.equal(world.running, '0.2.0');
    await assert.rejects(back(answering('n\n'), { path: undefined }), /nothing was changed/);
    await assert.rejects(back(world.setting(), { path: undefined }), /say that it may with --yes/);
    assert.equal(world.running, '0.2.0');
  });

  test('goes back to an older snapshot, whose packages are no longer kept', async (t) => {
    const world = makeWorld(t);
    await forward(world.setting(), { target: 'v0.1.1' });
    await forward(world.setting(), { target: '0.2.0' });
    const snapshots = listSnapshots(world.ocpHome);
    assert.deepEqual(
      snapshots.map(({ from }) => from.version),
      ['0.1.1', '0.1.0'],
    );
    assert.equal(await back(world.setting(), { path: snapshots[1]?.folder, yes: true }), 0);
    assert.deepEqual(world.parts(), ['0.1.0', '0.1.0', 'a']);
    assert.equal(world.running, '0.1.0');
  });

  test('puts the whole database back when it is asked to, and keeps the later one', async (t) => {
    const world = makeWorld(t);
    await forward(world.setting(), {});
    insert(world, 'since');
    assert.equal(await back(world.setting(), { path: undefined, yes: true, database: true }), 0);
    assert.deepEqual(rowsOf(world), [['before'], ['before'], 4]);
    const [snapshot] = listSnapshots(world.ocpHome);
    assert.ok(existsSync(join(snapshot?.folder ?? '', 'replaced', 'ocp.db')));
  });

  test('says in one line why it cannot, and changes nothing', async (t) => {
    const obstacles: readonly (readonly [RegExp, (world: World) => { target?: string } | void])[] = [
      [/changes of its own \(code\.txt\).*stash/, (world) => write(join(world.root, 'code.txt'), 'mine')],
      [
        /files that git does not know.*only-in-0\.2\.0\.txt/,
        (world) => write(join(world.root, 'only-in-0.2.0.txt'), 'mine'),
      ],
      [
        /1 commit of its own/,
        (world) => {
          write(join(world.root, 'mine.txt'), 'mine');
          git(world.root, 'add', 'mine.txt');
          git(world.root, 'commit', '--quiet', '--message', 'mine');
        },
      ],
      [
        /remote origin cannot be reached: /,
        (world) => (git(world.root, 'remote', 'set-url', 'origin', '/nowhere'), { target: 'v0.2.0' }),
      ],
      [/the newest version is not known: /, (world) => void git(world.root, 'remote', 'set-url', 'origin', '/nowhere')],
      [/remote origin has no release v9\.9\.9/, () => ({ target: '9.9.9' })],
      [/has no git remote/, (world) => (git(world.root, 'remote', 'remove', 'origin'), { target: 'v0.2.0' })],
      [/MiB left, and the update needs 64/, (world) => void (world.freeBytes = 5_000_000)],
      [
        /npm ci failed: no such package/,
        (world) => {
          const { run } = world;
          world.run = async (program, args, options) =>
            program === 'npm'
              ? { code: 1, stdout: '', stderr: 'npm error code E404\nnpm error no such package' }
              : run(program, args, options);
        },
      ],
      [
        /OCP 0\.2\.0 does not start on this machine/,
        (world) => {
          const { run } = world;
          world.run = async (program, args, options) =>
            program === 'npm' ? { code: 0, stdout: '', stderr: '' } : run(program, args, options);
        },
      ],
      [/calls itself 0\.1\.1/, (world) => (git(world.remote, 'tag', 'v0.3.0', 'v0.1.1'), { target: 'v0.3.0' })],
    ];
    for (const [message, obstruct] of obstacles) {
      const world = makeWorld(t);
      const options = obstruct(world) ?? {};
      const before = [git(world.root, 'status', '--porcelain'), git(world.root, 'rev-parse', 'HEAD')];
      await assert.rejects(forward(world.setting(), options), (error: Error) => {
        assert.ok(error instanceof UpdateError, String(error.stack));
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      });
      assert.deepEqual([git(world.root, 'status', '--porcelain'), git(world.root, 'rev-parse', 'HEAD')], before);
      assert.deepEqual(
        [world.running, readJournal(world.ocpHome), listSnapshots(world.ocpHome)],
        ['0.1.0', undefined, []],
      );
    }
  });

  test('is stopped by a signal without a trace before the exchange, and with the old version behind it', async (t) => {
    const points = [
      'npm ci',
      'Keeping a snapshot',
      'Putting v0.2.0 in place',
      'service start',
      'Checking the new server',
    ] as const;
    for (const point of points) {
      const world = makeWorld(t);
      world.watch = (name, when) => {
        if (name === point && when === 'after') world.stop.abort(new Error('stopped by SIGINT'));
      };
      // A signal in the very last moment comes too late.
      const result = await forward(world.setting(), {}).catch((error: unknown) => error);
      assert.equal(world.running, result === 0 ? '0.2.0' : '0.1.0', point);
      assert.equal(readJournal(world.ocpHome), undefined, point);
      assert.deepEqual(world.parts(), result === 0 ? ['0.2.0', '0.2.0', 'b'] : ['0.1.0', '0.1.0', 'a'], point);
    }
  });
});

suite('ocp update of a global npm install', () => {
  test('exchanges the installed package, and goes back', async (t) => {
    const world = makeWorld(t, 'npm');
    assert.equal(await forward(world.setting(), {}), 0);
    assert.deepEqual(world.parts(), ['0.2.0', '0.2.0', 'b']);
    assert.equal(world.running, '0.2.0');
    const link = join(world.root, '../../../bin/ocp-b');
    assert.equal(readFileSync(link, 'utf8'), readFileSync(join(world.root, 'ocp'), 'utf8'), 'a new command is linked');
    assert.equal(await back(world.setting(), { path: undefined, yes: true }), 0);
    assert.deepEqual(world.parts(), ['0.1.0', '0.1.0', 'a']);
    assert.equal(world.running, '0.1.0');
  });

  test('says what npm has not', async (t) => {
    const world = makeWorld(t, 'npm');
    await assert.rejects(forward(world.setting(), { target: '7.7.7' }), /npm has no open-claude-proxy 7\.7\.7/);
    world.run = async (program, args, options) =>
      args[0] === 'view' ? { code: undefined, stdout: '', stderr: '' } : fakeNpm(program, args, options);
    await assert.rejects(forward(world.setting(), { target: '0.2.0' }), /npm cannot be reached/);
    assert.equal(world.running, '0.1.0');
  });
});
