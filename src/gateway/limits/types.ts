import type { WindowLimits } from '../../store/key-record.ts';

/** `daily` is a UTC calendar day; `weekly` and `monthly` are the last 7 and 30 days. */
export type QuotaWindow = keyof WindowLimits;

export const quotaWindows = ['daily', 'weekly', 'monthly'] as const satisfies readonly QuotaWindow[];

/** How much of its quotas a key has used. */
export interface QuotaUsage {
  /** Successful requests of the key within the window that ends now. */
  used(keyId: number, window: QuotaWindow): number;
}
