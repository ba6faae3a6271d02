import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import { join, relative } from 'node:path';
import type { ClaudeBinary } from '../claude/binary.ts';
import { capabilityWarnings } from '../claude/capabilities.ts';
import { workerEnvironment } from '../claude/environment.ts';
import type { Login } from '../claude/login.ts';
import { readLogin } from '../claude/login.ts';
import { LoginStates } from '../claude/login-states.ts';
import { loginExpiry, readStoredLogin } from '../claude/stored-login.ts';
import { resolveModel } from '../claude/models.ts';
import { withoutPaths } from '../claude/without-paths.ts';
import { PlanQuestions } from '../claude/plan-questions.ts';
import { Plans } from '../claude/plans.ts';
import { Troubles } from '../claude/troubles.ts';
import { DEFAULT_PROFILE, profilesIn } from '../claude/profiles.ts';
import type { Config } from '../config/config.ts';
import { tightenHome } from '../config/home-files.ts';
import { LEAST_SECRET, shortSecrets } from '../config/secret-length.ts';
import { claimHome } from '../config/folder.ts';
import { callerAddressReader } from './caller-address.ts';
import { watchCli } from './cli-watch.ts';
import { doctorBench } from './doctor-bench.ts';
import type { SmallBody } from './body/translator.ts';
import { Translator } from './body/translator.ts';
import type { PaceRules } from './body/upload-pace.ts';
import { createDashboard } from './dashboard/dashboard.ts';
import type { FoundCli } from './found-cli.ts';
import { findCli } from './found-cli.ts';
import type { HealthSource } from './health.ts';
import type { IdentityRules } from './identity.ts';
import { createInstance } from './instance.ts';
import { guardKeys } from './key-guard.ts';
import type { ThrottleRules } from './login-throttle.ts';
import { LoginThrottle, usualThrottle } from './login-throttle.ts';
import { watchMachine } from './machine-watch.ts';
import { RequestMetrics, stateMetrics } from './metrics/ocp-metrics.ts';
import { watchReplies } from './open-replies.ts';
import { keyOwner } from './owner.ts';
import type { Log } from './log.ts';
import { openServerLog } from './server-log.ts';
import { openServerStore } from './server-store.ts';
import { startedLimits } from './started-limits.ts';
import { powersOf } from './powers.ts';
import { createServer } from './server.ts';
import { Stats } from './stats.ts';
import { recordUsage } from './usage/usage-record.ts';
import { ModelCounts } from './usage/model-stats.ts';

/** How long running answers may take once OCP is told to stop, ms. */
const STOP_GRACE_MS = 10_000;
/** How long clients may take to read why their answer was cut off by that, ms. */
const LAST_WORD_MS = 1000;
/** How long a client may read nothing of its answer, ms. */
const SLOW_READER_MS = 60_000;
/** Files that are named in a line of the log. */
const FILES_NAMED = 10;
/** How long the addresses of this machine are taken to be the same, ms. */
const ADDRESSES_FRESH_MS = 2000;
/** Which share of the files that this process may open are for its clients. */
const SHARE_OF_CLIENTS = 0.6;
/** How long the CLI may take to count tokens, ms. */
const COUNT_TIMEOUT_MS = 30_000;
/** How often the CLI is asked whether it is still logged in, ms. */
const LOGIN_CHECK_MS = 600_000;

export interface ServeOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly packageRoot: string;
  readonly io: {
    readonly stdout: (line: string) => void;
    readonly stderr: (line: string) => void;
    /** Aborted when OCP is to stop. */
    readonly signal: AbortSignal;
  };
  /** Wall clock for tests, Unix ms. */
  readonly now?: () => number;
  /** Monotonic clock for tests, ms. */
  readonly steady?: () => number;
  /** Overrides for tests, ms. */
  readonly limits?: {
    readonly stopGraceMs?: number;
    readonly slowReaderMs?: number;
    readonly logins?: Partial<ThrottleRules>;
    readonly cliRetryMs?: number;
    readonly countTimeoutMs?: number;
    readonly uploadPace?: PaceRules;
    readonly smallBody?: SmallBody;
  };
}

