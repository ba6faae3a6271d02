import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asAdmin, newKey } from '../../test/support/admin.ts';
import { temporaryFolder } from '../../test/support/temporary.ts';
import { newTally, request } from '../support/load.ts';
import { createPlace, endCleanly, healthOf, usedToday } from '../support/server.ts';
import type { Chaos } from './scenario.ts';

const HOUR_MS = 3_600_000;
/** Where the clock is set to, from what it really is: back and forth, over hours, days, a month, a year. */
const shifts = [0, -2, 2, -30, 30, -24 * 31, 24 * 31, 24 * 365, 0.01, -0.01].map((hours) => hours * HOUR_MS);

export const movedClock: Chaos = {
  name: 'clock moved',
  what: 'The wall clock of OCP jumps back and forth by seconds to a year while requests come, once a round; the monotonic one goes on.',
  holds: 'Every request is answered, no key waits for a time that has been and gone, and the quota counts on.',
  rounds: { full: 100, short: 10 },
  async run({ scope, random, rounds }) {
    const clock = join(temporaryFolder(scope.test), 'clock');
    writeFileSync(clock, '0');
    const place = createPlace(scope, {
      CHAOS_CLOCK: clock,
      NODE_OPTIONS: `--import=${join(import.meta.dirname, '../support/shifted-clock.mjs')}`,
    });
    place.change({});
    const ocp = await place.start();
    const { id, key } = await newKey(ocp, { name: 'load' });
    await asAdmin(ocp, 'PATCH', `/api/keys/${id}/quota`, { daily: 1_000_000 });
    const tally = newTally();
    for (let round = 0; round < rounds; round += 1) {
      writeFileSync(clock, String(round === rounds - 1 ? 0 : random.pick(shifts)));
      await pause(30);
      for (let count = 0; count < 3; count += 1) {
        await request({ ocp, key, random, tally }, [{ role: 'user', content: `${round} ${count}` }]);
      }
      assert.deepEqual(
        { wrong: tally.wrong, errors: tally.errors, broken: tally.broken },
        { wrong: [], errors: {}, broken: 0 },
      );
    }
    assert.equal(tally.whole, tally.sent);
    const used = await usedToday(ocp, id);
    assert.ok(used > 0 && used <= tally.sent, `${used} of ${tally.sent} requests count today`);
    assert.equal((await healthOf(ocp)).status, 'ok');
    await endCleanly(place, ocp);
    return { jumps: rounds, requests: tally.sent, whole: tally.whole };
  },
};
