import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { isolatedEnv, packageRoot } from '../support/ocp.ts';
import { readConfig } from '../../src/config/config.ts';
import { startServer } from '../../src/http/serve.ts';
import { temporaryFolder } from '../support/temporary.ts';

const skip = process.platform !== 'linux' && 'reads /proc';

/** Files of a folder that this process has open. */
function openBelow(folder: string): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return [];
    }
  });
}

const runFolders = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('w-'));
const timers = (): number =>
  process.getActiveResourcesInfo().filter((name) => /Timeout|Process|Worker/u.test(name)).length;

test(
  'a start that fails late leaves no file open, no lock, process, timer or folder',
  { skip, timeout: 60_000 },
  async (t) => {
    const home = temporaryFolder(t);
    // A package without its package.json: known only once the database is open and the temporary folder made.
    const broken = join(temporaryFolder(t), 'package');
    mkdirSync(broken);
    for (const name of readdirSync(packageRoot)) {
      if (name !== 'package.json') symlinkSync(join(packageRoot, name), join(broken, name));
    }
    const env = { ...isolatedEnv(home, 'http://127.0.0.1:9'), CLAUDE_BIN: fakeClaudeBinary };
    const config = readConfig(env, { home, totalMemory: 8e9, readAdminKey: () => undefined });
    const start = async (root: string, changes: object): Promise<unknown> =>
      startServer({
        config: { ...config, port: 0, ...changes },
        env,
        packageRoot: root,
        io: { stdout: () => {}, stderr: () => {}, signal: new AbortController().signal },
      });
    const before = { folders: runFolders(), timers: timers() };
    for (const [root, changes, reason] of [
      [broken, {}, /package\.json/u],
      [packageRoot, { defaultModel: 'no such model' }, /no such model/u],
      [packageRoot, { bind: '203.0.113.7' }, /203\.0\.113\.7/u],
    ] as const) {
      await assert.rejects(start(root, changes), reason);
      assert.deepEqual(openBelow(home), [], String(reason));
      assert.deepEqual(runFolders(), before.folders, String(reason));
      const database = new DatabaseSync(join(config.home, 'ocp.db'));
      database.exec('BEGIN EXCLUSIVE; COMMIT');
      database.close();
    }
    assert.ok(timers() <= before.timers, process.getActiveResourcesInfo().join());
  },
);
