import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { ClaudeBinary } from '../claude/binary.ts';
import { workerEnvironment } from '../claude/environment.ts';
import { readLogin } from '../claude/login.ts';
import type { ModelCatalogue } from '../claude/models.ts';
import type { Plans } from '../claude/plans.ts';
import { DEFAULT_PROFILE, profilesIn } from '../claude/profiles.ts';
import { userHome } from '../config/configuration.ts';
import type { Bench, ProfileLogin, ServerMachine } from '../doctor/bench.ts';
import { diskOf } from '../doctor/disk.ts';
import { once } from '../doctor/once.ts';
import { shellWord } from '../doctor/shell-word.ts';
import { storeFacts } from '../store/inspect.ts';
import type { HealthSource } from './health.ts';
import type { MachineHealth } from './machine-watch.ts';

export interface DoctorBenchOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly packageRoot: string;
  readonly cli: ClaudeBinary | undefined;
  readonly health: HealthSource;
  readonly models: () => ModelCatalogue;
  readonly plans: Plans;
  readonly database: { readonly path: string; readonly quick: DatabaseSync };
  readonly signal: AbortSignal;
}

/** What doctor looks at from within the running server: nothing that would hold up a request, and no call of the API. */
export function doctorBench(options: DoctorBenchOptions): Bench {
  const { env, packageRoot, cli, health, models, plans, database } = options;
  const { config, logins } = health;
  return {
    config,
    configProblems: [],
    env,
    userHome: userHome(env),
    uid: process.getuid?.(),
    nodeVersion: process.versions.node,
    now: health.now,
    ocp: shellWord(join(packageRoot, 'ocp')),
    claude: async () => ({
      path: cli?.path,
      source: cli?.source,
      version: health.claudeVersion,
      problem: undefined,
      probe: async () => ({
        problem: health.problem(),
        // What models.json knows has a window.
        newModels: models().models.flatMap(({ id, contextWindow }) => (contextWindow === undefined ? [id] : [])),
      }),
    }),
    logins: once(async () => loginsOf(options)),
    plans: async () => new Map(plans.all()),
    server: async () => ({
      version: health.version,
      uptimeMs: health.uptimeMs(),
      problem: health.problem(),
      loggedIn: health.loginStates.of(DEFAULT_PROFILE).login?.loggedIn,
      endedLogins: health.loginStates.loggedOut(),
      planUseRefused: health.stats.planUseRefused,
      authMode: config.authMode,
      busy: logins.busy,
      spares: logins.spares,
      ready: logins.ready,
      conversations: logins.conversations,
      machine: serverMachine(health.machine()),
      storage: health.storage(),
    }),
    // Reading every page would hold up requests; that was done at the start.
    database: once(async () => ({ kind: 'sound' as const, path: database.path, ...storeFacts(database.quick) })),
    disk: diskOf,
    availableMemory: () => process.availableMemory(),
  };
}

function serverMachine(machine: MachineHealth): ServerMachine {
  const { problem, openFiles, processes, outOfMemoryKills, temporaryFolder, reaper, troubles } = machine;
  const { ok, recreated, unstable } = temporaryFolder;
  const folder = { isFolderUsable: ok, recreated, unstable, hasReaper: reaper.ok };
  return { problem, openFiles, processes, outOfMemoryKills, ...folder, troubles };
}

async function loginsOf({ env, cli, health, signal }: DoctorBenchOptions): Promise<readonly ProfileLogin[]> {
  if (cli === undefined) return [];
  const profiles = profilesIn(health.config.home);
  const own = workerEnvironment(env, health.config.claudeEnv);
  return Promise.all(
    (await profiles.list()).map(async (profile) => ({
      profile,
      login:
        health.loginStates.of(profile).login ?? (await readLogin(cli.path, profiles.environment(profile, own), signal)),
    })),
  );
}
