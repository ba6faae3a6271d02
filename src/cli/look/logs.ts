import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { CommandContext } from '../command.ts';
import { UsageError } from '../command.ts';
import { printJson } from '../output/json.ts';
import { UnreachableError } from '../remote/failure.ts';
import type { AskValues } from '../remote/options.ts';
import type { Remote } from '../remote/server.ts';
import { remoteServer } from '../remote/server.ts';
import type { LogEntry } from './log-lines.ts';
import { entriesOf, logLine, newEntries } from './log-lines.ts';
import type { Level } from './log-levels.ts';
import { levels, MOST } from './log-levels.ts';

const POLL_MS = 1000;

const logsAnswer = z.object({ entries: z.array(z.record(z.string(), z.unknown())) });

/** `ocp logs`. Contract: the newest 20 lines of level `error`, as `ts | LEVEL | event | …`. */
export async function showLogs(
  options: AskValues & { readonly follow?: boolean },
  words: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { count, level } = readWords(words);
  const remote = remoteServer(options, context);
  const show = (entries: readonly LogEntry[]): void => {
    for (const entry of entries) {
      if (options.json === true) printJson(context.io, entry, 'line');
      else context.io.stdout(logLine(entry, context.io));
    }
  };
  if (options.follow === true) return follow(remote, level, count, show, context);
  show(await newest(remote, level, count, context));
  return 0;
}

/** A level may stand in the place of the number. Raises UsageError. */
function readWords([first = '20', second]: readonly string[]): { readonly count: number; readonly level: Level } {
  const alone = second === undefined ? levels.find((level) => level === first) : undefined;
  if (alone !== undefined) return { count: 20, level: alone };
  const count = /^\d{1,3}$/u.test(first) ? Number(first) : Number.NaN;
  if (!(count >= 1 && count <= MOST)) {
    throw new UsageError(`N is ${JSON.stringify(first)}, but must be a whole number from 1 to ${MOST}, or a level`);
  }
  return { count, level: levels.find((level) => level === second) ?? 'error' };
}

async function newest(
  remote: Remote,
  level: Level,
  count: number,
  { io }: CommandContext,
): Promise<readonly LogEntry[]> {
  try {
    return await ask(remote, level, count);
  } catch (error) {
    if (!(error instanceof UnreachableError) || !remote.isOwn) throw error;
    const path = join(remote.home, 'logs', 'ocp.log');
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) throw error;
    io.stderr(`ocp: the server does not answer; these are the last lines of ${path}`);
    return entriesOf(text, level).slice(-count);
  }
}

async function ask(remote: Remote, level: Level, count: number): Promise<readonly LogEntry[]> {
  return (await remote.ask(`/logs?n=${count}&level=${level}`, logsAnswer)).data.entries;
}

/** Prints the newest lines and those that come. A server that is away for a while is waited for. */
async function follow(
  remote: Remote,
  level: Level,
  count: number,
  show: (entries: readonly LogEntry[]) => void,
  { io }: CommandContext,
): Promise<number> {
  let seen = await ask(remote, level, MOST);
  show(seen.slice(-count));
  let isAway = false;
  for (;;) {
    try {
      await delay(POLL_MS, undefined, { signal: io.signal });
      const now = await ask(remote, level, MOST);
      show(newEntries(seen, now));
      seen = now;
      isAway = false;
    } catch (error) {
      if (io.signal.aborted) return 0;
      if (!(error instanceof UnreachableError)) throw error;
      if (!isAway) io.stderr('ocp: the server does not answer; waiting for it');
      isAway = true;
    }
  }
}
