import * as z from 'zod';
import type { Plan, PlanWindow } from '../../claude/plan.ts';
import { humanDuration } from '../health.ts';

const windowAnswer = z.strictObject({
  /** 0 to 1. */
  utilization: z.number().nullable(),
  percent: z.string().nullable(),
  resetsIn: z.string().nullable(),
  resetsAt: z.iso.datetime().nullable(),
  resetsAtHuman: z.string().nullable(),
});

/** Contract: `plan` in section "/usage" of OCP's HTTP contract, and what OCP adds. */
export const planAnswer = z.strictObject({
  currentSession: windowAnswer,
  weeklyLimits: z.looseObject({ allModels: windowAnswer }),
  extraUsage: z.strictObject({ status: z.string(), disabledReason: z.string().optional() }),
  representativeClaim: z.string().nullable(),
  /** The CLI does not tell it. */
  fallbackPercentage: z.null(),
  subscription: z.string().nullable(),
  /** How long ago the CLI spoke of it, ms. */
  ageMs: z.int(),
});

/** A plan as `/usage` and `/status` show it. A window whose end has come begins anew with nothing used. */
export function planView(plan: Plan, now: number): z.input<typeof planAnswer> {
  const { five_hour: session, seven_day: week, ...others } = plan.windows;
  const ofModels = Object.entries(others).map(([name, window]) => [
    name.replace(/^seven_day_/u, ''),
    windowView(window, now),
  ]);
  return {
    currentSession: windowView(session, now),
    weeklyLimits: { ...Object.fromEntries(ofModels), allModels: windowView(week, now) },
    extraUsage: {
      status: plan.extra.status ?? 'unknown',
      ...(plan.extra.disabledReason === null ? {} : { disabledReason: plan.extra.disabledReason }),
    },
    representativeClaim: plan.claim,
    fallbackPercentage: null,
    subscription: plan.subscription,
    ageMs: Math.max(0, Math.round(now - plan.heardAt)),
  };
}

/** The status of a plan now: what was said of a window that has ended since says nothing any more. */
export function planStatus(plan: Plan, now: number): string {
  if (Object.values(plan.exhausted).some(({ resetsAt }) => resetsAt * 1000 > now)) return 'rejected';
  return plan.status === 'rejected' ? 'allowed' : plan.status;
}

function windowView(window: PlanWindow | undefined, now: number): z.input<typeof windowAnswer> {
  const end = window?.resetsAt ?? null;
  const isOver = end !== null && end * 1000 <= now;
  const utilization = isOver ? 0 : (window?.utilization ?? null);
  const resetsAt = isOver ? null : end;
  return {
    utilization,
    percent: utilization === null ? null : `${Math.round(utilization * 100)}%`,
    resetsIn: resetsAt === null ? null : humanDuration(resetsAt * 1000 - now),
    resetsAt: resetsAt === null ? null : new Date(resetsAt * 1000).toISOString(),
    resetsAtHuman: resetsAt === null ? null : humanTime(resetsAt * 1000),
  };
}

/** `Tue, Mar 31, 12:00 AM`, in the time zone of the server. */
function humanTime(ms: number): string {
  return new Date(ms).toLocaleString('en-US', {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  });
}
