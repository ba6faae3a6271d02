import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinWithCli } from '../claude/cli-models.ts';
import type { ModelCatalogue } from '../claude/models.ts';
import { resolveModel } from '../claude/models.ts';
import { workerEnvironment } from '../claude/environment.ts';
import type { ProcessEnd } from '../claude/cli-process.ts';
import { Logins } from '../claude/logins.ts';
import type { Plans } from '../claude/plans.ts';
import { configuredModels } from './configured-models.ts';
import type { Profiles } from '../claude/profiles.ts';
import { DEFAULT_PROFILE } from '../claude/profiles.ts';
import { StartGate } from '../claude/start-gate.ts';
import type { Worker } from '../claude/worker.ts';
import type { RunFolder } from '../claude/run-folder.ts';
import { createRunFolder, sweepRunFolders } from '../claude/run-folder.ts';
import type { Troubles } from '../claude/troubles.ts';
import type { Config } from '../config/config.ts';
import type { CacheStore } from '../gateway/cache/response-cache.ts';
import { ResponseCache } from '../gateway/cache/response-cache.ts';
import { FairQueue } from '../gateway/admission.ts';
import { Gateway } from '../gateway/gateway.ts';
import { LiveRequests } from '../gateway/live-requests.ts';
import type { Limits } from '../gateway/limits/limits.ts';
import type { ReportedUsd, RequestRecord } from '../gateway/record.ts';
import { Sessions } from '../gateway/sessions.ts';
import type { RuntimeSettings } from './runtime-settings.ts';

/** What a parked worker holds that no other process shares, MB; measured on Linux. */
const WORKER_MEMORY_MB = 100;

/** How many workers may start at once where there are fewer cores. */
const LEAST_STARTS = 2;

export interface InstanceOptions {
  readonly config: Config;
  readonly settings: RuntimeSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly packageRoot: string;
  readonly profiles: Profiles;
  /** Where the CLI is now, or a path that cannot be started when there is none: its turns then fail with a clear error. */
  readonly binary: () => string;
  readonly cliVersion: () => string | undefined;
  /** What keeps the CLI from being used, for clients; undefined when nothing does. */
  readonly problem: () => string | undefined;
  readonly onLogin: (profile: string, works: boolean) => void;
  readonly onRecord: (record: RequestRecord, reported: ReportedUsd | undefined) => void;
  readonly limits: Limits;
  /** Most time of counting tokens, ms. */
  readonly countTimeoutMs: number;
  readonly plans: Plans;
  readonly cacheStore: CacheStore;
  readonly onWorkerFailure: (end: ProcessEnd) => void;
  /** Where what the machine lacks is noted. */
  readonly troubles: Troubles;
  /** Something of the temporary folder was gone, or it cannot be used: one line for the log. */
  readonly onFolderTrouble: (what: string) => void;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly steady: () => number;
  /** The same, for what is kept while it is used. */
  readonly idleClock: () => number;
}

const BYTES_PER_MIB = 1_048_576;

/** How long the CLI may take to start and to answer, ms. */
const PROBE_TIMEOUT_MS = 30_000;

