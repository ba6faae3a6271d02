import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { PlanQuestions } from '../../claude/plan-questions.ts';
import type { Plans } from '../../claude/plans.ts';
import { DEFAULT_PROFILE } from '../../claude/profiles.ts';
import { OcpError } from '../../wire/errors.ts';
import { parseWith } from '../../wire/validate.ts';
import type { HealthSource, LoginView } from '../health.ts';
import { health, humanDuration } from '../health.ts';
import type { Log } from '../log.ts';
import type { ModelCounts } from './model-stats.ts';
import { planAnswer, planStatus, planView } from './plan-view.ts';

export interface OverviewOptions {
  readonly plans: Plans;
  readonly questions: PlanQuestions;
  readonly models: ModelCounts;
  readonly health: HealthSource;
  readonly log: Log;
}

/** How many failures `/status` shows. */
const RECENT_ERRORS = 3;

const profileQuery = z.looseObject({ profile: z.string().default(DEFAULT_PROFILE) });
const requestCounts = { errors: z.int(), timeouts: z.int() };
const modelStats = z.strictObject({
  requests: z.int(),
  successes: z.int(),
  ...requestCounts,
  avgElapsed: z.number(),
  maxElapsed: z.number(),
  avgPromptChars: z.number(),
  maxPromptChars: z.number(),
});
const usageAnswer = z.looseObject({
  /** `allowed`, `allowed_warning`, `rejected`, or `unknown`. */
  status: z.string(),
  fetchedAt: z.iso.datetime().nullable(),
  /** Null when the login has no plan, such as an API key, or nothing is known of it yet. */
  plan: planAnswer.nullable(),
  profile: z.string(),
  proxy: z.strictObject({ totalRequests: z.int(), activeRequests: z.int(), ...requestCounts, uptime: z.string() }),
  models: z.record(z.string(), modelStats),
  /** By client program, requests since the start that Anthropic did not let draw on the plan. */
  planUseRefused: z.record(z.string(), z.int()),
  /** What is known, as it is kept. */
  _raw: z.record(z.string(), z.unknown()),
  error: z.string().optional(),
});
const statusAnswer = z.strictObject({
  proxy: z.strictObject({
    status: z.string(),
    version: z.string(),
    uptime: z.string(),
    auth: z.string(),
    activeSessions: z.int(),
    /** Where there are further profiles. */
    logins: z
      .array(z.strictObject({ profile: z.string(), ok: z.boolean().nullable(), message: z.string() }))
      .optional(),
  }),
  requests: z.strictObject({ total: z.int(), active: z.int(), ...requestCounts }),
  plan: z.union([planAnswer, z.string()]).nullable(),
  recentErrors: z.array(z.strictObject({ time: z.iso.datetime(), message: z.string() })),
});

/** `/usage` and `/status`. Contract: the sections of these names in OCP's HTTP contract. */
export function addOverviewRoutes(server: FastifyInstance, options: OverviewOptions): void {
  const { plans, models, health: source } = options;
  server.get(
    '/usage',
    {
      config: {
        access: 'admin',
        docs: {
          summary: 'Show what the plan of a login has left, and what was asked of each model since the start',
          query: profileQuery,
          answers: { 200: usageAnswer, 502: usageAnswer },
        },
      },
    },
    async (request, reply) => {
      const { profile } = parseWith(profileQuery, request.query);
      const failure = await refreshFailure(options, profile);
      const plan = plans.of(profile);
      const now = source.now();
      const { stats, queue } = source;
      const body: z.input<typeof usageAnswer> = {
        status: plan === undefined ? 'unknown' : planStatus(plan, now),
        fetchedAt: plan === undefined ? null : new Date(plan.heardAt).toISOString(),
        plan: plan === undefined ? null : planView(plan, now),
        profile,
        proxy: {
          totalRequests: stats.totalRequests,
          activeRequests: queue.running,
          errors: stats.errors,
          timeouts: stats.timeouts,
          uptime: humanDuration(source.uptimeMs()),
        },
        models: models.byModel(),
        planUseRefused: stats.planUseRefused,
        _raw: { ...plan },
      };
      const isFailed = plan === undefined && failure !== undefined;
      return isFailed ? reply.code(502).send({ ...body, error: failure }) : body;
    },
  );
  server.get(
    '/status',
    { config: { access: 'admin', docs: { summary: 'Show how OCP is doing', answers: { 200: statusAnswer } } } },
    async () => {
      const failure = await refreshFailure(options, DEFAULT_PROFILE);
      const plan = plans.of(DEFAULT_PROFILE);
      const { stats, queue, logins, now } = source;
      const { status, auth, uptimeHuman, profiles } = health(source, true) as {
        readonly status: string;
        readonly uptimeHuman: string;
        readonly auth: LoginView;
        readonly profiles: readonly (LoginView & { readonly profile: string })[];
      };
      return {
        proxy: {
          status,
          version: source.version,
          uptime: uptimeHuman,
          auth: auth.ok === true ? 'ok' : auth.message,
          activeSessions: logins.conversations,
          ...(profiles.length > 1
            ? { logins: profiles.map(({ profile, ok, message }) => ({ profile, ok, message })) }
            : {}),
        },
        requests: {
          total: stats.totalRequests,
          active: queue.running,
          errors: stats.errors,
          timeouts: stats.timeouts,
        },
        plan: plan === undefined ? (failure ?? null) : planView(plan, now()),
        recentErrors: stats.recentErrors.slice(-RECENT_ERRORS),
      };
    },
  );
}

/** Asks the CLI anew where that is due; gives back why it could not be asked, in words for the admin. */
async function refreshFailure({ questions, log }: OverviewOptions, profile: string): Promise<string | undefined> {
  try {
    await questions.refresh(profile);
    return undefined;
  } catch (error) {
    if (error instanceof OcpError) throw error;
    log.warn({ err: error, profile }, 'plan_unknown');
    return 'The Claude CLI could not be asked about the plan.';
  }
}
