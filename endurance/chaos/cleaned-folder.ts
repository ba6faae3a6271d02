import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newKey } from '../../test/support/admin.ts';
import { until } from '../../test/support/processes.ts';
import type { Random } from '../support/random.ts';
import { newTally, startLoad } from '../support/load.ts';
import type { Place } from '../support/server.ts';
import { createPlace, endCleanly, healthOf } from '../support/server.ts';
import type { Chaos } from './scenario.ts';

export const cleanedFolder: Chaos = {
  name: 'temporary folder cleaned',
  what: 'Something below the temporary folder, or all of it, is removed under load, once a round, as cleaners do.',
  holds: 'No request fails; what was taken is made again, `/health` counts it, and nothing is left at the end.',
  rounds: { full: 100, short: 6 },
  async run({ scope, random, rounds }) {
    const place = createPlace(scope);
    place.change({ tokens: 5 });
    const ocp = await place.start();
    const { key } = await newKey(ocp, { name: 'load' });
    const tally = newTally();
    const load = startLoad({ scope, ocp, key, clients: 3, random, tally });
    for (let round = 0; round < rounds; round += 1) {
      const victims = round % 5 === 0 ? top(place) : oneOf(below(place), random);
      // OCP may put something back while it is being removed.
      for (const path of victims) rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 5 });
      await pause(random.whole(80));
    }
    await load.stop();
    await until(async () => (await healthOf(ocp)).machine.temporaryFolder.recreated > 0, 20_000);
    const { machine } = await healthOf(ocp);
    assert.deepEqual(
      { wrong: tally.wrong, errors: tally.errors, broken: tally.broken },
      { wrong: [], errors: {}, broken: 0 },
    );
    await endCleanly(place, ocp);
    return {
      removed: rounds,
      'made again': machine.temporaryFolder.recreated,
      requests: tally.sent,
      whole: tally.whole,
    };
  },
};

function top({ temporary }: Place): readonly string[] {
  return readdirSync(temporary).map((name) => join(temporary, name));
}

/** Everything at every depth; what goes meanwhile does not matter. */
function below(place: Place): readonly string[] {
  const found = readdirSync(place.temporary, { recursive: true }).map((name) => join(place.temporary, String(name)));
  return found.filter((path) => path !== place.temporary);
}

function oneOf(paths: readonly string[], random: Random): readonly string[] {
  return paths.length === 0 ? [] : [random.pick(paths)];
}
