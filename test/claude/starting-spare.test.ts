import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { untilHealth, workerHealth } from '../support/health.ts';
import { packageRoot, startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';
import { chat, workerOf, workerProcesses } from '../support/turns.ts';

test('a request takes over a spare that is still starting', async (t) => {
  const folder = temporaryFolder(t);
  const hold = join(folder, 'hold');
  const binary = join(folder, 'claude');
  const waits = `case $1 in --version | auth) ;; *) while [ -e '${hold}' ]; do sleep 0.02; done ;; esac`;
  fakeExecutable(binary, `${waits}\nexec '${packageRoot}/test/support/quick-claude' "$@"`);
  await using ocp = await startOcp({ env: { CLAUDE_BIN: binary }, config: { sparesMemoryMb: 800 } });
  await untilHealth(ocp, ({ workers }) => workers.spares === 2);

  writeFileSync(hold, '');
  const old = workerProcesses();
  for (const pid of old.values()) process.kill(pid, 'SIGKILL');
  const begun = (): readonly string[] => [...workerProcesses().keys()].filter((name) => !old.has(name));
  await until(() => begun().length === 1);
  const [starting] = begun();
  const answer = chat(ocp, '[[text:Hello]]');
  await untilHealth(ocp, ({ workers }) => workers.busy === 1);
  rmSync(hold);

  assert.equal((await answer).text, 'Hello');
  assert.equal(workerOf(ocp.simulator.log.messages().at(-1)), starting);
  assert.equal((await workerHealth(ocp)).workers.origins.started, 1);
  await untilHealth(ocp, ({ workers }) => workers.spares === 2);
});
