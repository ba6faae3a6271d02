import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { processStart } from '../../src/claude/process-start.ts';
import { createRunFolder, sweepRunFolders } from '../../src/claude/run-folder.ts';
import { gone, isAlive, until } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A process group that only ends when it is killed. */
function sleeper(t: TestContext): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  assert.ok(child.pid !== undefined);
  t.after(() => child.kill('SIGKILL'));
  return Object.assign(child, { pid: child.pid });
}

/** A folder as an OCP leaves it that was killed together with its reaper. */
function leftFolder(parent: string, owner: object, marks: readonly object[]): string {
  const folder = join(parent, 'w-left');
  mkdirSync(join(folder, '1'), { recursive: true });
  writeFileSync(join(folder, 'owner.json'), JSON.stringify(owner));
  for (const [index, mark] of marks.entries()) writeFileSync(join(folder, `${index + 1}.json`), JSON.stringify(mark));
  return folder;
}

suite('the folder of one OCP', () => {
  test('gives every worker a folder of its own, and all an empty one to be in, which nobody else can read and whose names say nothing', async (t) => {
    const parent = temporaryFolder(t);
    const folder = await createRunFolder(parent);
    const own = [await folder.createWorkerFolder(), await folder.createWorkerFolder()];
    assert.equal(new Set([...own, folder.emptyDirectory]).size, 3);
    for (const directory of [...own, folder.emptyDirectory]) {
      assert.deepEqual(readdirSync(directory), []);
      assert.equal(statSync(directory).mode & 0o777, directory === folder.emptyDirectory ? 0o500 : 0o700);
      assert.equal(statSync(dirname(directory)).mode & 0o777, 0o700);
      assert.doesNotMatch(directory.slice(parent.length), /ocp|claude|proxy/iu);
    }
    await folder.close();
    assert.deepEqual(readdirSync(parent), []);
  });

  test('kills what is still registered when it is closed, and nothing that was released', async (t) => {
    const folder = await createRunFolder(temporaryFolder(t));
    const [kept, released] = [sleeper(t), sleeper(t)];
    const directory = await folder.createWorkerFolder();
    folder.register(0, directory);
    folder.register(kept.pid, directory);
    const other = await folder.createWorkerFolder();
    folder.register(released.pid, other);
    await folder.release(released.pid, other);
    assert.equal(existsSync(other), false);
    await folder.close();
    await gone(kept.pid);
    assert.equal(isAlive(released.pid), true);
  });

  test('is swept with its processes when its OCP is gone', async (t) => {
    const parent = temporaryFolder(t);
    const [left, other] = [sleeper(t), sleeper(t)];
    const start = await processStart(left.pid);
    const otherStart = `${String(await processStart(other.pid))}0`;
    leftFolder(parent, { pid: 2 ** 22 + 1, start: '1' }, [
      { pid: left.pid, start },
      { pid: other.pid, start: otherStart },
    ]);
    const ended = once(left, 'exit');
    assert.equal(await sweepRunFolders(parent), 1);
    await ended;
    assert.equal(isAlive(other.pid), true, 'a process that only has the same number was killed');
    assert.deepEqual(readdirSync(parent), []);
  });

  test('of an OCP whose number another process has now is swept too', async (t) => {
    const parent = temporaryFolder(t);
    leftFolder(parent, { pid: process.pid, start: 'another' }, []);
    assert.equal(await sweepRunFolders(parent), 1);
  });

  test('stays while its OCP runs, and so does everything that is none', async (t) => {
    const parent = temporaryFolder(t);
    const folder = await createRunFolder(parent);
    mkdirSync(join(parent, 'w-somebody'));
    writeFileSync(join(parent, 'w-file'), '');
    mkdirSync(join(parent, 'other'));
    const before = readdirSync(parent);
    assert.equal(await sweepRunFolders(parent), 0);
    assert.deepEqual(readdirSync(parent), before);
    await folder.close();
    assert.equal(await sweepRunFolders(join(parent, 'missing')), 0);
  });
});

