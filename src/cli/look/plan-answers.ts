import { z } from 'zod';

const window = z.object({
  utilization: z.number().nullable(),
  percent: z.string().nullable(),
  resetsIn: z.string().nullable(),
  resetsAtHuman: z.string().nullable(),
});

/** What commands use of a plan, as `/usage` and `/status` show it. */
export const planAnswer = z.object({
  currentSession: window,
  /** `allModels`, and further windows by the name of a model. */
  weeklyLimits: z.record(z.string(), window),
  extraUsage: z.object({ status: z.string(), disabledReason: z.string().optional() }),
  subscription: z.string().nullable().optional(),
});

export type PlanWindow = z.output<typeof window>;
export type PlanAnswer = z.output<typeof planAnswer>;

const model = z.object({
  requests: z.number(),
  successes: z.number(),
  errors: z.number(),
  timeouts: z.number(),
  avgElapsed: z.number(),
  maxElapsed: z.number(),
  avgPromptChars: z.number(),
  maxPromptChars: z.number(),
});

/** What commands use of `GET /usage`. */
export const overviewAnswer = z.object({
  status: z.string(),
  plan: planAnswer.nullable(),
  proxy: z.object({ totalRequests: z.number(), errors: z.number(), timeouts: z.number(), uptime: z.string() }),
  models: z.record(z.string(), model),
  error: z.string().optional(),
});

export type Overview = z.output<typeof overviewAnswer>;

/** What commands use of `GET /status`. */
export const statusAnswer = z.object({
  proxy: z.object({
    status: z.string(),
    version: z.string(),
    uptime: z.string(),
    auth: z.string(),
    activeSessions: z.number(),
    logins: z.array(z.object({ profile: z.string(), ok: z.boolean().nullable(), message: z.string() })).optional(),
  }),
  requests: z.object({ total: z.number(), active: z.number(), errors: z.number(), timeouts: z.number() }),
  plan: z.union([planAnswer, z.string()]).nullable(),
  recentErrors: z.array(z.object({ time: z.string(), message: z.string() })),
});
