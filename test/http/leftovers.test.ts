import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { untilHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { assistant, chat, stream, user, workerProcesses } from '../support/turns.ts';

const inARow = 200;
const abandoned = 100;

/** What keeps a process alive: timers, sockets, child processes, by kind. */
function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

/** Requests one after another: most go on with a conversation, every tenth begins one. */
async function askInARow(ocp: Ocp): Promise<void> {
  for (let index = 0; index < inARow; index += 10) {
    const history = [];
    for (let turn = 0; turn < 10; turn += 1) {
      history.push(user(`[[text:${index + turn}]]`));
      const { text } = await chat(ocp, history);
      assert.equal(text, String(index + turn));
      history.push(assistant(text));
    }
  }
}

/** Clients that hang up: some before the first word, some in the middle of the answer. */
async function abandon(ocp: Ocp): Promise<void> {
  for (let index = 0; index < abandoned; index += 4) {
    await Promise.all(
      [0, 1, 2, 3].map(async (offset) => {
        const hangUp = new AbortController();
        const question = offset % 2 === 0 ? `[[stall:headers]] ${index}` : `[[repeat:50]][[stall:2]] ${index}`;
        if (offset % 2 === 0) {
          const waiting = chat(ocp, question, { signal: hangUp.signal });
          await untilHealth(ocp, ({ concurrency }) => concurrency.inflight > 0);
          hangUp.abort();
          await assert.rejects(waiting, { name: 'AbortError' });
        } else {
          await (await stream(ocp, question, { signal: hangUp.signal })).next();
          hangUp.abort();
        }
      }),
    );
  }
}

suite('after many requests', { timeout: 300_000 }, () => {
  test('no process, socket, timer, file or temporary folder is left', async (t) => {
    const temporary = join(temporaryFolder(t), 'tmp');
    mkdirSync(temporary);
    const { TMPDIR } = process.env;
    process.env['TMPDIR'] = temporary;
    t.after(() => {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    });
    // The first run loads and opens what stays for good, like the pool of the test's own client.
    for (const run of ['first', 'measured'] as const) {
      const before = { resources: resources(), files: openFiles() };
      const ocp = await startOcp({ config: { sparesMemoryMb: 400 }, env: { TMPDIR: temporary } });
      try {
        await chat(ocp, 'Hello');
        if (run === 'measured') {
          await askInARow(ocp);
          await abandon(ocp);
          await untilHealth(
            ocp,
            ({ concurrency, workers }) => concurrency.inflight + concurrency.queued + workers.busy === 0,
          );
          await untilHealth(ocp, ({ workers }) => workers.spares === 2 && workers.conversations <= 2);
          await until(() => workerProcesses().size <= 4, 15_000);
          assert.ok(ocp.simulator.log.messages().every(({ outcome }) => outcome !== 'open'));
        }
      } finally {
        await ocp[Symbol.asyncDispose]();
      }
      if (run === 'first') continue;
      assert.deepEqual([...workerProcesses()], []);
      assert.deepEqual(
        readdirSync(temporary).filter((name) => !name.startsWith('node-compile-cache')),
        [],
      );
      await until(() => openFiles() <= before.files);
      const left = Object.entries(resources()).filter(([name, count]) => count > (before.resources[name] ?? 0));
      assert.deepEqual(left, []);
    }
  });
});
