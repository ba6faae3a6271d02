import type { Plan } from '../claude/plan.ts';

const prefix = 'anthropic-ratelimit-unified';

/** The windows by the names that the headers have for them. */
const windows = [
  ['five_hour', '5h'],
  ['seven_day', '7d'],
] as const;

/**
 * What the CLI last said of a plan, in the headers from which Claude Code reads it. Only for a caller whose plan it is: in a
 * household it would be somebody else's. Nothing is made up: what is not known is left out. `now` is Unix ms.
 */
export function planHeaders(plan: Plan | undefined, now: number): Readonly<Record<string, string>> {
  if (plan === undefined || plan.heardAt === 0) return {};
  const { status, claim } = plan;
  const headers: Record<string, string> = { [`${prefix}-status`]: status };
  if (claim !== null) headers[`${prefix}-representative-claim`] = claim;
  const decisive = claim === null ? undefined : plan.windows[claim]?.resetsAt;
  if (typeof decisive === 'number') headers[`${prefix}-reset`] = String(decisive);
  for (const [name, short] of windows) {
    const window = plan.windows[name];
    // A window that has been reset since is another one, of which nothing is known yet.
    if (window === undefined || (window.resetsAt !== null && window.resetsAt * 1000 <= now)) continue;
    if (window.utilization !== null) headers[`${prefix}-${short}-utilization`] = String(window.utilization);
    if (window.resetsAt !== null) headers[`${prefix}-${short}-reset`] = String(window.resetsAt);
    if (name === claim) headers[`${prefix}-${short}-status`] = status;
  }
  return headers;
}
