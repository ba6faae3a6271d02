import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { processStart } from '../../src/claude/process-start.ts';
import { createRunFolder, sweepRunFolders } from '../../src/claude/run-folder.ts';
import { gone, isAlive } from '../support/processes.ts';
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
