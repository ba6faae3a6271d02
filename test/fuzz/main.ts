/**
 * `npm run fuzz -- [--requests 50000] [--minutes 5] [--seed 1] [--modes none,shared,multi] [--connections 16] [--keep]`:
 * sends changed requests to every endpoint of an OCP with the scripted CLI, and fails where one is not met as it should be.
 * `--requests` are those of all modes together. What is found is added to the corpus (test/fuzz/corpus), which `npm test`
 * sends again; with `--keep`, so is what went a way that no request of the corpus goes.
 */
import { parseArgs } from 'node:util';
import { corpusEntry, readCorpus, writeCorpus } from './corpus.ts';
import type { FuzzReport, Mode } from './fuzz.ts';
import { fuzz, modes } from './fuzz.ts';

/** How many requests that went a way of their own one run adds for each mode. */
const KEPT_PER_MODE = 120;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '50000' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    modes: { type: 'string', default: modes.join(',') },
    connections: { type: 'string', default: '16' },
    keep: { type: 'boolean', default: false },
  },
});
const chosen = values.modes.split(',').filter((mode): mode is Mode => (modes as readonly string[]).includes(mode));
const until = Date.now() + Number(values.minutes) * 60_000;
const corpus = readCorpus();
const known = new Set(corpus.map(({ signature }) => signature));
const reports: FuzzReport[] = [];
say(`seed ${values.seed}`);

for (const [index, mode] of chosen.entries()) {
  let kept = 0;
  const report = await fuzz({
    mode,
    seed: Number(values.seed) + index,
    requests: Math.ceil(Number(values.requests) / chosen.length),
    until,
    connections: Number(values.connections),
    onNew: (request, signature) => {
      const name = `${mode} ${signature}`;
      if (!values.keep || known.has(name) || kept >= KEPT_PER_MODE) return;
      known.add(name);
      kept += 1;
      corpus.push(corpusEntry(mode, name, request));
    },
    onProgress: (done) => say(`${mode}: ${done}`),
  });
  reports.push(report);
  for (const { what, request } of report.findings) {
    say(
      `FOUND ${mode}: ${what}${request === undefined ? '' : `\n  ${request.method} ${request.target.slice(0, 200)}`}`,
    );
    if (request !== undefined) corpus.push(corpusEntry(mode, `${mode} ${what.slice(0, 80)}`, request));
  }
  const perSecond = Math.round((report.requests / report.ms) * 1000);
  const [early, late] = report.memory.map((bytes) => Math.round(bytes / 1e6));
  say(
    `${mode}: ${report.requests} requests in ${Math.round(report.ms / 1000)} s (${perSecond}/s), ` +
      `loop held at most ${Math.round(report.heldMs)} ms, memory ${early} MB, then ${late} MB`,
  );
  say(`  ${JSON.stringify(report.outcomes)}`);
}
if (values.keep || reports.some(({ findings }) => findings.some(({ request }) => request !== undefined)))
  writeCorpus(corpus);
const total = reports.reduce((sum, { requests }) => sum + requests, 0);
const found = reports.reduce((sum, { findings }) => sum + findings.length, 0);
say(`${total} requests, ${found} findings`);
process.exit(found === 0 ? 0 : 1);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
