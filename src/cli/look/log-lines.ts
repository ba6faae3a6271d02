import { isObject } from '../../wire/json.ts';
import type { CommandIo } from '../command.ts';
import { clean } from '../output/clean.ts';
import type { Style } from '../output/paint.ts';
import { painter } from '../output/paint.ts';

export type LogEntry = Readonly<Record<string, unknown>>;

const styles: Readonly<Record<string, Style>> = { ERROR: 'red', FATAL: 'red', WARN: 'yellow' };

/** A line of the log for people. Contract: `ts | LEVEL | event | model | k=v`. */
export function logLine(entry: LogEntry, io: Pick<CommandIo, 'terminal'>): string {
  const { ts, level, event, raw, model, ...rest } = entry;
  if (typeof raw === 'string') return clean(raw);
  const paint = painter(io);
  const name = clean(textOf(level)).toUpperCase();
  const style = styles[name];
  const further = Object.entries(rest).map(([key, value]) => `${clean(key)}=${clean(textOf(value))}`);
  return [
    paint('dim', clean(textOf(ts))),
    style === undefined ? name : paint(style, name),
    clean(textOf(event)),
    ...(model === undefined ? [] : [clean(textOf(model))]),
    ...(further.length === 0 ? [] : [further.join(' ')]),
  ].join(' | ');
}

/** The lines of a log file of this level, oldest first. */
export function entriesOf(text: string, level: string): LogEntry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parsed)
    .filter((entry) => level === 'all' || levelOf(entry) === level);
}

/**
 * What came since: the server gives the newest lines each time, so the end of those seen is the beginning of those now.
 * Where so many came that nothing is shared, all are new.
 */
export function newEntries(seen: readonly LogEntry[], now: readonly LogEntry[]): readonly LogEntry[] {
  const [before, after] = [seen, now].map((entries) => entries.map((entry) => JSON.stringify(entry)));
  for (let start = 0; start < seen.length; start += 1) {
    const shared = before?.slice(start) ?? [];
    if (shared.every((line, index) => line === after?.[index])) return now.slice(shared.length);
  }
  return now;
}

function levelOf({ level, raw }: LogEntry): string {
  if (level === 'fatal') return 'error';
  return typeof raw === 'string' || level === undefined ? 'info' : textOf(level);
}

function parsed(line: string): LogEntry {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : { raw: line };
  } catch {
    return { raw: line };
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}
