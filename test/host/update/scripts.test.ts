import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { restoreScript } from '../../../src/host/update/scripts.ts';
import { uncollected } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const skip = process.platform === 'linux' ? false : 'reads /proc';

test('the way back waits for a switch that still runs, and for none that has ended', { skip }, async (t) => {
  const root = temporaryFolder(t);
  const standing = { version: '1.0.0' };
  const layout = { root, workshop: root, exchanges: [], links: [] };
  writeFileSync(
    join(root, 'restore.sh'),
    restoreScript({ layout, from: standing, to: standing, snapshot: join(root, 'snapshot'), reinstall: ':' }),
  );
  // Instead of waiting it says that it would, and ends the switch.
  const programs = join(root, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'sleep'), '#!/bin/sh\necho waited; kill "$(cat "$SWITCH")"\n', { mode: 0o755 });
  const restore = (pid: number | undefined): string => {
    writeFileSync(join(root, 'switch.pid'), `${pid}\n`);
    const env = { PATH: `${programs}:/usr/bin:/bin`, SWITCH: join(root, 'switch.pid') };
    const { status, stdout } = spawnSync('/bin/sh', [join(root, 'restore.sh'), 'code'], { env, encoding: 'utf8' });
    assert.equal(status, 0);
    return stdout;
  };
  const running = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
  t.after(() => running.kill('SIGKILL'));
  // Nobody collects it while this process waits for the script; how often the script looks until it has ended is open.
  assert.match(restore(running.pid), /^(?:waited\n)+$/u);
  assert.equal(restore(await uncollected(t)), '');
});
