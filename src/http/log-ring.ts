import { isObject } from '../wire/json.ts';

/** The levels that the server's log has. */
export const logLevels = ['error', 'warn', 'info'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogEntry = Readonly<Record<string, unknown>>;

/** How many lines are remembered of each level. */
const KEPT = 200;

/** The newest lines of the log, each level for itself, so that many of one do not push out the few of another. */
export class LogRing {
  readonly #lines = new Map<LogLevel, { readonly order: number; readonly line: string }[]>();
  #order = 0;
  /** Hears of every new line. */
  onLine: ((entry: LogEntry) => void) | undefined;

  add(line: string): void {
    const level = levelOf(line);
    const lines = this.#lines.get(level) ?? [];
    this.#lines.set(level, lines);
    lines.push({ order: (this.#order += 1), line });
    if (lines.length > KEPT) lines.shift();
    this.onLine?.(entryOf(line));
  }

  /** The newest `count` lines, oldest first; a line that is no JSON object as `raw`. */
  newest(count: number, level: LogLevel | 'all'): readonly LogEntry[] {
    const lines = level === 'all' ? [...this.#lines.values()].flat() : (this.#lines.get(level) ?? []);
    const newest = lines.toSorted((a, b) => a.order - b.order).slice(-count);
    return newest.map(({ line }) => entryOf(line));
  }
}

/** A line that is no JSON object as `raw`. */
function entryOf(line: string): LogEntry {
  return parsed(line) ?? { raw: line };
}

function levelOf(line: string): LogLevel {
  const level = parsed(line)?.['level'];
  if (level === 'fatal') return 'error';
  return logLevels.find((known) => known === level) ?? 'info';
}

function parsed(line: string): LogEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
