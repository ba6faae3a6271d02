import { OcpError } from '../../wire/errors.ts';
import type { Metric } from './amounts.ts';
import type { QuotaWindow } from './types.ts';

/** A limit that a request would go over. */
export interface Exceeded {
  readonly period: QuotaWindow;
  readonly metric: Metric;
  readonly limit: number;
  /** What is used and what running requests may still use. */
  readonly used: number;
  /** What this request may use. */
  readonly needed: number;
  /** When it can go through at the earliest, Unix ms. */
  readonly freeAt: number;
}

/** The refusal of a request that would go over a quota or budget. Contract: "Quota" in the README. */
export function quotaError(exceeded: Exceeded, now: number): OcpError {
  const { period, metric, limit, used, needed, freeAt } = exceeded;
  const waitMs = Math.max(1000, freeAt - now);
  const resetsIn = period === 'daily' ? shortDuration(waitMs) : rolling[period];
  const unit = metric === 'usd' ? 'USD' : metric;
  const counts = `${shown(used)}/${shown(limit)} ${unit} (${period})`;
  const need = used < limit ? ` This request may need ${shown(needed)}.` : '';
  return new OcpError('quota_exceeded', `Quota exceeded: ${counts}.${need} Resets ${resetsIn}.`, {
    retryAfterSeconds: Math.ceil(waitMs / 1000),
    extra: {
      quota: {
        period,
        limit,
        used: rounded(used),
        resetsIn,
        ...(metric === 'requests' ? {} : { unit: metric }),
      },
    },
  });
}

/** The refusal of a request that comes too soon after others of the same caller. */
export function rateError(limit: number, waitMs: number): OcpError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new OcpError(
    'rate_limit_exceeded',
    `This key may send ${limit} requests a minute. Try again in ${seconds} s.`,
    { retryAfterSeconds: seconds },
  );
}

/** The refusal of a request beside too many of the same caller. */
export function concurrencyError(limit: number): OcpError {
  return new OcpError('rate_limit_exceeded', `This key may have ${limit} requests at the same time.`, {
    retryAfterSeconds: 1,
  });
}

const rolling = { weekly: 'rolling 7-day window', monthly: 'rolling 30-day window' } as const;

function shortDuration(ms: number): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000));
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours}h ${minutes % 60}m` : `${minutes}m`;
}

/** USD are sums of small fractions. */
function rounded(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}

function shown(amount: number): string {
  return String(rounded(amount));
}