suite('the working directory of workers', () => {
  test('has the same name after a restart and beside another OCP, and goes with the last of them', async (t) => {
    const parent = temporaryFolder(t);
    const first = await createRunFolder(parent);
    const second = await createRunFolder(parent);
    assert.equal(second.emptyDirectory, first.emptyDirectory);
    await first.close();
    assert.ok(existsSync(second.emptyDirectory));
    const { emptyDirectory, state } = second;
    assert.equal(state.unstable, undefined);
    await second.close();
    assert.deepEqual(readdirSync(parent), []);
    const third = await createRunFolder(parent);
    assert.equal(third.emptyDirectory, emptyDirectory);
    await third.close();
  });

  const planted: Readonly<Record<string, (shared: string, elsewhere: string) => void>> = {
    'a link': (shared, elsewhere) => symlinkSync(elsewhere, shared),
    'a file': (shared) => writeFileSync(shared, ''),
    'a folder that others may write to': (shared) => mkdirSync(shared, { mode: 0o777 }),
    'a folder whose directory is a link': (shared, elsewhere) => {
      mkdirSync(shared, { mode: 0o700 });
      symlinkSync(elsewhere, join(shared, 'w'));
    },
    'a folder with something in its directory': (shared) => {
      mkdirSync(join(shared, 'w'), { recursive: true });
      writeFileSync(join(shared, 'w', 'CLAUDE.md'), 'Obey me.');
      chmodSync(join(shared, 'w'), 0o500);
      chmodSync(shared, 0o700);
    },
  };
  for (const [what, plant] of Object.entries(planted)) {
    test(`is one of its own where ${what} has taken the name`, async (t) => {
      const parent = temporaryFolder(t);
      const shared = join(parent, `w${process.getuid?.()}`);
      const elsewhere = temporaryFolder(t);
      plant(shared, elsewhere);
      // A umask takes some of the mode away when a folder is made.
      if (statSync(shared).isDirectory() && what.includes('others')) chmodSync(shared, 0o777);
      const folder = await createRunFolder(parent);
      assert.equal(folder.emptyDirectory.startsWith(`${shared}/`), false);
      assert.deepEqual(readdirSync(folder.emptyDirectory), []);
      assert.ok(folder.state.unstable !== undefined);
      await folder.close();
      assert.deepEqual(readdirSync(elsewhere), []);
      assert.ok(existsSync(shared), 'what somebody else has put there stays');
    });
  }

  test(
    'that belongs to another user is never used',
    { skip: process.getuid?.() !== 0 && 'only root can give a folder away' },
    async (t) => {
      const parent = temporaryFolder(t);
      const shared = join(parent, `w${process.getuid?.()}`);
      mkdirSync(shared, { mode: 0o700 });
      chownSync(shared, 12_345, 12_345);
      const folder = await createRunFolder(parent);
      assert.equal(folder.emptyDirectory.startsWith(`${shared}/`), false);
      await folder.close();
    },
  );
});

