import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asAdmin, newKey } from '../../test/support/admin.ts';
import { until } from '../../test/support/processes.ts';
import { launch } from '../../test/support/serve-process.ts';
import { temporaryFolder } from '../../test/support/temporary.ts';
import { newTally, request, startLoad } from '../support/load.ts';
import type { Scope } from '../support/scope.ts';
import { countIn, createPlace, endCleanly, healthOf, nothingLeft } from '../support/server.ts';
import type { Chaos } from './scenario.ts';

/** How long another program holds the database in a round, ms. */
const HELD_MS = 1500;
/** How long `/health` may take to answer meanwhile, ms. */
const PROMPT_MS = 1000;

export const lockedDatabase: Chaos = {
  name: 'database locked',
  what: `Another program holds the database for ${HELD_MS / 1000} s under load, once a round.`,
  holds:
    'Requests are answered meanwhile and counted afterwards; `/health` answers within a second; writes of the admin succeed or are a 503.',
  rounds: { full: 20, short: 2 },
  async run({ scope, random, rounds }) {
    const place = createPlace(scope);
    place.change({});
    const ocp = await place.start();
    const { key } = await newKey(ocp, { name: 'load' });
    const tally = newTally();
    let slowest = 0;
    for (let round = 0; round < rounds; round += 1) {
      const other = new DatabaseSync(place.database, { timeout: 5000 });
      other.exec('BEGIN EXCLUSIVE');
      const load = startLoad({ scope, ocp, key, clients: 2, random, tally });
      const end = performance.now() + HELD_MS;
      while (performance.now() < end) {
        const began = performance.now();
        await healthOf(ocp);
        slowest = Math.max(slowest, performance.now() - began);
        const { status, text } = await asAdmin(ocp, 'POST', '/api/keys', { name: `key ${round} ${Math.round(began)}` });
        assert.ok([201, 503].includes(status), `${status} ${text}`);
      }
      other.exec('ROLLBACK');
      other.close();
      await load.stop();
    }
    assert.deepEqual(
      { wrong: tally.wrong, errors: tally.errors, broken: tally.broken },
      { wrong: [], errors: {}, broken: 0 },
    );
    assert.ok(slowest < PROMPT_MS, `/health took ${Math.round(slowest)} ms`);
    await until(() => countIn(place.database, 'SELECT count(*) FROM usage_requests') === tally.sent, 20_000);
    await endCleanly(place, ocp);
    return { locked: rounds, requests: tally.sent, whole: tally.whole, 'slowest /health ms': Math.round(slowest) };
  },
};

export const damagedDatabase: Chaos = {
  name: 'database damaged',
  what: 'Bytes of a used database are overwritten, cut off or added at random places, once a round, and OCP is started.',
  holds: 'It starts, or ends with one line that says what to do; it never hangs, and leaves the file as it was.',
  rounds: { full: 100, short: 3 },
  async run({ scope, random, rounds }) {
    const place = createPlace(scope);
    place.change({});
    const first = await place.start();
    const { key } = await newKey(first, { name: 'load' });
    const tally = newTally();
    for (let count = 0; count < 20; count += 1) {
      await request({ ocp: first, key, random, tally }, [{ role: 'user', content: `${count}` }]);
    }
    await endCleanly(place, first);
    const sound = `${place.database}.sound`;
    copyFileSync(place.database, sound);
    let refused = 0;
    for (let round = 0; round < rounds; round += 1) {
      copyFileSync(sound, place.database);
      rmSync(`${place.database}-wal`, { force: true });
      rmSync(`${place.database}-shm`, { force: true });
      damage(place.database, random);
      const broken = readFileSync(place.database);
      const { child, ended, listening } = launch(place);
      const started = await Promise.race([listening, ended]);
      if (typeof started === 'string') {
        child.kill('SIGTERM');
        assert.equal((await ended).code, 0);
      } else {
        refused += 1;
        assert.notEqual(started.code, 0);
        assert.equal(started.stderr.filter((line) => line.startsWith('ocp: ')).length, 1, started.stderr.join('\n'));
        assert.ok(broken.equals(readFileSync(place.database)), 'the damaged file was changed');
      }
      await nothingLeft(place);
    }
    return { damaged: rounds, refused, started: rounds - refused };
  },
};

