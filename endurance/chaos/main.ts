import { parseArgs } from 'node:util';
import { recordRun } from '../support/results.ts';
import { randomFrom } from '../support/random.ts';
import { Scope } from '../support/scope.ts';
import { everyChaos } from './every.ts';
import { isSkipped } from './scenario.ts';

/**
 * `npm run chaos`: what goes wrong in months of uptime, made to happen under load. Everything runs on this machine against the
 * scripted CLI, bounded in rounds. `--record` writes the figures to endurance/results.json. Exit status 1 when an invariant
 * does not hold, 2 for wrong arguments.
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    short: { type: 'boolean' },
    record: { type: 'boolean' },
    list: { type: 'boolean' },
  },
});

const seed = Number(values.seed ?? Date.now() % 1_000_000);
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
const unknown = (values.only ?? []).filter((name) => !everyChaos.some((chaos) => chaos.name === name));
if (unknown.length > 0 || !Number.isSafeInteger(seed) || (rounds !== undefined && !(rounds > 0))) {
  console.error(
    `chaos: ${unknown.length > 0 ? `there is no ${unknown.join(', ')}; --list shows them` : '--seed and --rounds are whole numbers'}`,
  );
  process.exit(2);
}
if (values.list === true) {
  for (const { name, what } of everyChaos) console.log(`${name}: ${what}`);
  process.exit(0);
}

console.log(`seed ${seed}`);
let failed = 0;
for (const chaos of everyChaos.filter(({ name }) => values.only?.includes(name) ?? true)) {
  const scope = new Scope();
  const began = performance.now();
  const wanted = rounds ?? (values.short === true ? chaos.rounds.short : chaos.rounds.full);
  try {
    const figures = await chaos.run({ scope, random: randomFrom(seed), rounds: wanted });
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${isSkipped(figures) ? 'skipped' : 'ok'}  ${chaos.name}, ${seconds} s: ${JSON.stringify(figures)}`);
    if (values.record === true && !isSkipped(figures)) {
      recordRun('chaos', chaos.name, { rounds: wanted, seed, seconds, figures });
    }
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${chaos.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    await scope.close();
  }
}
process.exit(failed === 0 ? 0 : 1);
