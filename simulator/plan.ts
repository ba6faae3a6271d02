export type PlanStatus = 'allowed' | 'allowed_warning' | 'rejected';

/** One rate-limit window of a subscription. */
export interface PlanWindow {
  /** Used share, 0 to 1. */
  readonly utilization: number;
  /** Unix time in seconds. */
  readonly resetsAt: number;
  readonly status: PlanStatus;
}

/** What a subscription has left, as the API tells it in `anthropic-ratelimit-unified-*` headers. */
export interface Plan {
  /** `rejected` answers every Messages call with 429. */
  readonly status: PlanStatus;
  /** Unix time in seconds. */
  readonly resetsAt: number;
  readonly representativeClaim: 'five_hour' | 'seven_day';
  readonly fiveHour: PlanWindow;
  readonly sevenDay: PlanWindow;
  /** Seconds, sent with a 429; absent = until `resetsAt`. */
  readonly retryAfterSeconds?: number;
}

/** A plan with little used. `now` in milliseconds since the epoch. */
export function freshPlan(now: number): Plan {
  const seconds = Math.floor(now / 1_000);
  const fiveHour: PlanWindow = { utilization: 0.1, resetsAt: seconds + 5 * 3_600, status: 'allowed' };
  const sevenDay: PlanWindow = { utilization: 0.05, resetsAt: seconds + 7 * 86_400, status: 'allowed' };
  return { status: 'allowed', resetsAt: fiveHour.resetsAt, representativeClaim: 'five_hour', fiveHour, sevenDay };
}

export function planHeaders(plan: Plan): Readonly<Record<string, string>> {
  const prefix = 'anthropic-ratelimit-unified';
  return {
    [`${prefix}-status`]: plan.status,
    [`${prefix}-reset`]: String(plan.resetsAt),
    [`${prefix}-representative-claim`]: plan.representativeClaim,
    ...windowHeaders(`${prefix}-5h`, plan.fiveHour),
    ...windowHeaders(`${prefix}-7d`, plan.sevenDay),
  };
}

/** Seconds until a rejected plan serves again; `now` in milliseconds since the epoch. */
export function planRetryAfter(plan: Plan, now: number): number {
  return plan.retryAfterSeconds ?? Math.max(0, plan.resetsAt - Math.floor(now / 1_000));
}

function windowHeaders(prefix: string, window: PlanWindow): Readonly<Record<string, string>> {
  return {
    [`${prefix}-utilization`]: String(window.utilization),
    [`${prefix}-reset`]: String(window.resetsAt),
    [`${prefix}-status`]: window.status,
  };
}
