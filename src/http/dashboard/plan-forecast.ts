import type { Plan } from '../../claude/plan.ts';

const HOUR_MS = 3_600_000;
/** How long each window is, by the beginning of its name. */
const LENGTHS: readonly (readonly [string, number])[] = [
  ['five_hour', 5 * HOUR_MS],
  ['seven_day', 7 * 24 * HOUR_MS],
];
/** The share of a window that has to be over before its use so far says anything about the rest. */
const ENOUGH = 0.05;

/** One window of a plan, and where its use leads. */
export interface WindowForecast {
  /** By the CLI's name: `five_hour`, `seven_day`, `seven_day_opus` and so on. */
  readonly name: string;
  /** Used share, 0 to 1; null when it is not known. */
  readonly utilization: number | null;
  /** Unix ms; null when nothing of the window is used. */
  readonly resetsAt: number | null;
  /** When nothing will be left if it goes on as it went so far, Unix ms; null when it lasts, or that cannot be told. */
  readonly runsOutAt: number | null;
  /** The share that will be used at the reset if it goes on as it went so far; null when that cannot be told. */
  readonly atReset: number | null;
}

/** The windows of a plan as they are now. One whose end has come begins anew with nothing used. */
export function planForecast(plan: Plan, now: number): readonly WindowForecast[] {
  return Object.entries(plan.windows).map(([name, { utilization, resetsAt }]) => {
    const end = resetsAt === null ? null : resetsAt * 1000;
    if (end !== null && end <= now) {
      return { name, utilization: 0, resetsAt: null, runsOutAt: null, atReset: null };
    }
    return { name, utilization, resetsAt: end, ...trend(name, utilization, end, plan.heardAt, now) };
  });
}

/** What is used is as it was when the CLI spoke of it last. */
function trend(
  name: string,
  used: number | null,
  end: number | null,
  heardAt: number,
  now: number,
): Pick<WindowForecast, 'runsOutAt' | 'atReset'> {
  const length = LENGTHS.find(([start]) => name.startsWith(start))?.[1];
  const unknown = { runsOutAt: null, atReset: null };
  if (length === undefined || used === null || end === null) return unknown;
  const begin = end - length;
  const elapsed = heardAt - begin;
  if (elapsed < length * ENOUGH || used <= 0) return unknown;
  const atReset = (used / elapsed) * length;
  const fullAt = begin + elapsed / used;
  return { atReset, runsOutAt: fullAt < end ? Math.round(Math.max(fullAt, now)) : null };
}
