import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { untilHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { assistant, chat, stream, user, workerProcesses } from '../support/turns.ts';

interface Load {
  readonly inARow: number;
  readonly abandoned: number;
  /** What makes the CLI wait before its first word, and after it. */
  readonly silent: string;
  readonly endless: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The numbers are of the scripted CLI's; the real one, which has files and sockets of its own, does a part of it. */
const loads: Readonly<Record<string, Load>> = {
  'many requests': {
    inARow: 200,
    abandoned: 100,
    silent: '[[fake:{"tokens":2,"intervalMs":600000}]]',
    endless: '[[fake:{"tokens":5000,"intervalMs":20}]]',
    env: { CLAUDE_BIN: fakeClaudeBinary },
  },
  'some requests to the real CLI': {
    inARow: 20,
    abandoned: 8,
    silent: '[[stall:headers]]',
    endless: '[[repeat:50]][[stall:2]]',
    env: {},
  },
};

/** What keeps a process alive: timers, sockets, child processes, by kind. */
function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

/** Requests one after another: most go on with a conversation, every tenth begins one. */
async function askInARow(ocp: Ocp, { inARow }: Load): Promise<void> {
  for (let index = 0; index < inARow; index += 10) {
    const history = [];
    for (let turn = 0; turn < 10; turn += 1) {
      history.push(user(`[[text:${index + turn}]]`));
      const { status, text } = await chat(ocp, history);
      assert.deepEqual([status, text === ''], [200, false]);
      history.push(assistant(text));
    }
  }
}

/** Clients that hang up: some before the first word, some in the middle of the answer. */
async function abandon(ocp: Ocp, { abandoned, silent, endless }: Load): Promise<void> {
  for (let index = 0; index < abandoned; index += 4) {
    await Promise.all(
      [0, 1, 2, 3].map(async (offset) => {
        const hangUp = new AbortController();
        const question = `${offset % 2 === 0 ? silent : endless} ${index}`;
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

suite('what is left', { timeout: 300_000 }, () => {
  for (const [title, load] of Object.entries(loads)) {
    test(`after ${title}: no process, socket, timer, file or temporary folder`, async (t) => {
      const temporary = join(temporaryFolder(t), 'tmp');
      mkdirSync(temporary);
      const { TMPDIR } = process.env;
      process.env['TMPDIR'] = temporary;
      t.after(() => {
        if (TMPDIR === undefined) delete process.env['TMPDIR'];
        else process.env['TMPDIR'] = TMPDIR;
      });
      // The first run loads and opens what stays for good, like the pool of the test's own client; any CLI will do.
      for (const run of ['first', 'measured'] as const) {
        const before = { resources: resources(), files: openFiles() };
        const env = run === 'first' ? { CLAUDE_BIN: fakeClaudeBinary } : load.env;
        const ocp = await startOcp({ config: { sparesMemoryMb: 400 }, env: { ...env, TMPDIR: temporary } });
        try {
          await chat(ocp, 'Hello');
          if (run === 'measured') {
            await askInARow(ocp, load);
            await abandon(ocp, load);
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
  }
});
