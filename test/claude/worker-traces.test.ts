import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { untilHealth } from '../support/health.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { workerProcesses } from '../support/turns.ts';

suite('a worker that is killed', () => {
  test('leaves none of the files and sockets that the CLI keeps while it runs', async (t) => {
    const temporary = join(temporaryFolder(t), 'tmp');
    mkdirSync(temporary);
    await using ocp = await startOcp({ env: { TMPDIR: temporary, XDG_RUNTIME_DIR: temporary } });
    await untilHealth(ocp, ({ workers }) => workers.spares === 1);
    const [first] = workerProcesses();
    assert.ok(first);
    const [directory, pid] = first;
    await until(() => readdirSync(directory).includes('cc-socks'));
    process.kill(pid, 'SIGKILL');
    await until(() => !workerProcesses().has(directory));
    await until(
      () => !readdirSync(join(directory, '..')).some((name) => directory.endsWith(`/${name.split('.')[0] ?? ''}`)),
    );
    assert.deepEqual(readdirSync(temporary), []);
  });
});
