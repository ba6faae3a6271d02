import { basename } from 'node:path';
import { lastBackup } from '../config/backup-outcome.ts';
import type { LoginState, LoginStates } from '../claude/login-states.ts';
import type { Logins } from '../claude/logins.ts';
import { DEFAULT_PROFILE } from '../claude/profiles.ts';
import type { Config } from '../config/config.ts';
import type { FairQueue } from '../gateway/admission.ts';
import type { MachineHealth } from './machine-watch.ts';
import type { RuntimeSettings } from './runtime-settings.ts';
import type { StorageView } from './server-store.ts';
import type { Stats } from './stats.ts';

/** What `/health` reads. */
export interface HealthSource {
  readonly version: string;
  readonly config: Config;
  readonly settings: RuntimeSettings;
  readonly claudePath: string | undefined;
  readonly claudeVersion: string | undefined;
  /** What keeps the CLI from being used; undefined when nothing does. */
  readonly problem: () => string | undefined;
  readonly loginStates: Pick<LoginStates, 'of' | 'all' | 'loggedOut'>;
  readonly logins: Logins;
  readonly queue: FairQueue;
  readonly stats: Stats;
  readonly machine: () => MachineHealth;
  readonly storage: () => StorageView;
  /** Unix time, ms. */
  readonly startedAt: number;
  /** Since the start, by the monotonic clock, ms. */
  readonly uptimeMs: () => number;
  readonly now: () => number;
}

/**
 * The body of `GET /health`, always with status 200. `isLocal` callers also see where the CLI lies, and each profile's login.
 */
export function health(source: HealthSource, isLocal: boolean): Record<string, unknown> {
  const { config, settings, queue, stats, logins, claudePath } = source;
  const { loginStates } = source;
  const login = loginView(loginStates.of(DEFAULT_PROFILE));
  const uptime = source.uptimeMs();
  const problem = source.problem();
  const machine = source.machine();
  // One person's ended login is no fault of the server.
  const storage = source.storage();
  const backups = backupView(config);
  const isWell =
    problem === undefined &&
    login.ok !== false &&
    machine.problem === undefined &&
    storage.state === 'ok' &&
    backups.state !== 'failed';
  return {
    status: isWell ? 'ok' : 'degraded',
    version: source.version,
    architecture: 'workers',
    uptime,
    uptimeHuman: humanDuration(uptime),
    claudeBinary: claudePath === undefined || isLocal ? (claudePath ?? null) : basename(claudePath),
    claudeBinaryOk: problem === undefined,
    claudeVersion: source.claudeVersion ?? null,
    problem: problem ?? null,
    authMode: config.authMode,
    anonymousKey: config.anonymousKey ?? null,
    auth: { ok: login.ok, lastCheck: login.lastCheck, message: login.message },
    // Names of profiles are names of people.
    ...(isLocal
      ? {
          degradedProfiles: loginStates.loggedOut(),
          profiles: loginStates.all().map(([profile, state]) => ({ profile, ...loginView(state) })),
        }
      : {}),
    config: {
      timeout: settings.number('timeout'),
      maxConcurrent: settings.number('maxConcurrent'),
      sessionTTL: settings.number('sessionTTL'),
      circuitBreaker: 'disabled',
      allowedTools: config.allowedTools,
      systemPrompt: config.systemPrompt !== undefined,
    },
    stats: {
      totalRequests: stats.totalRequests,
      activeRequests: queue.running,
      errors: stats.errors,
      timeouts: stats.timeouts,
      planUseRefused: stats.planUseRefused,
      oneOffRequests: stats.totalRequests - stats.workers.live,
      sessionHits: stats.workers.live,
      sessionMisses: stats.totalRequests - stats.workers.live,
      queued: queue.queued,
      queueRejections: queue.rejections,
    },
    concurrency: {
      maxConcurrent: settings.number('maxConcurrent'),
      maxQueue: config.maxQueue,
      inflight: queue.running,
      queued: queue.queued,
      queueRejections: queue.rejections,
    },
    workers: {
      busy: logins.busy,
      spares: logins.spares,
      ready: logins.ready,
      conversations: logins.conversations,
      origins: stats.workers,
    },
    machine: {
      problem: machine.problem ?? null,
      openFiles: machine.openFiles ?? null,
      processes: machine.processes ?? null,
      outOfMemoryKills: machine.outOfMemoryKills ?? null,
      temporaryFolder: machine.temporaryFolder,
      reaper: machine.reaper,
      troubles: machine.troubles,
    },
    storage: { ...storage },
    backups,
    recentErrors: stats.recentErrors,
  };
}

/** The scheduled backups as `/health` shows them. Why one failed is for the doctor: it may name paths. */
interface BackupView {
  /** `off` where none are scheduled, `due` before the first. */
  readonly state: 'off' | 'due' | 'ok' | 'failed';
  /** When the last one was tried, Unix ms. */
  readonly lastAt: number | null;
}

function backupView({ backupEvery, home }: Config): BackupView {
  if (backupEvery === undefined) return { state: 'off', lastAt: null };
  const last = lastBackup(home);
  if (last === undefined) return { state: 'due', lastAt: null };
  return { state: last.problem === null ? 'ok' : 'failed', lastAt: last.at };
}

/** A login as `/health` shows it. */
export interface LoginView {
  /** Null where it is not known. */
  readonly ok: boolean | null;
  /** Unix ms. */
  readonly lastCheck: number;
  readonly message: string;
  /** When a long-lived token ends, ISO 8601; only where OCP keeps it. */
  readonly tokenEndsAt?: string;
}

function loginView({ login, checkedAt, expiresAt }: LoginState): LoginView {
  return {
    ok: login?.loggedIn ?? null,
    lastCheck: checkedAt,
    message: login?.loggedIn === true ? `logged in (${login.method})` : (login?.hint ?? 'not checked'),
    ...(expiresAt === undefined ? {} : { tokenEndsAt: new Date(expiresAt).toISOString() }),
  };
}

/** A duration as a person says it: `6h 32m`, `4d 2h`, `12s`. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)}d ${hours % 24}h`;
  if (hours > 0) return `${hours}h ${minutes % 60}m`;
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`;
}