/** What the server found out while it started, for the start message. */
export interface Started {
  readonly version: string;
  readonly address: string;
  readonly port: number;
  readonly cli: ClaudeBinary | undefined;
  readonly cliVersion: string | undefined;
  readonly login: Login | undefined;
}

/** A running server. */
export interface RunningServer {
  readonly started: Started;
  /** What keeps the CLI from being used, once it was asked; undefined when nothing does. */
  problem(): Promise<string | undefined>;
  /** Stops accepting, lets answers finish up to the deadline, and ends every worker. */
  stop(): Promise<void>;
}

/**
 * Starts everything; resolves when the server listens. Rejects when the address cannot be used, and with StoreError when the
 * database cannot.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { config, env, packageRoot, io } = options;
  claimHome(config.home);
  // What is open when a later step fails is closed in reverse.
  await using opening = new AsyncDisposableStack();
  const serverLog = openServerLog(config, env, io.stderr);
  opening.defer(() => serverLog.close());
  const { log } = serverLog;
  const now = options.now ?? Date.now;
  tellOfTightened(tightenHome(config.home, process.getuid?.()), config.home, log);
  const steady = options.steady ?? (() => performance.now());
  const short = shortSecrets(config);
  if (short.length > 0) log.warn({ variables: short, least: LEAST_SECRET }, 'short_secret');
  const store = await openServerStore(config, env, now, log, steady);
  opening.defer(() => store.close());
  const { settings } = store;
  const stats = new Stats();
  const models = new ModelCounts();
  const metrics = new RequestMetrics();
  const plans = new Plans({ keeper: store.plans, now });
  const limits = startedLimits(store.usage, config, now, steady);
  // A test that moves the one clock it has means that time goes by.
  const idleClock = options.steady ?? options.now ?? steady;
  const startedAt = now();
  const startedSteady = steady();
  const workerEnv = workerEnvironment(env, config.claudeEnv);
  const look = async (): Promise<FoundCli> =>
    findCli({ claudeBin: config.claudeBin, path: env['PATH'], packageRoot, env: workerEnv, signal: io.signal });
  let cli = await look();
  const profiles = profilesIn(config.home, (login) => serverLog.redactor.addLogin(login));
  for (const profile of await profiles.list()) profiles.environment(profile, {});
  const loginStates = new LoginStates({
    read: async (profile) => {
      const { binary } = cli;
      if (binary === undefined) return undefined;
      const profileEnv = profiles.environment(profile, workerEnv);
      serverLog.redactor.addEnvironment(profileEnv);
      return readLogin(binary.path, profileEnv, io.signal);
    },
    expiresAt: (profile) => {
      const stored = readStoredLogin(config.home, profile);
      return stored && loginExpiry(stored, now())?.expiresAt;
    },
    profiles: () => profiles.list(),
    now,
  });
  const checkLogins = (): void => void loginStates.checkAll().catch(() => {});
  const warnOfLacks = (): void => {
    for (const lack of cli.version === undefined ? [] : capabilityWarnings(cli.version))
      log.warn({ lack }, 'cli_lacks');
  };
  let { problem } = cli;
  if (problem === undefined) {
    await loginStates.check(DEFAULT_PROFILE);
    warnOfLacks();
  }

  const troubles = new Troubles(now);
  const instance = await createInstance({
    config,
    settings,
    env,
    packageRoot,
    profiles,
    binary: () => cli.binary?.path ?? 'claude',
    cliVersion: () => cli.version,
    countTimeoutMs: options.limits?.countTimeoutMs ?? COUNT_TIMEOUT_MS,
    cacheStore: store.answers,
    troubles,
    onFolderTrouble: (what) => log.warn({ what }, 'temporary_folder'),
    onWorkerFailure: ({ code, signal, stderr }) => {
      if (signal !== null) troubles.note('a worker was killed from outside');
      log.warn({ code, signal, stderr: withoutPaths(stderr) }, 'worker_failed');
    },
    problem: () => problem,
    limits,
    plans,
    onLogin: (profile, works) => loginStates.onTurn(profile, works),
    onRecord: (record, reported) => {
      stats.add(record, new Date(now()));
      models.add(record);
      metrics.add(record, reported);
      recordUsage(store.usage, record, reported, now());
      dashboard.onRecord(record);
      log.info({ ...record }, 'request');
    },
    now,
    steady,
    idleClock,
  });
  opening.defer(async () => instance.close());
  const version = await packageVersion(packageRoot);
  const guard = guardKeys(store.keys, instance);
  opening.defer(() => guard.stop());
  const machine = await watchMachine(instance.runFolder, troubles);
  opening.defer(() => machine.stop());
  const questions = new PlanQuestions({
    logins: instance.logins,
    plans,
    model: () => resolveModel(instance.models(), '').id,
    now,
  });
  const health: HealthSource = {
    version,
    config,
    settings,
    get claudePath() {
      return cli.binary?.path;
    },
    get claudeVersion() {
      return cli.version;
    },
    problem: () => problem,
    loginStates,
    logins: instance.logins,
    queue: instance.queue,
    stats,
    machine: () => machine.state(),
    storage: store.health,
    startedAt,
    uptimeMs: () => Math.round(steady() - startedSteady),
    now,
  };
  const identity: IdentityRules = {
    mode: config.authMode,
    adminKey: config.adminKey,
    sharedKey: config.sharedKey,
    anonymousKey: config.anonymousKey,
    metricsToken: config.metricsToken,
    trustLoopback: config.trustLoopback,
    findKey: (digest) => store.keys.findByDigest(digest),
  };
  const dashboard = createDashboard({
    packageRoot,
    identity,
    keys: store.keys,
    audit: store.audit,
    logs: serverLog.ring,
    logins: store.logins,
    health,
    plans,
    live: instance.live,
    refreshPlan: () => void questions.refresh(DEFAULT_PROFILE).catch(() => {}),
  });
  opening.defer(() => dashboard.close());
  const translator = new Translator({ maxBytes: config.maxBodySize, small: options.limits?.smallBody });
  opening.defer(() => translator.close());
  const state = stateMetrics({ ...instance, version, startedAt, stats, plans });
  const server = createServer({
    config,
    hosts: {
      ownAddresses: currentAddresses(() => performance.now()),
      hostName: hostname(),
      listed: config.allowedHosts,
    },
    identity,
    sessions: dashboard.sessions,
    dashboard,
    addressOf: callerAddressReader(config.trustedProxies),
    throttle: new LoginThrottle({
      ...usualThrottle,
      ...options.limits?.logins,
      known: store.knownPlaces,
      now: () => performance.now(),
    }),
    onKeyUsed: (id) => store.keys.touch(id),
    onFailedLogin: (address, path) => log.warn({ address, path }, 'login_failed'),
    models: instance.models,
    responses: store.responses,
    turns: {
      translator,
      gateway: instance.gateway,
      heartbeatMs: () => config.heartbeatInterval,
      planOf: (profile) => plans.of(profile),
      slowReaderMs: options.limits?.slowReaderMs ?? SLOW_READER_MS,
      onInternalError: (error) => log.error({ err: error }, 'request_failed'),
      isOwnSession: instance.isOwnSession,
      powersOf: (caller) => powersOf(caller, config),
      findKey: (name) => store.keys.get(name),
      now,
    },
    health,
    log,
    admin: {
      keys: store.keys,
      audit: store.audit,
      reader: store.reader,
      known: { models: instance.models, hasProfile: (name) => profiles.has(name) },
      onKeysChanged: () => {
        guard.check();
        dashboard.recheck();
      },
      quotaUsage: { used: (keyId, window) => limits.used(keyOwner(keyId))[window].requests },
      settings,
      onSettingsChanged: () => instance.queue.refresh(),
      sessions: instance.sessions,
      cache: instance.cache,
      profiles,
      renewLogin: async (profile) => {
        // The log may speak of the new login from now on.
        profiles.environment(profile, workerEnv);
        if (!(await instance.logins.renew(profile))) return false;
        await loginStates.checkAll();
        return true;
      },
      logins: instance.logins,
      logs: serverLog.ring,
      doctor: () =>
        doctorBench({
          env,
          packageRoot,
          cli: cli.binary,
          health,
          models: instance.models,
          plans,
          database: store.store,
          signal: io.signal,
        }),
    },
    usage: {
      mode: config.authMode,
      keys: store.keys,
      audit: store.audit,
      log,
      usageLog: store.usage,
      reader: store.reader,
      used: (account) => limits.used(account),
      now,
    },
    overview: {
      plans,
      questions,
      models,
      health,
      log,
    },
    metrics: () => [...metrics.all(), ...state],
    packageRoot,
    uploadPace: options.limits?.uploadPace,
  });
  opening.defer(async () => server.close());
  const replies = watchReplies(server.server);
  leaveRoom(server.server, machine.state().openFiles?.limit, () => troubles.note('a connection could not be accepted'));
  await server.listen({ host: config.bind, port: config.port });
  // Those of other profiles are asked about while the server answers already.
  checkLogins();
  const timer = setInterval(checkLogins, LOGIN_CHECK_MS);
  timer.unref();
  const firstWaitMs = options.limits?.cliRetryMs;
  const cliWatch = watchCli({
    probe: async (nth) => {
      // The first time it has just been looked for. Only a stop keeps it from being found out.
      if (nth > 0) cli = await look().catch(() => cli);
      return cli.problem ?? instance.warmUp();
    },
    onFound: (found) => {
      if (found !== undefined) {
        if (found !== problem) log.error({ problem: found }, 'cli_unusable');
      } else if (problem !== undefined) {
        log.info('cli_usable');
        warnOfLacks();
        checkLogins();
      }
      problem = found;
    },
    ...(firstWaitMs === undefined ? {} : { firstWaitMs }),
  });
  const bound = server.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : config.port;
  const open = opening.move();
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    cliWatch.stop();
    guard.stop();
    machine.stop();
    replies.stopListening();
    dashboard.close();
    const deadline = AbortSignal.timeout(options.limits?.stopGraceMs ?? STOP_GRACE_MS);
    await instance.gateway.drain(deadline);
    await replies.delivered(deadline.aborted ? AbortSignal.timeout(LAST_WORD_MS) : deadline);
    await server.close();
    await store.responses.finish();
    server.server.closeAllConnections();
    await open.disposeAsync();
  };
  return {
    started: {
      version,
      address: config.bind,
      port,
      cli: cli.binary,
      cliVersion: cli.version,
      login: loginStates.of(DEFAULT_PROFILE).login,
    },
    problem: async () => {
      await cliWatch.first;
      return problem;
    },
    stop: async () => (stopped ??= stop()),
  };
}

/**
 * Leaves some of the files that may be open to workers and the database, however many clients connect. An error of accepting
 * would end the process if nobody listened for it; the server goes on with the next connection.
 */
function leaveRoom(server: Server, openFiles: number | undefined, onRefused: () => void): void {
  if (openFiles !== undefined) server.maxConnections = Math.max(1, Math.floor(openFiles * SHARE_OF_CLIENTS));
  server.on('error', onRefused);
  server.on('drop', onRefused);
}

/** Says once, at the start, which files others could read until now. */
function tellOfTightened({ tightened, foreign }: ReturnType<typeof tightenHome>, home: string, log: Log): void {
  const named = (paths: readonly string[]): object => ({
    count: paths.length,
    files: paths.slice(0, FILES_NAMED).map((path) => relative(home, path) || '.'),
  });
  if (tightened.length > 0) log.warn(named(tightened), 'files_tightened');
  if (foreign.length > 0) log.warn(named(foreign), 'files_of_another_user');
}

/** The addresses of this machine, looked up again when they may have changed: a laptop moves between networks. */
function currentAddresses(monotonic: () => number): () => readonly string[] {
  let known: readonly string[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (monotonic() - readAt < ADDRESSES_FRESH_MS) return known;
    readAt = monotonic();
    known = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address));
    return known;
  };
}

async function packageVersion(packageRoot: string): Promise<string> {
  const file = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as { readonly version: string };
  return file.version;
}
