import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { untilHealth, workerHealth } from '../support/health.ts';
import { packageRoot, startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';
import { chat, system, user, workerOf, workerProcesses } from '../support/turns.ts';

/** The real CLI, which does not get on with its start while there is that file. */
function heldClaude(t: TestContext): { readonly binary: string; readonly hold: string } {
  const folder = temporaryFolder(t);
  const hold = join(folder, 'hold');
  const waits = `case $1 in --version | auth) ;; *) while [ -e '${hold}' ]; do sleep 0.02; done ;; esac`;
  const script = `${waits}\nexec '${packageRoot}/test/support/quick-claude' "$@"`;
  return { binary: fakeExecutable(join(folder, 'claude'), script), hold };
}

test('a request takes over a spare that is still starting', async (t) => {
  const { binary, hold } = heldClaude(t);
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

test('a request takes over no spare that is starting with another model', async (t) => {
  const { binary, hold } = heldClaude(t);
  await using ocp = await startOcp({ env: { CLAUDE_BIN: binary }, config: { sparesMemoryMb: 800 } });
  await untilHealth(ocp, ({ workers }) => workers.spares === 2);

  writeFileSync(hold, '');
  const old = workerProcesses();
  for (const pid of old.values()) process.kill(pid, 'SIGKILL');
  await until(() => [...workerProcesses().keys()].some((name) => !old.has(name)));
  const answer = chat(ocp, '[[text:Hello]]', { body: { model: 'haiku' } });
  await untilHealth(ocp, ({ workers }) => workers.busy === 1);
  rmSync(hold);

  assert.equal((await answer).text, 'Hello');
  const asked = ocp.simulator.log.messages().at(-1)?.body as { readonly model: string } | undefined;
  assert.match(asked?.model ?? '', /haiku/u);
});

test('of a crowd of requests only as many processes start at a time as there are cores, and all are answered', async (t) => {
  const { binary, hold } = heldClaude(t);
  await using ocp = await startOcp({ env: { CLAUDE_BIN: binary }, config: { sparesMemoryMb: 100, maxConcurrent: 50 } });
  await untilHealth(ocp, ({ workers }) => workers.spares === 1);
  writeFileSync(hold, '');
  const atOnce = Math.max(2, availableParallelism());
  const crowd = Array.from({ length: 1 + atOnce + 2 }, async (_, index) =>
    chat(ocp, [system(`You are number ${index}.`), user(`[[text:Answer ${index}]]`)]),
  );
  await untilHealth(ocp, ({ concurrency }) => concurrency.inflight === crowd.length - 1);
  await until(() => workerProcesses().size === 1 + atOnce);
  rmSync(hold);
  const texts = (await Promise.all(crowd)).map(({ text }) => text);
  assert.deepEqual(
    texts,
    crowd.map((_, index) => `Answer ${index}`),
  );
});
