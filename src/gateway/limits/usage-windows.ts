import type { Amounts, Metric } from './amounts.ts';
import { metrics, nothing, plus } from './amounts.ts';
import type { QuotaWindow } from './types.ts';

export const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** Hours of the rolling windows. */
const ROLLING = { weekly: 7 * DAY_HOURS, monthly: 30 * DAY_HOURS } as const;

interface Bucket {
  /** Hours since 1970. */
  readonly hour: number;
  amounts: Amounts;
}

/**
 * What one caller used: the UTC day, the last 7 days and the last 30. It is kept by the hour, so an hour leaves a rolling
 * window when all of it has: a window is never shorter than it is said to be, and up to an hour longer.
 */
export class UsageWindows {
  /** The oldest first. */
  #buckets: Bucket[] = [];
  #sums: Readonly<Record<QuotaWindow, Amounts>> = { daily: nothing, weekly: nothing, monthly: nothing };
  /** The hour for which the sums hold. */
  #hour = -1;

  /** Whether there is nothing that a window could still hold. */
  isEmpty(now: number): boolean {
    this.#moveTo(now);
    return this.#buckets.length === 0;
  }

  /** Adds what was used at a time (Unix ms) not before the last one. */
  add(amounts: Amounts, at: number): void {
    this.#moveTo(at);
    if (metrics.every((metric) => amounts[metric] === 0)) return;
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.hour >= this.#hour) last.amounts = plus(last.amounts, amounts);
    else this.#buckets.push({ hour: this.#hour, amounts });
    const { daily, weekly, monthly } = this.#sums;
    this.#sums = { daily: plus(daily, amounts), weekly: plus(weekly, amounts), monthly: plus(monthly, amounts) };
  }

  used(now: number): Readonly<Record<QuotaWindow, Amounts>> {
    this.#moveTo(now);
    return this.#sums;
  }

  /** When the window will hold at most `most` (Unix ms), if nothing is added; the time at which it is empty when it never will. */
  freeAt(period: QuotaWindow, metric: Metric, most: number, now: number): number {
    this.#moveTo(now);
    if (period === 'daily') return (dayOf(this.#hour) + 1) * DAY_HOURS * HOUR_MS;
    let left = this.#sums[period][metric];
    const first = firstHour(period, this.#hour);
    let freeHour = this.#hour + 1;
    for (const { hour, amounts } of this.#buckets) {
      if (hour < first) continue;
      if (left <= most) break;
      left -= amounts[metric];
      freeHour = hour + ROLLING[period] + 1;
    }
    return freeHour * HOUR_MS;
  }

  /** The sums only change by time when an hour ends. A clock that was set back does not bring anything back. */
  #moveTo(now: number): void {
    const hour = Math.floor(now / HOUR_MS);
    if (hour <= this.#hour) return;
    this.#hour = hour;
    this.#buckets = this.#buckets.filter((bucket) => bucket.hour >= firstHour('monthly', hour));
    this.#sums = {
      daily: this.#sumFrom(firstHour('daily', hour)),
      weekly: this.#sumFrom(firstHour('weekly', hour)),
      monthly: this.#sumFrom(firstHour('monthly', hour)),
    };
  }

  #sumFrom(first: number): Amounts {
    return this.#buckets.reduce((sum, { hour, amounts }) => (hour < first ? sum : plus(sum, amounts)), nothing);
  }
}

/** The first hour of which any part is in the window that ends within this hour. */
export function firstHour(period: QuotaWindow, hour: number): number {
  return period === 'daily' ? dayOf(hour) * DAY_HOURS : hour - ROLLING[period];
}

function dayOf(hour: number): number {
  return Math.floor(hour / DAY_HOURS);
}
