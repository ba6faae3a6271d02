import type { HourUsage } from '../../store/usage-query.ts';
import { sumNames } from '../../store/usage-row.ts';
import type { UsageSums } from '../../store/usage-row.ts';
import { HOUR_MS } from '../../store/usage-row.ts';

/** Whether there is a time zone of this name. */
export function isZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * The calendar days of a time zone, as the begin of the first hour of each: `at` for every hour from `from` to `to` (Unix
 * ms, whole hours). In a zone that is not whole hours from UTC, the hour that midnight cuts belongs to the day before.
 */
export function dayStarts(from: number, to: number, zone: string): ReadonlyMap<number, number> {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const starts = new Map<number, number>();
  let day = '';
  let start = from;
  for (let at = from; at < to; at += HOUR_MS) {
    const found = format.format(at);
    if (found !== day) start = at;
    day = found;
    starts.set(at, start);
  }
  return starts;
}

/** What was used in each part of a time, the empty ones included; `startOf` gives the part that an hour belongs to. */
export function inBuckets(
  hours: readonly HourUsage[],
  from: number,
  to: number,
  startOf: (hour: number) => number,
): readonly HourUsage[] {
  const nothing = Object.fromEntries(sumNames.map((name) => [name, 0])) as unknown as UsageSums;
  const buckets = new Map<number, HourUsage>();
  for (let at = from; at < to; at += HOUR_MS) {
    const start = startOf(at);
    if (!buckets.has(start)) buckets.set(start, { ...nothing, at: start });
  }
  for (const hour of hours) {
    const start = startOf(hour.at);
    const before = buckets.get(start) ?? { ...nothing, at: start };
    const sums = Object.fromEntries(sumNames.map((name) => [name, before[name] + hour[name]])) as unknown as UsageSums;
    buckets.set(start, { ...sums, at: start });
  }
  return [...buckets.values()];
}
