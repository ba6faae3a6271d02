import type { Config } from '../config/config.ts';
import { Limits } from '../gateway/limits/limits.ts';
import type { UsageLog } from '../store/usage-log.ts';
import { keyIdOf } from './owner.ts';

/** The limits with what every key has used so far. `now` is the wall clock, Unix ms; `steady` the monotonic one, ms. */
export function startedLimits(
  usage: UsageLog,
  { quotaCountsCached }: Pick<Config, 'quotaCountsCached'>,
  now: () => number,
  steady: () => number,
): Limits {
  const limits = new Limits(now, steady);
  for (const { at, account, counted, countedCached, tokens, usd } of usage.lastHours(now())) {
    if (keyIdOf(account) === undefined) continue;
    limits.seed(account, { requests: quotaCountsCached ? counted : counted - countedCached, tokens, usd }, at);
  }
  return limits;
}
