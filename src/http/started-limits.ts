import type { Config } from '../config/config.ts';
import { Limits } from '../gateway/limits/limits.ts';
import type { UsageLog } from '../store/usage-log.ts';
import { keyIdOf } from './owner.ts';

/** The limits with what every key has used so far. `now` is the wall clock, Unix ms. */
export function startedLimits(
  usage: UsageLog,
  { quotaCountsCached }: Pick<Config, 'quotaCountsCached'>,
  now: () => number,
): Limits {
  const limits = new Limits(now);
  for (const { at, account, successes, cached, tokens, usd } of usage.lastHours(now())) {
    if (keyIdOf(account) === undefined) continue;
    limits.seed(account, { requests: quotaCountsCached ? successes : successes - cached, tokens, usd }, at);
  }
  return limits;
}
