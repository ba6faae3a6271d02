import type { Amounts, Metric } from './amounts.ts';
import { metrics, nothing, plus } from './amounts.ts';
import type { QuotaWindow } from './types.ts';

export const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** Hours of the rolling windows. */
const ROLLING = { weekly: 7 * DAY_HOURS, monthly: 30 * DAY_HOURS } as const;
/** The hours that a window can reach, and some that a wrong clock may have left. */
const MOST_BUCKETS = 800;
/** How far in the future what was used before a start may lie and still count as used now, hours. */
const NEAR_FUTURE_HOURS = 48;
/** By how much the wall clock may move against the monotonic one before that is a jump, ms. */
const TOLERANCE_MS = 60_000;

/** Jumps of the clock that are remembered. */
const JUMPS_REMEMBERED = 32;

const none = { daily: nothing, weekly: nothing, monthly: nothing } as const;

/** A moment on both clocks, ms. */
export interface Moment {
  /** Unix time. */
  readonly wall: number;
  /** Of the monotonic clock. */
  readonly steady: number;
}

interface Bucket {
  /** Hours since 1970, as the wall clock had it. */
  readonly hour: number;
  amounts: Amounts;
  /** Absent for what was used before the start. */
  readonly written?: {
    /** The newest use, on the monotonic clock, ms. */
    steady: number;
    /** By how much the wall clock was ahead of the monotonic one, ms. */
    readonly ahead: number;
    /** By how much it had been ahead before, ms. */
    readonly before: readonly number[];
  };
}

/** A bucket with the hour to which it belongs as the clock is now. */
interface Placed {
  readonly hour: number;
  readonly bucket: Bucket;
}

/**
 * What one caller used: the UTC day, the last 7 days and the last 30. It is kept by the hour, so an hour leaves a rolling
 * window when all of it has: a window is never shorter than it is said to be, and up to an hour longer.
 *
 * The wall clock may jump. Nothing is forgotten for a leap ahead: once the clock is right again, the windows hold what they
 * held before. What was used while the clock was wrong, or in hours that have not come yet because it was set back, is
 * placed by the monotonic clock.
 */
export class UsageWindows {
  readonly #buckets: Bucket[] = [];
  /** The earliest first. */
  #placed: Placed[] = [];
  #sums: Readonly<Record<QuotaWindow, Amounts>> = none;
  /** The hour, and how far the wall clock is ahead, for which the two hold. */
  #hour = -1;
  #ahead = 0;
  #before: readonly number[] = [];

  /** Whether nothing was used yet. */
  get isUnused(): boolean {
    return this.#buckets.length === 0;
  }

  /** Counts what was used before the start, at a Unix time in ms. */
  seed(amounts: Amounts, at: number): void {
    this.#keep({ hour: Math.floor(at / HOUR_MS), amounts });
    this.#hour = -1;
  }

  /** Adds what was used now. */
  add(amounts: Amounts, now: Moment): void {
    this.#moveTo(now);
    if (metrics.every((metric) => amounts[metric] === 0)) return;
    const last = this.#buckets.at(-1);
    if (last?.written !== undefined && last.hour === this.#hour && isSame(last.written.ahead, this.#ahead)) {
      last.amounts = plus(last.amounts, amounts);
      last.written.steady = now.steady;
    } else {
      const written = { steady: now.steady, ahead: this.#ahead, before: this.#before };
      const bucket: Bucket = { hour: this.#hour, amounts, written };
      this.#keep(bucket);
      this.#placed.push({ hour: this.#hour, bucket });
    }
    const { daily, weekly, monthly } = this.#sums;
    this.#sums = { daily: plus(daily, amounts), weekly: plus(weekly, amounts), monthly: plus(monthly, amounts) };
  }

  used(now: Moment): Readonly<Record<QuotaWindow, Amounts>> {
    this.#moveTo(now);
    return this.#sums;
  }

  /** When the window will hold at most `most` (Unix ms), if nothing is added; the time at which it is empty when it never will. */
  freeAt(period: QuotaWindow, metric: Metric, most: number, now: Moment): number {
    this.#moveTo(now);
    if (period === 'daily') return (dayOf(this.#hour) + 1) * DAY_HOURS * HOUR_MS;
    let left = this.#sums[period][metric];
    const first = firstHour(period, this.#hour);
    let freeHour = this.#hour + 1;
    for (const { hour, bucket } of this.#placed) {
      if (hour < first) continue;
      if (left <= most) break;
      left -= bucket.amounts[metric];
      freeHour = hour + ROLLING[period] + 1;
    }
    return freeHour * HOUR_MS;
  }

  #keep(bucket: Bucket): void {
    this.#buckets.push(bucket);
    if (this.#buckets.length > MOST_BUCKETS) this.#buckets.shift();
  }

  /** The sums only change by time when an hour ends, or when the clock jumps. */
  #moveTo({ wall, steady }: Moment): void {
    const hour = Math.floor(wall / HOUR_MS);
    const ahead = wall - steady;
    if (hour === this.#hour && isSame(ahead, this.#ahead)) return;
    if (!isSame(ahead, this.#ahead)) this.#before = [...this.#before, this.#ahead].slice(-JUMPS_REMEMBERED);
    this.#hour = hour;
    this.#ahead = ahead;
    this.#placed = this.#buckets
      .map((bucket) => ({ bucket, hour: this.#hourOf(bucket) }))
      .filter((placed) => placed.hour <= hour)
      .toSorted((a, b) => a.hour - b.hour);
    this.#sums = {
      daily: this.#sumFrom(firstHour('daily', hour)),
      weekly: this.#sumFrom(firstHour('weekly', hour)),
      monthly: this.#sumFrom(firstHour('monthly', hour)),
    };
  }

  /** The hour of a bucket as the clock is now; one after now for what does not count yet. */
  #hourOf({ hour, written }: Bucket): number {
    if (written === undefined) return hour <= this.#hour + NEAR_FUTURE_HOURS ? Math.min(hour, this.#hour) : hour;
    const { steady, ahead, before } = written;
    const wasAhead = ahead > this.#ahead && !isSame(ahead, this.#ahead);
    // A clock that is as it was before was wrong in between; one that is further ahead than ever may have slept.
    const wasBehind =
      ahead < this.#ahead && !isSame(ahead, this.#ahead) && before.some((each) => isSame(each, this.#ahead));
    if (wasAhead || wasBehind) return Math.min(Math.floor((steady + this.#ahead) / HOUR_MS), this.#hour);
    return Math.min(hour, this.#hour);
  }

  #sumFrom(first: number): Amounts {
    return this.#placed.reduce((sum, { hour, bucket }) => (hour < first ? sum : plus(sum, bucket.amounts)), nothing);
  }
}

function isSame(ahead: number, other: number): boolean {
  return Math.abs(ahead - other) <= TOLERANCE_MS;
}

/** The first hour of which any part is in the window that ends within this hour. */
export function firstHour(period: QuotaWindow, hour: number): number {
  return period === 'daily' ? dayOf(hour) * DAY_HOURS : hour - ROLLING[period];
}

function dayOf(hour: number): number {
  return Math.floor(hour / DAY_HOURS);
}
