import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { back } from '../../../src/cli/update/back.ts';
import { forward } from '../../../src/cli/update/forward.ts';
import { readJournal } from '../../../src/host/update/journal.ts';
import { newSnapshotFolder, listSnapshots } from '../../../src/host/update/snapshot.ts';
import { restorePath } from '../../../src/host/update/update.ts';
import { git } from '../../support/git.ts';
import { deadlyTools, keepState, makeWorld, write } from './world.ts';
import type { World } from './world.ts';

type Work = (world: World) => Promise<number>;

const update: Work = async (world) => forward(world.setting(), {});
const goBack: Work = async (world) => back(world.setting(), { path: undefined, yes: true });

/**
 * Where an update may die: before each of its steps, and after each of its effects. Questions, and what is done in the
 * workshop alone, change nothing.
 */
const isPoint = (name: string, when: string): boolean =>
  !/^(?:git|ocp|look)\b/u.test(name) && (when === 'before') === /^[A-Z]/u.test(name);

/** Every place at which that work touches the world, in order: `before npm ci`. */
async function pointsOf(world: World, work: Work): Promise<readonly string[]> {
  const points: string[] = [];
  world.watch = (name, when) => {
    if (isPoint(name, when)) points.push(`${when} ${name}`);
  };
  await work(world);
  world.watch = () => {};
  return points;
}

/** Does the work up to its nth touch, and nothing more, as if the process were gone. */
async function dieAt(world: World, nth: number, work: Work): Promise<string> {
  const where = await new Promise<string>((resolve) => {
    let point = 0;
    world.watch = (name, when) => {
      if (!isPoint(name, when) || point++ !== nth) return;
      resolve(`${when} ${name}`);
      return new Promise<void>(() => {});
    };
    void work(world).then(
      () => resolve('the end'),
      () => resolve('a failure'),
    );
  });
  world.watch = () => {};
  return where;
}

function keysOf(world: World): readonly unknown[] {
  using database = world.database();
  return database
    .prepare('SELECT name FROM keys')
    .all()
    .map((row) => row['name']);
}

function assertAt(world: World, version: '0.1.0' | '0.2.0', where: string): void {
  assert.equal(world.running, version, where);
  assert.deepEqual(world.parts(), [version, version, version === '0.1.0' ? 'a' : 'b'], where);
  assert.equal(readJournal(world.ocpHome), undefined, where);
  assert.equal(git(world.root, 'status', '--porcelain'), '', where);
  assert.deepEqual(keysOf(world), ['before'], where);
}

suite('an update that is killed', () => {
  test('is finished by ocp update and undone by ocp update --rollback, wherever it died', async (t) => {
    const world = makeWorld(t);
    const begin = keepState(t, world);
    const points = await pointsOf(world, update);
    assert.equal(points.length, 9, points.join(', '));
    for (const [nth, point] of points.entries()) {
      begin();
      assert.equal(await dieAt(world, nth, update), point);
      // Before anything is ready, to finish it is to begin it.
      if (nth > 1) {
        const asItDied = keepState(t, world);
        assert.equal(await update(world), 0, point);
        assertAt(world, '0.2.0', point);
        asItDied();
      }
      if (readJournal(world.ocpHome) === undefined) assert.deepEqual(listSnapshots(world.ocpHome), [], point);
      else assert.equal(await goBack(world), 0, point);
      assertAt(world, '0.1.0', point);
    }
  });

  test('on its way back comes to its end by either command', async (t) => {
    const world = makeWorld(t);
    await update(world);
    const begin = keepState(t, world);
    const points = await pointsOf(world, goBack);
    assert.equal(points.length, 6, points.join(', '));
    for (const [nth, point] of points.entries()) {
      begin();
      assert.equal(await dieAt(world, nth, goBack), point);
      assert.equal(await (nth % 2 === 0 ? goBack : update)(world), 0, point);
      assertAt(world, '0.1.0', point);
    }
  });
});

/** A world in the moment before the exchange, with the two scripts of it; `begin` brings it there again. */
async function beforeExchange(
  t: TestContext,
): Promise<{ world: World; script: string; restore: string; begin: () => void }> {
  const world = makeWorld(t);
  world.watch = (name) => {
    if (name === 'Putting v0.2.0 in place') return new Promise<void>(() => {});
    return undefined;
  };
  const journalled = new Promise<void>((resolve) => {
    const poll = setInterval(() => {
      if (readJournal(world.ocpHome)?.step !== 'switch') return;
      clearInterval(poll);
      resolve();
    }, 5);
  });
  void update(world);
  await journalled;
  world.watch = () => {};
  const snapshot = listSnapshots(world.ocpHome)[0]?.folder ?? '';
  const script = join(world.root, '.git/ocp-update/switch.sh');
  return { world, script, restore: restorePath(snapshot), begin: keepState(t, world) };
}

suite('an exchange that is cut off between two commands', () => {
  test('is finished or undone from there, also without any OCP that starts', async (t) => {
    const { world, script, restore, begin } = await beforeExchange(t);
    let survived = false;
    for (let at = 1; !survived; at++) {
      for (const when of ['before', 'after'] as const) {
        begin();
        const path = deadlyTools(join(world.ocpHome, 'tools'), at, when);
        const { signal } = spawnSync('/bin/sh', [script], { env: { PATH: path } });
        survived ||= signal === null;
        // The shell alone, as somebody does whose ocp does not start any more.
        if (when === 'before') {
          execFileSync('/bin/sh', [restore, 'code'], { env: { PATH: '/usr/bin:/bin' }, stdio: 'pipe' });
          assert.deepEqual(world.parts(), ['0.1.0', '0.1.0', 'a'], `${when} ${at}`);
          assert.equal(git(world.root, 'status', '--porcelain'), '', `${when} ${at}`);
          assert.equal(await goBack(world), 0);
          assertAt(world, '0.1.0', `${when} ${at}`);
        } else {
          assert.equal(await update(world), 0);
          assertAt(world, '0.2.0', `${when} ${at}`);
        }
      }
    }
  });

  test('is undone where git itself was cut off, and where the undoing is cut off', async (t) => {
    const { world, script, restore, begin } = await beforeExchange(t);
    let survived = false;
    for (let at = 1; !survived; at++) {
      begin();
      write(join(world.root, 'code.txt'), '0.2.0');
      write(join(world.root, 'only-in-0.2.0.txt'), 'a ha');
      writeFileSync(join(world.root, '.git/index.lock'), '');
      if (at % 2 === 0) spawnSync('/bin/sh', [script, 'again'], { env: { PATH: '/usr/bin:/bin' } });
      const path = deadlyTools(join(world.ocpHome, 'tools'), at, 'before');
      survived = spawnSync('/bin/sh', [restore, 'code'], { env: { PATH: path } }).signal === null;
      assert.equal(await goBack(world), 0);
      assertAt(world, '0.1.0', String(at));
      assert.ok(!existsSync(join(world.root, 'only-in-0.2.0.txt')));
    }
  });

  test('tells the command that restores everything before it begins', async (t) => {
    const { world, restore } = await beforeExchange(t);
    assert.ok(world.lines.some((line) => line.includes(`ocp update finishes it, sh ${restore} undoes it`)));
    const text = readFileSync(restore, 'utf8');
    assert.match(text, /exec '.*\/ocp' update --rollback "\$snapshot" --yes\n$/);
    assert.equal(newSnapshotFolder(world.ocpHome, new Date('2026-11-24T22:30:05Z')).endsWith('05Z-2'), true);
  });
});