function damage(path: string, random: { whole(below: number): number }): void {
  const { size } = statSync(path);
  const kind = random.whole(4);
  const file = openSync(path, kind === 3 ? 'a' : 'r+');
  try {
    if (kind === 0)
      writeSync(file, Buffer.alloc(1 + random.whole(4096), random.whole(256)), 0, undefined, random.whole(size));
    if (kind === 1) writeSync(file, Buffer.alloc(100, random.whole(256)), 0, undefined, random.whole(100));
    if (kind === 3) writeSync(file, Buffer.alloc(random.whole(8192), 7));
  } finally {
    closeSync(file);
  }
  if (kind === 2) writeFileSync(path, readFileSync(path).subarray(0, random.whole(size)));
}

export const fullDisk: Chaos = {
  name: 'disk full',
  what: "OCP's home is on a small disk that is filled to the last byte under load and emptied again, once a round.",
  holds:
    'Requests are answered meanwhile and counted afterwards; writes of the admin are a 503 that says why, and succeed again.',
  rounds: { full: 20, short: 2 },
  async run({ scope, random, rounds }) {
    const disk = smallDisk(scope);
    if (disk === undefined) return { skipped: 'a small disk (tmpfs) can only be mounted by root' };
    const place = createPlace(scope, { OCP_HOME: join(disk, 'ocp') });
    place.change({});
    const ocp = await place.start();
    const { key } = await newKey(ocp, { name: 'load' });
    const tally = newTally();
    let refused = 0;
    for (let round = 0; round < rounds; round += 1) {
      fill(disk);
      const load = startLoad({ scope, ocp, key, clients: 2, random, tally, pauseMs: 20 });
      for (let count = 0; count < 20; count += 1) {
        const { status, text } = await asAdmin(ocp, 'POST', '/api/keys', { name: `key ${round} ${count}` });
        assert.ok([201, 503].includes(status), `${status} ${text}`);
        if (status === 503) refused += 1;
      }
      await load.stop();
      rmSync(join(disk, 'ballast'));
      await until(
        async () =>
          (await asAdmin(ocp, 'POST', '/api/keys', { name: `after ${round} ${performance.now()}` })).status === 201,
        20_000,
      );
    }
    assert.deepEqual(
      { wrong: tally.wrong, errors: tally.errors, broken: tally.broken },
      { wrong: [], errors: {}, broken: 0 },
    );
    await until(() => countIn(place.database, 'SELECT count(*) FROM usage_requests') === tally.sent, 20_000);
    await endCleanly(place, ocp);
    return { filled: rounds, requests: tally.sent, whole: tally.whole, 'writes refused': refused };
  },
};

export const readOnlyDisk: Chaos = {
  name: 'disk read-only',
  what: "The disk of OCP's home is read-only when OCP is started, and can be written to again, once a round.",
  holds: 'The start ends with one line that names OCP_HOME; the next one serves, and has what was settled.',
  rounds: { full: 20, short: 2 },
  async run({ scope, random, rounds }) {
    const disk = smallDisk(scope);
    if (disk === undefined) return { skipped: 'a disk can only be made read-only by root' };
    const place = createPlace(scope, { OCP_HOME: join(disk, 'ocp') });
    place.change({});
    const ocp = await place.start();
    const { key } = await newKey(ocp, { name: 'load' });
    const tally = newTally();
    await endCleanly(place, ocp);
    let refusals = 0;
    for (let round = 0; round < rounds; round += 1) {
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const { code, stderr } = await launch(place).ended;
      assert.ok(code === 1 || code === 2, `${code}`);
      assert.match(stderr.join('\n'), /^ocp: .*OCP_HOME/mu);
      refusals += 1;
      execFileSync('mount', ['-o', 'remount,rw', disk]);
      const again = await place.start();
      await request({ ocp: again, key, random, tally }, [{ role: 'user', content: `${round}` }]);
      await endCleanly(place, again);
    }
    assert.equal(tally.whole, tally.sent);
    return { rounds, 'starts refused': refusals, whole: tally.whole };
  },
};

/** Mounts a disk of a few megabytes; undefined where that is not allowed. */
function smallDisk(scope: Scope): string | undefined {
  const folder = join(temporaryFolder(scope.test), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  scope.after(() => execFileSync('umount', ['-l', folder], { stdio: 'ignore' }));
  return folder;
}

function fill(disk: string): void {
  const file = openSync(join(disk, 'ballast'), 'w');
  try {
    for (const size of [65_536, 4096, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch {
        // Full, for pieces of this size.
      }
    }
  } finally {
    closeSync(file);
  }
}
