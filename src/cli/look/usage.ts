import { setTimeout as delay } from 'node:timers/promises';
import type { CommandContext } from '../command.ts';
import { UsageError } from '../command.ts';
import { clean } from '../output/clean.ts';
import { printJson } from '../output/json.ts';
import type { Remote } from '../remote/server.ts';
import { remoteServer } from '../remote/server.ts';
import { overviewAnswer } from './plan-answers.ts';
import { printModelStats, printPlan } from './plan-text.ts';
import { usageAnswer } from './usage-answers.ts';
import type { UsageValues } from './usage-options.ts';
import { printByKey, printRecent, printTimeline } from './usage-text.ts';

/** `ocp usage`. Contract: the rows "usage" of the command line: plan and models, or with `--by-key` a table of keys. */
export async function showUsage(values: UsageValues, context: CommandContext): Promise<number> {
  const remote = remoteServer(values, context);
  const intervalMs = readInterval(values);
  if (values.csv === true) {
    if (values.json === true || values.watch === true)
      throw new UsageError('--csv goes with neither --json nor --watch');
    await printCsv(remote, usagePath(values, 'csv'), context);
    return 0;
  }
  if (values.watch !== true) {
    await print(await read(remote, values), values, context);
    return 0;
  }
  return watch(remote, values, intervalMs, context);
}

interface Read {
  readonly overview: Awaited<ReturnType<typeof readOverview>> | undefined;
  readonly usage: Awaited<ReturnType<typeof readUsage>> | undefined;
}

async function read(remote: Remote, values: UsageValues): Promise<Read> {
  const byKey =
    values['by-key'] === true || [values.hours, values.since, values.until].some((each) => each !== undefined);
  return {
    overview: values.all === true || !byKey ? await readOverview(remote, values.profile) : undefined,
    usage: values.all === true || byKey ? await readUsage(remote, values) : undefined,
  };
}

async function readOverview(remote: Remote, profile: string | undefined) {
  const query = profile === undefined ? '' : `?profile=${encodeURIComponent(profile)}`;
  // 502: the plan is not known, but all else is.
  return remote.ask(`/usage${query}`, overviewAnswer, { accept: [502] });
}

async function readUsage(remote: Remote, values: UsageValues) {
  return remote.ask(usagePath(values, 'json'), usageAnswer);
}

function usagePath({ hours, since, until, all }: UsageValues, format: 'json' | 'csv'): string {
  if (hours !== undefined && !(/^\d{1,3}$/u.test(hours) && Number(hours) >= 1 && Number(hours) <= 720)) {
    throw new UsageError(`--hours is ${JSON.stringify(hours)}, but must be a whole number from 1 to 720`);
  }
  const query = new URLSearchParams({
    all: 'true',
    ...(format === 'csv' ? { format } : { limit: all === true ? '20' : '1' }),
    ...(hours === undefined ? {} : { hours }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  });
  return `/api/usage?${query.toString()}`;
}

async function print({ overview, usage }: Read, values: UsageValues, { io }: CommandContext): Promise<void> {
  if (values.json === true) {
    const both = overview !== undefined && usage !== undefined;
    const value = both ? { overview: overview.body, usage: usage.body } : (overview ?? usage)?.body;
    printJson(io, value, values.watch === true ? 'line' : 'indented');
    return;
  }
  if (overview !== undefined) {
    printPlan(io, overview.data);
    printModelStats(io, overview.data);
  }
  if (overview !== undefined && usage !== undefined) io.stdout('');
  if (usage !== undefined) {
    printByKey(io, usage.data);
    printTimeline(io, usage.data);
    if (values.all === true) printRecent(io, usage.data);
  }
}

/** Shows it until it is told to stop; on a terminal always in the same place. */
async function watch(
  remote: Remote,
  values: UsageValues,
  intervalMs: number,
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  const isScreen = io.terminal?.colours === true && values.json !== true;
  for (;;) {
    try {
      const next = await read(remote, values);
      if (isScreen) io.write('\u001b[H\u001b[2J\u001b[3J');
      await print(next, values, context);
      if (!isScreen && values.json !== true) io.stdout('');
      await delay(intervalMs, undefined, { signal: io.signal });
    } catch (error) {
      if (io.signal.aborted) return 0;
      throw error;
    }
  }
}

function readInterval({ interval, watch: isWatched }: UsageValues): number {
  if (interval === undefined) return 5000;
  if (isWatched !== true) throw new UsageError('--interval has a meaning only with --watch');
  const seconds = /^\d{1,5}(?:\.\d{1,3})?$/u.test(interval) ? Number(interval) : Number.NaN;
  if (seconds >= 0.2 && seconds <= 86_400) return seconds * 1000;
  throw new UsageError(`--interval is ${JSON.stringify(interval)}, but must be a number of seconds from 0.2 to 86400`);
}

/** The export as it comes. A terminal gets it line by line and cleaned, a file or pipe as it is. */
async function printCsv(remote: Remote, path: string, { io }: CommandContext): Promise<void> {
  const response = await remote.open(path);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of response.body ?? []) {
    const text = decoder.decode(piece as Uint8Array, { stream: true });
    if (io.terminal === undefined) {
      io.write(text);
      continue;
    }
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) io.stdout(clean(line));
  }
  if (rest !== '') io.stdout(clean(rest));
}
