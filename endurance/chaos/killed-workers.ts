import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { newKey } from '../../test/support/admin.ts';
import { until } from '../../test/support/processes.ts';
import { kill } from '../../test/support/serve-process.ts';
import { newTally, startLoad } from '../support/load.ts';
import { countIn, createPlace, endCleanly, healthOf, usedToday } from '../support/server.ts';
import type { Chaos } from './scenario.ts';

export const killedWorkers: Chaos = {
  name: 'workers killed',
  what: 'A worker chosen at random is killed (`kill -9`) while four clients ask, once a round.',
  holds:
    'Every request ends, with a whole answer or an error; usage and the quota of the key count exactly what was asked.',
  rounds: { full: 200, short: 10 },
  async run({ scope, random, rounds }) {
    const place = createPlace(scope);
    place.change({ tokens: 20, intervalMs: 2 });
    const ocp = await place.start();
    const { id, key } = await newKey(ocp, { name: 'load' });
    const tally = newTally();
    const load = startLoad({ scope, ocp, key, clients: 4, random, tally });
    let killed = 0;
    for (let round = 0; round < rounds; round += 1) {
      const workers = place.processes().filter(({ role }) => role === 'worker');
      if (workers.length > 0) {
        kill(random.pick(workers).pid);
        killed += 1;
      }
      await pause(20 + random.whole(120));
    }
    await load.stop();
    assert.deepEqual(tally.wrong, []);
    assert.equal(tally.broken, 0);
    for (const code of Object.keys(tally.errors)) assert.equal(code, 'worker_lost');
    await until(async () => {
      const { workers, concurrency } = await healthOf(ocp);
      return workers.busy === 0 && concurrency.inflight + concurrency.queued === 0;
    });
    await until(() => countIn(place.database, 'SELECT count(*) FROM usage_requests') === tally.sent);
    assert.equal(countIn(place.database, "SELECT count(*) FROM usage_requests WHERE outcome = 'ok'"), tally.whole);
    // A turn that broke off after the model had begun counts as well.
    const used = await usedToday(ocp, id);
    assert.ok(used >= tally.whole && used <= tally.sent, `${used} of ${tally.whole} to ${tally.sent} requests count`);
    await endCleanly(place, ocp);
    return { killed, requests: tally.sent, whole: tally.whole, 'cut off': tally.errors['worker_lost'] ?? 0 };
  },
};