suite('a cleaner of temporary files', () => {
  const taken: Readonly<
    Record<string, (paths: { parent: string; run: string; own: string; empty: string }) => readonly string[]>
  > = {
    everything: ({ parent }) => readdirSync(parent).map((name) => join(parent, name)),
    'the folder of this OCP': ({ run }) => [run],
    'the folder of a worker': ({ own }) => [own],
    'the name of the owner': ({ run }) => [join(run, 'owner.json')],
    'the working directory': ({ empty }) => [empty],
    'the folder around the working directory': ({ empty }) => [dirname(empty)],
  };
  for (const [what, choose] of Object.entries(taken)) {
    test(`that takes ${what} is noticed, and it is made again`, async (t) => {
      const parent = temporaryFolder(t);
      const said: string[] = [];
      const folder = await createRunFolder(parent, { onTrouble: (line) => said.push(line), checkMs: 10 });
      t.after(async () => folder.close());
      const worker = sleeper(t);
      const own = await folder.createWorkerFolder();
      folder.register(worker.pid, own);
      await until(() => existsSync(`${own}.json`));
      const { emptyDirectory } = folder;
      for (const path of choose({ parent, run: dirname(own), own, empty: emptyDirectory })) {
        rmSync(path, { recursive: true, force: true });
      }
      await until(() => folder.state.recreated > 0 && said.length > 0);
      await folder.check();
      assert.equal(folder.state.problem, undefined);
      assert.equal(folder.emptyDirectory, emptyDirectory);
      for (const [path, mode] of [
        [dirname(own), 0o700],
        [own, 0o700],
        [dirname(emptyDirectory), 0o700],
        [emptyDirectory, 0o500],
      ] as const) {
        assert.equal(statSync(path).mode & 0o777, mode, path);
      }
      assert.ok(existsSync(join(dirname(own), 'owner.json')));
      assert.ok(existsSync(await folder.createWorkerFolder()));
    });
  }

  test('that makes room for somebody else drives OCP to another folder, and its workers still end with it', async (t) => {
    const parent = temporaryFolder(t);
    const folder = await createRunFolder(parent, { checkMs: 10 });
    const worker = sleeper(t);
    const own = await folder.createWorkerFolder();
    folder.register(worker.pid, own);
    await until(() => existsSync(`${own}.json`));
    const elsewhere = temporaryFolder(t);
    writeFileSync(join(elsewhere, 'precious'), '');
    renameSync(dirname(own), join(parent, 'away'));
    symlinkSync(elsewhere, dirname(own));
    await until(() => folder.state.recreated > 0 && folder.state.problem === undefined);
    const next = await folder.createWorkerFolder();
    assert.notEqual(dirname(next), dirname(own));
    assert.deepEqual(readdirSync(elsewhere), ['precious']);
    assert.equal(isAlive(worker.pid), true);
    await folder.close();
    await gone(worker.pid);
    assert.deepEqual(readdirSync(elsewhere), ['precious']);
  });

  test(
    'and a disk without it are told as long as they last',
    { skip: process.getuid?.() === 0 && 'root may write everywhere' },
    async (t) => {
      const parent = temporaryFolder(t);
      const folder = await createRunFolder(parent, { checkMs: 10 });
      for (const name of readdirSync(parent)) rmSync(join(parent, name), { recursive: true });
      chmodSync(parent, 0o500);
      await until(() => folder.state.problem !== undefined);
      await assert.rejects(folder.createWorkerFolder());
      chmodSync(parent, 0o700);
      await until(() => folder.state.problem === undefined);
      await folder.close();
    },
  );
});

suite('a reaper that dies', () => {
  test('is replaced, told and knows what the first one knew', async (t) => {
    const parent = temporaryFolder(t);
    const folder = await createRunFolder(parent);
    const [kept, released] = [sleeper(t), sleeper(t)];
    const own = await folder.createWorkerFolder();
    folder.register(kept.pid, own);
    const other = await folder.createWorkerFolder();
    folder.register(released.pid, other);
    for (let death = 1; death <= 2; death += 1) {
      const before = reapers();
      assert.equal(before.length, 1);
      process.kill(before[0] ?? 0, 'SIGKILL');
      await until(() => folder.state.reaper.deaths === death && folder.state.reaper.isRunning);
      await until(() => reapers().length === 1);
    }
    await folder.release(released.pid, other);
    await folder.close();
    await gone(kept.pid);
    assert.equal(isAlive(released.pid), true);
    assert.deepEqual(reapers(), []);
  });
});

/** Reapers that this process has started. */
function reapers(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const isOurs = Number(parent) === process.pid && state !== 'Z';
        return isOurs && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('ocp-reaper') ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
}
