import { z } from 'zod';
import type { RateLimitInfo } from './protocol.ts';

/** One window of a plan. */
export interface PlanWindow {
  /** Used share, 0 to 1; null when the CLI did not say. */
  readonly utilization: number | null;
  /** Unix time, seconds; null when nothing of the window is used. */
  readonly resetsAt: number | null;
}

/** What a login's plan has left, as far as the CLI has said so. */
export interface Plan {
  /** When the CLI spoke last of it, Unix ms. */
  readonly heardAt: number;
  /** `allowed`, `allowed_warning` or `rejected`. */
  readonly status: string;
  /** The window that decides at the moment: `five_hour`, `seven_day`, `seven_day_opus` and so on. */
  readonly claim: string | null;
  /** By the CLI's names: `five_hour`, `seven_day`, `seven_day_opus` and so on. */
  readonly windows: Readonly<Record<string, PlanWindow>>;
  /** `pro`, `max` and so on; null when the CLI did not say. */
  readonly subscription: string | null;
  /** Usage beyond the plan that is paid extra. */
  readonly extra: { readonly status: string | null; readonly disabledReason: string | null };
  /** Windows with nothing left: when each was last said to be, and when it resets. */
  readonly exhausted: Readonly<Record<string, Exhausted>>;
}

export interface Exhausted {
  /** Unix ms. */
  readonly saidAt: number;
  /** Unix time, seconds. */
  readonly resetsAt: number;
}

const eventWindow = z.looseObject({ utilization: z.number().optional(), resetsAt: z.number().optional() });
/** What OCP reads of a `rate_limit_event`. Contract: `SDKRateLimitInfo`; `unifiedWindows` is what the CLI writes besides. */
const event = z.looseObject({
  status: z.string(),
  resetsAt: z.number().optional(),
  rateLimitType: z.string().optional(),
  utilization: z.number().optional(),
  overageStatus: z.string().optional(),
  overageDisabledReason: z.string().optional(),
  isUsingOverage: z.boolean().optional(),
  unifiedWindows: z.record(z.string(), eventWindow.nullable().catch(null)).optional().catch(undefined),
});

const usageWindow = z.looseObject({ utilization: z.number().nullable(), resets_at: z.string().nullable() });
const extraUsage = z.looseObject({ is_enabled: z.boolean() });
/** What OCP reads of the answer to `get_usage`. Contract: `SDKControlGetUsageResponse`. */
const usage = z.looseObject({
  subscription_type: z.string().nullable().optional(),
  rate_limits_available: z.boolean(),
  rate_limits: z.record(z.string(), z.unknown()).nullable(),
});

/** A plan of which nothing is known. */
export const unknownPlan: Plan = {
  heardAt: 0,
  status: 'unknown',
  claim: null,
  windows: {},
  subscription: null,
  extra: { status: null, disabledReason: null },
  exhausted: {},
};

/** A plan after a `rate_limit_event`; as it was when that holds nothing readable. */
export function afterEvent(plan: Plan, info: RateLimitInfo, now: number): Plan {
  const read = event.safeParse(info);
  if (!read.success) return plan;
  const { status, resetsAt, rateLimitType: claim = null, overageStatus, unifiedWindows = {} } = read.data;
  const told = Object.entries(unifiedWindows).flatMap(([name, window]): readonly (readonly [string, PlanWindow])[] =>
    window === null ? [] : [[name, { utilization: window.utilization ?? null, resetsAt: window.resetsAt ?? null }]],
  );
  const own: Record<string, PlanWindow> =
    claim === null || claim in unifiedWindows || read.data.utilization === undefined
      ? {}
      : { [claim]: { utilization: read.data.utilization, resetsAt: resetsAt ?? null } };
  return {
    ...plan,
    heardAt: now,
    status,
    claim,
    windows: { ...plan.windows, ...Object.fromEntries(told), ...own },
    extra: {
      status: overageStatus ?? plan.extra.status,
      disabledReason:
        read.data.overageDisabledReason ?? (overageStatus === undefined ? plan.extra.disabledReason : null),
    },
    exhausted: exhaustedAfter(plan, read.data, now),
  };
}

/** A plan after an answer to `get_usage`; undefined when the login has no plan, or the answer cannot be read. */
export function afterUsage(plan: Plan, answer: unknown, now: number): Plan | undefined {
  const read = usage.safeParse(answer);
  if (!read.success || !read.data.rate_limits_available || read.data.rate_limits === null) return undefined;
  const { extra_usage: extra, ...limits } = read.data.rate_limits;
  const windows = Object.entries(limits).flatMap(([name, value]): readonly (readonly [string, PlanWindow])[] => {
    const window = usageWindow.safeParse(value);
    return window.success ? [[name, fromPercent(window.data)]] : [];
  });
  const paid = extraUsage.safeParse(extra);
  return {
    ...plan,
    heardAt: now,
    status: plan.status === 'unknown' ? 'allowed' : plan.status,
    windows: { ...plan.windows, ...Object.fromEntries(windows) },
    subscription: read.data.subscription_type ?? plan.subscription,
    extra: paid.success ? { ...plan.extra, status: paid.data.is_enabled ? 'allowed' : 'rejected' } : plan.extra,
  };
}

/** The exhausted window that keeps a model from being used now, if there is one. */
export function exhaustedFor(plan: Plan, model: string, now: number): Exhausted | undefined {
  return Object.entries(plan.exhausted)
    .filter(([window, { resetsAt }]) => concerns(window, model) && resetsAt * 1000 > now)
    .map(([, exhausted]) => exhausted)
    .reduce<Exhausted | undefined>(
      (last, next) => (last === undefined || next.resetsAt > last.resetsAt ? next : last),
      undefined,
    );
}

/**
 * A request that went through shows that the windows of all models have room; what is said of one model's window holds
 * until that window is spoken of again.
 */
function exhaustedAfter(plan: Plan, info: z.output<typeof event>, now: number): Plan['exhausted'] {
  const { status, resetsAt, rateLimitType: window = 'plan', overageStatus, isUsingOverage } = info;
  const isCovered = isUsingOverage === true || overageStatus === 'allowed' || overageStatus === 'allowed_warning';
  if (status === 'rejected' && !isCovered) {
    return resetsAt === undefined ? plan.exhausted : { ...plan.exhausted, [window]: { saidAt: now, resetsAt } };
  }
  const left = Object.entries(plan.exhausted).filter(([name]) => modelOf(name) !== undefined && name !== window);
  return Object.fromEntries(left);
}

function concerns(window: string, model: string): boolean {
  const only = modelOf(window);
  return only === undefined || model.includes(only);
}

/** The family of models that a window is for; undefined for one of all models. */
function modelOf(window: string): string | undefined {
  return /^seven_day_(opus|sonnet|haiku|fable)$/u.exec(window)?.[1];
}

function fromPercent({ utilization, resets_at: resetsAt }: z.output<typeof usageWindow>): PlanWindow {
  const time = resetsAt === null ? Number.NaN : Date.parse(resetsAt);
  return {
    utilization: utilization === null ? null : utilization / 100,
    resetsAt: Number.isNaN(time) ? null : Math.floor(time / 1000),
  };
}
