import { suite, test } from 'node:test';
import { everyChaos } from '../../endurance/chaos/every.ts';
import { isSkipped } from '../../endurance/chaos/scenario.ts';
import { randomFrom } from '../../endurance/support/random.ts';
import { Scope } from '../../endurance/support/scope.ts';

/** Those that take seconds in their short form; `npm run chaos` has all of them. */
const quick = ['workers killed', 'server killed', 'temporary folder cleaned', 'clock moved', 'disk read-only'];

suite('in rough weather', { timeout: 240_000 }, () => {
  for (const { name, holds, run, rounds } of everyChaos.filter((chaos) => quick.includes(chaos.name))) {
    test(`${name}: ${holds}`, async (t) => {
      const scope = new Scope();
      try {
        const figures = await run({ scope, random: randomFrom(1), rounds: rounds.short });
        if (isSkipped(figures)) t.skip(figures.skipped);
        else t.diagnostic(JSON.stringify(figures));
      } finally {
        await scope.close();
      }
    });
  }
});