/** Everything behind the HTTP server. */
export interface Instance {
  readonly cache: ResponseCache;
  /** Whether a request's `x-claude-code-session-id` is that of one of OCP's own workers: it would go round in a circle. */
  readonly isOwnSession: (sessionId: string) => boolean;
  readonly gateway: Gateway;
  readonly live: LiveRequests;
  readonly logins: Logins;
  readonly runFolder: RunFolder;
  readonly queue: FairQueue;
  readonly sessions: Sessions;
  readonly models: () => ModelCatalogue;
  /**
   * Asks the CLI over the worker protocol (no call of the API) what models it has, and starts the first spares. Resolves
   * with what is wrong when it does not answer as a worker must.
   */
  warmUp(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Puts the parts together. Leftovers of an OCP that was killed are removed first. */
export async function createInstance(options: InstanceOptions): Promise<Instance> {
  const { config, settings, now } = options;
  let models = await configuredModels(options.packageRoot, config);
  await sweepRunFolders(tmpdir());
  const runFolder: RunFolder = await createRunFolder(tmpdir(), { onTrouble: options.onFolderTrouble });
  await using opening = new AsyncDisposableStack();
  opening.defer(async () => runFolder.close());
  const logins = new Logins({
    binary: options.binary,
    version: options.cliVersion,
    env: workerEnvironment(options.env, config.claudeEnv),
    profiles: options.profiles,
    runFolder,
    workFolder: join(config.home, 'work'),
    starts: new StartGate(Math.max(LEAST_STARTS, availableParallelism())),
    onFailure: options.onWorkerFailure,
    onShortage: (shortage) => options.troubles.note(shortage),
    onPlan: (profile, info) => options.plans.onEvent(profile, info),
    maxIdle: Math.max(1, Math.floor(config.sparesMemoryMb / WORKER_MEMORY_MB)),
    conversationTtlMs: () => settings.number('sessionTTL'),
    now,
    steady: options.idleClock,
  });
  const queue = new FairQueue({
    maxRunning: () => settings.number('maxConcurrent'),
    maxQueued: config.maxQueue,
    retryAfterSeconds: config.queueRetryAfter,
  });
  const sessions = new Sessions({
    ttlMs: () => settings.number('sessionTTL'),
    maxBytes: config.sessionsMaxMb * BYTES_PER_MIB,
    now: options.idleClock,
    wallClock: now,
  });
  const cache = new ResponseCache({ store: options.cacheStore, ttlMs: () => settings.number('cacheTTL'), now });
  const live = new LiveRequests();
  const gateway = new Gateway({
    live,
    logins,
    queue,
    sessions,
    cache,
    models: () => models,
    timeoutMs: () => settings.number('timeout'),
    countTimeoutMs: options.countTimeoutMs,
    promptLimit: () => ({
      maxCharacters: settings.value('maxPromptChars') ?? undefined,
      truncate: config.truncate === 'oldest',
    }),
    systemPrompt: config.systemPrompt,
    problem: options.problem,
    limits: options.limits,
    countsCached: () => config.quotaCountsCached,
    requirePlan: (profile, model) => options.plans.require(profile, model),
    onLogin: options.onLogin,
    onRecord: options.onRecord,
    now,
    steady: options.steady,
  });
  opening.move();
  let isClosed = false;
  let probed: Worker | undefined;
  let warming: Promise<string | undefined> = Promise.resolve(undefined);
  const probe = async (): Promise<string | undefined> => {
    if (isClosed) return undefined;
    const model = resolveModel(models, '').id;
    const worker = await logins.factory(DEFAULT_PROFILE).start(model);
    probed = worker;
    if (isClosed) worker.kill();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      worker.kill();
    }, PROBE_TIMEOUT_MS);
    try {
      const listed = (await worker.ask('list_models'))['models'];
      if (Array.isArray(listed)) models = joinWithCli(models, listed as readonly unknown[]);
      if (!isClosed) logins.of(DEFAULT_PROFILE).spares.adopt(model, worker);
      return undefined;
    } catch {
      worker.kill();
      if (isClosed) return undefined;
      if (isLate) return 'the Claude CLI did not answer in time; look for what keeps this machine busy';
      return 'the Claude CLI does not speak the protocol of a worker; update it: npm install -g @anthropic-ai/claude-code';
    } finally {
      clearTimeout(timer);
      probed = undefined;
    }
  };
  return {
    isOwnSession: (sessionId) => logins.isOwnSession(sessionId),
    cache,
    gateway,
    live,
    logins,
    runFolder,
    queue,
    sessions,
    models: () => models,
    warmUp: async () => (warming = probe()),
    async close() {
      isClosed = true;
      probed?.kill();
      await warming;
      await logins.close();
      await runFolder.close();
    },
  };
}
