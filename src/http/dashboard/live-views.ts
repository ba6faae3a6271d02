import { loginCommand } from '../../claude/login.ts';
import { DEFAULT_PROFILE } from '../../claude/profiles.ts';
import type { Plans } from '../../claude/plans.ts';
import type { LiveRequests } from '../../gateway/live-requests.ts';
import type { HealthSource } from '../health.ts';
import { planStatus } from '../usage/plan-view.ts';
import type { Viewer } from './news.ts';
import { planForecast } from './plan-forecast.ts';

export interface LiveSource {
  readonly health: HealthSource;
  readonly plans: Plans;
  readonly live: LiveRequests;
}

/** How OCP is doing, for everybody: nothing about people. The admin sees what is wrong, and the plans of other logins. */
export function statusView({ health, plans }: LiveSource, { isAdmin }: Viewer): Record<string, unknown> {
  const problem = health.problem();
  const { login } = health.loginStates.of(DEFAULT_PROFILE);
  const shown = plans.all().filter(([profile]) => isAdmin || profile === DEFAULT_PROFILE);
  const now = health.now();
  return {
    status: problem === undefined && login?.loggedIn !== false ? 'ok' : 'degraded',
    version: health.version,
    startedAt: health.startedAt,
    plans: shown.map(([profile, plan]) => ({
      profile,
      status: planStatus(plan, now),
      heardAt: plan.heardAt,
      windows: planForecast(plan, now),
    })),
    ...(isAdmin
      ? {
          problem: problem ?? (login?.loggedIn === false ? (login.hint ?? 'not logged in') : null),
          claudeVersion: health.claudeVersion ?? null,
          login: login?.loggedIn === true ? login.method : null,
          endedLogins: health.loginStates
            .loggedOut()
            .filter((profile) => profile !== DEFAULT_PROFILE)
            .map((profile) => ({ profile, command: loginCommand(profile) })),
          authMode: health.config.authMode,
        }
      : {}),
  };
}

/** What runs now: everything for the admin, their own for a person; undefined for anybody else. */
export function liveView({ health, live }: LiveSource, { isAdmin, account }: Viewer): unknown {
  if (!isAdmin && account === null) return undefined;
  const requests = live.list().filter((request) => isAdmin || request.account === account);
  const running = requests.map(
    ({ id, caller, surface, client, model, startedAt, state, firstEventAt, characters }) => ({
      id,
      caller,
      surface,
      client,
      model,
      startedAt,
      state,
      firstEventAt,
      characters,
    }),
  );
  if (!isAdmin) return { running };
  const { queue, logins, settings, config } = health;
  return {
    running,
    queue: {
      running: queue.running,
      most: settings.number('maxConcurrent'),
      waiting: queue.queued,
      mostWaiting: config.maxQueue,
      rejections: queue.rejections,
    },
    workers: {
      busy: logins.busy,
      spares: logins.spares,
      ready: logins.ready,
      conversations: logins.conversations,
    },
  };
}
