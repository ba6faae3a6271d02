import type { Chaos } from '../endurance/chaos/scenario.ts';
import type { RecordedRun, Results } from '../endurance/support/results.ts';

/** What chaos does and what has to hold, as a table. */
export function chaosTable(chaos: readonly Chaos[]): string {
  return [
    '| Trouble | What is done | What has to hold | Rounds |',
    '|---|---|---|---|',
    ...chaos.map(({ name, what, holds, rounds }) => `| ${name} | ${what} | ${holds} | ${rounds.full} |`),
  ].join('\n');
}

/** The runs that were made for the record. */
export function runsTable(results: Results): string {
  const rows = Object.entries(results).flatMap(([program, runs]) =>
    Object.entries(runs).map(([name, run]) => row(program, name, run)),
  );
  if (rows.length === 0) return 'No run has been made for the record with this version yet.';
  return ['| Program | What | Date, version, seed | Time | Figures |', '|---|---|---|---|---|', ...rows].join('\n');
}

function row(program: string, name: string, { date, version, seed, seconds, rounds, figures }: RecordedRun): string {
  const what = rounds === undefined ? name : `${name}, ${rounds} rounds`;
  const origin = [date, version, ...(seed === undefined ? [] : [String(seed)])].join(', ');
  const words = Object.entries(figures).map(([label, value]) => `${label} ${value}`);
  return `| ${program} | ${what} | ${origin} | ${seconds} s | ${words.join('; ')} |`;
}
