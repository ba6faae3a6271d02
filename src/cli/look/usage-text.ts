import type { CommandIo } from '../command.ts';
import { clean } from '../output/clean.ts';
import { compactText, countText, durationText, timeText, usdText } from '../output/format.ts';
import { painter } from '../output/paint.ts';
import type { Cell } from '../output/table.ts';
import { printTable } from '../output/table.ts';
import type { Usage } from './usage-answers.ts';

/** Prints what each key used. Contract: the table of `ocp usage --by-key`. */
export function printByKey(io: CommandIo, { byKey, scope }: Usage): void {
  if (byKey.length === 0) {
    io.stdout(scope.all ? 'No requests in this time.' : `No requests of ${clean(scope.self ?? 'yours')} in this time.`);
    return;
  }
  printTable(
    io,
    [
      { title: 'Key', least: 8 },
      { title: 'Reqs', align: 'right' },
      { title: 'OK', align: 'right' },
      { title: 'Err', align: 'right' },
      { title: 'Avg Time', align: 'right', drop: 1 },
      { title: '1st token', align: 'right', drop: 5 },
      { title: 'In', align: 'right', drop: 3 },
      { title: 'Out', align: 'right', drop: 3 },
      { title: 'Cost', align: 'right', drop: 2 },
      { title: 'Last Request', drop: 4 },
    ],
    byKey.map((row) => [
      row.key_name,
      countText(row.requests),
      countText(row.successes),
      failures(row.errors),
      durationText(row.avg_elapsed_ms),
      row.avg_first_token_ms === null ? '–' : durationText(row.avg_first_token_ms),
      compactText(row.input_tokens),
      compactText(row.output_tokens),
      usdText(row.usd),
      timeText(row.last_request),
    ]),
  );
  if (!scope.all) io.stdout(`Only what ${clean(scope.self ?? 'you')} used; the admin key shows everybody's.`);
}

/** Prints what was used in each hour, with a bar for its requests. */
export function printTimeline(io: CommandIo, { timeline }: Usage): void {
  if (timeline.length === 0) return;
  const most = Math.max(1, ...timeline.map(({ requests }) => requests));
  title(io, 'By hour');
  printTable(
    io,
    [
      { title: 'Hour' },
      { title: 'Reqs', align: 'right' },
      { title: 'In', align: 'right', drop: 2 },
      { title: 'Out', align: 'right', drop: 2 },
      { title: 'Cost', align: 'right', drop: 1 },
      { title: '', drop: 3 },
    ],
    timeline.map((row): Cell[] => [
      // An hour is UTC, in ISO 8601 without its zone.
      timeText(`${row.hour}Z`),
      countText(row.requests),
      compactText(row.input_tokens),
      compactText(row.output_tokens),
      usdText(row.usd),
      { text: '█'.repeat(Math.ceil((row.requests / most) * 20)), style: 'cyan' },
    ]),
  );
}

/** Prints the newest requests. */
export function printRecent(io: CommandIo, { recent }: Usage): void {
  if (recent.length === 0) return;
  title(io, 'Newest requests');
  printTable(
    io,
    [
      { title: 'When', drop: 2 },
      { title: 'Key', least: 6 },
      { title: 'Model', least: 6 },
      { title: 'Outcome' },
      { title: 'Time', align: 'right' },
      { title: '1st token', align: 'right', drop: 4 },
      { title: 'In', align: 'right', drop: 3 },
      { title: 'Out', align: 'right', drop: 3 },
      { title: 'Cost', align: 'right', drop: 1 },
      { title: 'Worker', drop: 5 },
      { title: 'Client', least: 6, drop: 6 },
    ],
    recent.map((row): Cell[] => [
      timeText(row.created_at),
      row.key_name,
      row.model,
      row.success === 1 ? row.outcome : { text: row.outcome, style: 'red' },
      durationText(row.elapsed_ms),
      row.first_token_ms === null ? '–' : durationText(row.first_token_ms),
      compactText(row.input_tokens),
      compactText(row.output_tokens),
      usdText(row.usd),
      row.source ?? '–',
      row.client,
    ]),
  );
}

function title(io: CommandIo, text: string): void {
  io.stdout('');
  io.stdout(painter(io)('bold', text));
}

function failures(count: number): Cell {
  return count === 0 ? '0' : { text: countText(count), style: 'red' };
}
