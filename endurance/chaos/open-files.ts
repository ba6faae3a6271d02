import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { newKey } from '../../test/support/admin.ts';
import { until } from '../../test/support/processes.ts';
import { newTally, request } from '../support/load.ts';
import { createPlace, endCleanly, healthOf } from '../support/server.ts';
import { sum } from './broken-clis.ts';
import type { Chaos } from './scenario.ts';

/** How many files OCP may have open. */
const LIMIT = 120;

export const openFiles: Chaos = {
  name: 'open files exhausted',
  what: `With \`ulimit -n ${LIMIT}\`, each round opens idle connections and more turns at once than there are files for.`,
  holds:
    'Requests are answered, or refused with 503 and `Retry-After`; OCP stays up and serves again as soon as files are free.',
  rounds: { full: 100, short: 3 },
  async run({ scope, random, rounds }) {
    const place = createPlace(scope, { CLAUDE_MAX_CONCURRENT: '80', CLAUDE_MAX_QUEUE: '200' });
    place.change({ tokens: 10, intervalMs: 20 });
    const ocp = await place.start({ openFiles: LIMIT });
    const { key } = await newKey(ocp, { name: 'load' });
    const tally = newTally();
    const { hostname, port } = new URL(ocp.url);
    for (let round = 0; round < rounds; round += 1) {
      const idle: Socket[] = Array.from({ length: random.whole(40) }, () =>
        connect(Number(port), hostname).on('error', () => {}),
      );
      await Promise.all(
        Array.from({ length: 40 }, async (_, name) =>
          request({ ocp, key, random, tally }, [{ role: 'user', content: `${round} ${name}` }]),
        ),
      );
      for (const socket of idle) socket.destroy();
      assert.deepEqual(tally.wrong, []);
      for (const code of Object.keys(tally.errors)) {
        assert.ok(['out_of_resources', 'worker_lost', 'queue_full'].includes(code), code);
      }
      const calm = newTally();
      await until(
        async () =>
          (await request({ ocp, key, random, tally: calm }, [{ role: 'user', content: 'Hello' }])) !== undefined,
        30_000,
      );
    }
    await until(async () => (await healthOf(ocp)).workers.busy === 0);
    await endCleanly(place, ocp);
    const refused = tally.errors['out_of_resources'] ?? 0;
    return {
      requests: tally.sent,
      whole: tally.whole,
      refused,
      errors: sum(tally.errors),
      'not connected': tally.broken,
    };
  },
};
