import assert from 'node:assert/strict';
import type { Scenario } from '../../test/support/fake-claude/scenario.ts';
import { newKey } from '../../test/support/admin.ts';
import { until } from '../../test/support/processes.ts';
import { kill } from '../../test/support/serve-process.ts';
import { newTally, request } from '../support/load.ts';
import type { Place } from '../support/server.ts';
import { createPlace, endCleanly, healthOf } from '../support/server.ts';
import type { Chaos } from './scenario.ts';

/** Ways in which a CLI can be broken. */
const faults: Readonly<Record<string, Scenario>> = {
  'ends at once': { exit: { at: 'start' } },
  'ends when it is set up': { exit: { at: 'initialize' } },
  'ends at the question': { exit: { at: 'query', code: 3 } },
  'ends in the middle of an answer': { exit: { at: 'token' }, tokens: 10 },
  'is killed in the middle of an answer': { exit: { at: 'token', signal: 'SIGKILL' }, tokens: 10 },
  'crashes (SIGSEGV) at the question': { exit: { at: 'query', signal: 'SIGSEGV' } },
  'writes what is no message': { garbage: true },
  'writes a line of 40 MB': { longLineBytes: 40_000_000 },
  'complains without end': { stderr: 'trouble '.repeat(20_000) },
  'does not say that its turn is over': { ignores: ['end of turn'] },
  'ignores interrupts, the end of its input and SIGTERM': {
    ignores: ['interrupt', 'end of input', 'SIGTERM'],
    tokens: 400,
    intervalMs: 5,
  },
  'starts processes that stay and hold its output': { grandchild: 'holding' },
  'keeps the old conversation when it is emptied': { clear: 'refused' },
  'does not answer when it is emptied': { clear: 'silent' },
};

export const brokenClis: Chaos = {
  name: 'broken CLIs',
  what: `The CLI is broken in ${Object.keys(faults).length} ways, one after the other; each round asks five times, hung up now and then.`,
  holds: 'Every request ends, OCP stays up, and the first request to a CLI that works again is answered.',
  rounds: { full: 100, short: 14 },
  async run({ scope, random, rounds }) {
    const place = createPlace(scope);
    place.change({});
    const ocp = await place.start();
    const { key } = await newKey(ocp, { name: 'load' });
    const tally = newTally();
    const names = Object.keys(faults);
    for (let round = 0; round < rounds; round += 1) {
      const name = names[round % names.length] ?? '';
      place.change(faults[name] ?? {});
      // Each process goes by what was so when it started.
      endWorkers(place);
      for (let count = 0; count < 5; count += 1) {
        await request({ ocp, key, random, tally, hangUpEvery: 4 }, [{ role: 'user', content: `${name} ${count}` }]);
      }
      assert.deepEqual(tally.wrong, [], name);
      assert.equal(tally.broken, 0, name);
      place.change({});
      endWorkers(place);
      await until(
        async () => (await request({ ocp, key, random, tally }, [{ role: 'user', content: 'Hello' }])) !== undefined,
        30_000,
      );
    }
    await until(async () => (await healthOf(ocp)).workers.busy === 0);
    await endCleanly(place, ocp);
    return { kinds: names.length, requests: tally.sent, whole: tally.whole, errors: sum(tally.errors) };
  },
};

function endWorkers(place: Place): void {
  for (const { pid, role } of place.processes()) if (role === 'worker') kill(pid);
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
