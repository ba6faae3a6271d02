import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSimulator, toolAnswer } from '../../simulator/index.ts';
import { adminKey, newKey } from '../../test/support/admin.ts';
import { packageRoot } from '../../test/support/ocp.ts';
import { until } from '../../test/support/processes.ts';
import { randomFrom } from '../support/random.ts';
import { recordRun } from '../support/results.ts';
import { Scope } from '../support/scope.ts';
import { createPlace, endCleanly, healthOf } from '../support/server.ts';
import type { Measure, Sample } from './samples.ts';
import { growth, takeSample } from './samples.ts';
import type { Traffic } from './traffic.ts';
import { act } from './traffic.ts';

/**
 * `npm run soak`: an hour of what a household sends, at a modest rate, through the real CLI to the simulator. Memory, open
 * files, processes, folders and the database must stay flat once it is warm. `--minutes N` for a shorter run, `--record` to
 * write the figures to endurance/results.json. Exit status 1 when something grows, or more goes wrong than may.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string' },
    /** Things that clients do in a second. */
    rate: { type: 'string', default: '3' },
    record: { type: 'boolean' },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(minutes > 0) || !(rate > 0) || !Number.isSafeInteger(seed)) {
  console.error('soak: --minutes and --rate are numbers above 0, --seed is a whole number');
  process.exit(2);
}

/** Until then caches fill and modules load, as a share of the run. */
const WARM_UP = 0.3;
/** How many things clients may be doing at once: beyond it the next one waits. */
const MOST_AT_ONCE = 12;
/** Most that a measure may grow over the run behind the warm-up: of its mean, and at least so much. */
const allowed: Readonly<Record<Measure, { readonly share: number; readonly least: number }>> = {
  memoryMb: { share: 0.15, least: 30 },
  openFiles: { share: 0.1, least: 6 },
  processes: { share: 0.1, least: 3 },
  folders: { share: 0.1, least: 6 },
  // Each request leaves a row for as long as usage is kept; see below.
  databaseKb: { share: 0.1, least: 512 },
};
/** What a request may add to the database for as long as its row is kept, KB. */
const KB_A_REQUEST = 1.5;
/** Most that may go wrong, of all that was done. */
const ERROR_SHARE = 0.001;

const scope = new Scope();
const simulator = await startSimulator({
  minimumCacheTokens: 0,
  script: [{ when: { text: 'please call', hasTools: true }, reply: toolAnswer('look_up') }],
});
scope.after(async () => simulator.close());
const place = createPlace(scope, {
  ANTHROPIC_BASE_URL: simulator.url,
  CLAUDE_BIN: `${packageRoot}/test/support/quick-claude`,
  CLAUDE_CACHE_TTL: '60000',
  CLAUDE_SESSION_TTL: '120000',
  OCP_SPARES_MEMORY_MB: '500',
  OCP_RESPONSES_MAX_MB: '1',
  OCP_CACHE_MAX_MB: '1',
});
const ocp = await place.start();
const { key } = await newKey(ocp, { name: 'household' });
const random = randomFrom(seed);
const traffic: Traffic = { counts: {}, unexpected: [] };
const samples: Sample[] = [];
const began = performance.now();
const seconds = (): number => (performance.now() - began) / 1000;
const sampleEverySeconds = Math.max(1, Math.min(10, minutes));
let done = 0;
let running = 0;
console.log(`seed ${seed}, ${minutes} minutes, ${rate} a second`);
const stopped = new AbortController();
process.once('SIGINT', () => stopped.abort());

let nextSample = 0;
let nextLine = 60;
for (let next = 0; seconds() < minutes * 60 && !stopped.signal.aborted; next += 1 / rate) {
  await pause(Math.max(0, (next - seconds()) * 1000));
  if (seconds() >= nextSample) {
    samples.push(takeSample(place, ocp, seconds(), done));
    nextSample = seconds() + sampleEverySeconds;
    // The simulator keeps what it received.
    simulator.log.clear();
  }
  if (seconds() >= nextLine) {
    console.log(line(samples.at(-1)));
    nextLine += 60;
  }
  if (running >= MOST_AT_ONCE) continue;
  running += 1;
  void act({ ocp, key, adminKey, random, traffic }).finally(() => {
    running -= 1;
    done += 1;
  });
}
await until(() => running === 0, 90_000);

const warm = samples.filter(({ at }) => at >= seconds() * WARM_UP);
const figures: Record<string, number> = { done, errors: traffic.counts['unexpected'] ?? 0 };
const problems: string[] = [];
for (const [measure, { share, least }] of Object.entries(allowed) as readonly [
  Measure,
  { share: number; least: number },
][]) {
  const mean = warm.reduce((sum, sample) => sum + sample[measure], 0) / warm.length;
  const grown = growth(warm, (sample) => sample[measure]);
  const byRows = measure === 'databaseKb' ? (done - (warm[0]?.requests ?? 0)) * KB_A_REQUEST : 0;
  const most = Math.max(mean * share, least) + byRows;
  figures[`${measure} mean`] = round(mean);
  figures[`${measure} growth`] = round(grown);
  if (grown > most)
    problems.push(`${measure} grew by ${round(grown)} (mean ${round(mean)}, ${round(most)} are allowed)`);
}
if (figures['errors'] !== undefined && figures['errors'] > done * ERROR_SHARE) {
  problems.push(`${figures['errors']} of ${done} went wrong:\n  ${traffic.unexpected.slice(-10).join('\n  ')}`);
}
await until(async () => (await healthOf(ocp)).workers.busy === 0, 30_000).catch((error: unknown) => {
  problems.push(`workers are busy although nobody asks: ${String(error)}`);
});
const { status, machine } = await healthOf(ocp);
if (status !== 'ok') problems.push(`/health is ${status}: ${machine.problem ?? ''}`);
await endCleanly(place, ocp).catch((error: unknown) => problems.push(String(error)));
await scope.close();

console.log(JSON.stringify({ figures, counts: traffic.counts }, null, 2));
for (const problem of problems) console.log(`FAILED  ${problem}`);
if (values.record === true && problems.length === 0) {
  recordRun('soak', `${minutes} minutes`, { seed, seconds: Math.round(seconds()), figures });
}
process.exit(problems.length === 0 ? 0 : 1);

function line(sample: Sample | undefined): string {
  if (sample === undefined) return '';
  const { at, requests, memoryMb, openFiles, processes, folders, databaseKb } = sample;
  return (
    `${Math.round(at)} s: ${requests} done, ${Math.round(memoryMb)} MB, ${openFiles} files, ${processes} processes, ` +
    `${folders} folders, database ${Math.round(databaseKb)} KB, ${traffic.counts['unexpected'] ?? 0} unexpected`
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
