import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { conversation } from './conversation.ts';
import { firstToken } from './first-token.ts';
import { limits } from './limits.ts';
import { manyStreams } from './many-streams.ts';
import { overhead } from './overhead.ts';
import { closeConnections } from './support/client.ts';
import { machineLines } from './support/machine.ts';
import type { BenchOptions, Section } from './support/report.ts';
import { sectionMarkdown, sectionText } from './support/report.ts';
import { throughput } from './throughput.ts';

/**
 * `npm run bench`: measures OCP against one-shot processes of the CLI, all of it against the simulator or a scripted CLI.
 * A full run writes RESULTS.md beside this file. Exit status 1 when a target is missed, 2 for wrong arguments.
 */

const benchmarks: Readonly<Record<string, (options: BenchOptions) => Promise<Section>>> = {
  'first-token': firstToken,
  throughput,
  overhead,
  'many-streams': manyStreams,
  conversation,
  limits,
};

const usage = `Usage: npm run bench -- [--quick] [--only NAME]

  --quick       fewer and shorter measurements; writes no results
  --only NAME   one of ${Object.keys(benchmarks).join(', ')}; writes no results`;

/** Exit status of a program that was broken off at the keyboard. */
const BROKEN_OFF = 130;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(BROKEN_OFF));
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let values: { readonly quick?: boolean; readonly only?: string; readonly help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: { quick: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n${usage}`);
    return 2;
  }
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  const { only, quick = false } = values;
  const chosen = Object.entries(benchmarks).filter(([name]) => only === undefined || name === only);
  if (chosen.length === 0) {
    console.error(`bench: there is no benchmark ${only}\n${usage}`);
    return 2;
  }
  if (process.platform !== 'linux') {
    console.error('bench: needs Linux, since it reads CPU times from /proc');
    return 2;
  }
  const machine = await machineLines();
  console.log(`${machine.join('\n')}\n`);
  const sections: Section[] = [];
  for (const [, run] of chosen) {
    const section = await run({ quick, progress });
    progress('');
    console.log(sectionText(section));
    sections.push(section);
  }
  closeConnections();
  if (!quick && only === undefined) writeResults(machine, sections);
  return sections.every((section) => section.targets.every((target) => target.met)) ? 0 : 1;
}

/** One line that is written over; nothing where nobody watches. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u{1b}[2K${line}`);
}

function writeResults(machine: readonly string[], sections: readonly Section[]): void {
  const text = [
    '# Benchmark results',
    '',
    'Written by `npm run bench`; all of it was measured in one run. Nothing here reached Anthropic: the CLI talks to the',
    "simulator of this project, so the numbers show what lies between a client and the API, not the model's own time.",
    '',
    ...machine.map((line) => `- ${line}`),
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    '',
    ...sections.map(sectionMarkdown),
  ].join('\n');
  writeFileSync(join(import.meta.dirname, 'RESULTS.md'), text);
}
