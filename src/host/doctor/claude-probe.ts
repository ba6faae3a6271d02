import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findClaude } from '../../claude/binary.ts';
import { joinWithCli } from '../../claude/cli-models.ts';
import { workerEnvironment } from '../../claude/environment.ts';
import { readLogin } from '../../claude/login.ts';
import { loadModels, resolveModel } from '../../claude/models.ts';
import { profilesIn } from '../../claude/profiles.ts';
import { createRunFolder } from '../../claude/run-folder.ts';
import { claudeVersion } from '../../claude/version.ts';
import { StartGate } from '../../claude/start-gate.ts';
import { WorkerFactory } from '../../claude/worker-factory.ts';
import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/error.ts';
import type { ClaudeState, ProfileLogin, ProtocolState } from '../../doctor/bench.ts';
import { once } from '../../doctor/once.ts';

/** How long a worker may take to start and to answer, ms. */
const PROBE_MS = 30_000;

export interface ClaudeProbeOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly packageRoot: string;
  readonly signal: AbortSignal;
}

/** Finds the CLI as the server does, and asks it for its version. */
export async function probeClaude(options: ClaudeProbeOptions): Promise<ClaudeState> {
  const { config, env, packageRoot, signal } = options;
  const probe = once(async () => probeProtocol(options));
  try {
    const found = await findClaude({ claudeBin: config.claudeBin, path: env['PATH'], packageRoot });
    const version =
      found === undefined
        ? undefined
        : await claudeVersion(found.path, workerEnvironment(env, config.claudeEnv), signal);
    return { path: found?.path, source: found?.source, version, problem: undefined, probe };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { path: undefined, source: undefined, version: undefined, problem: error.message, probe };
  }
}

/** What the CLI says of the login of each profile. */
export async function probeLogins({
  config,
  env,
  packageRoot,
  signal,
}: ClaudeProbeOptions): Promise<readonly ProfileLogin[]> {
  const found = await findClaude({ claudeBin: config.claudeBin, path: env['PATH'], packageRoot });
  if (found === undefined) return [];
  const profiles = profilesIn(config.home);
  const own = workerEnvironment(env, config.claudeEnv);
  return Promise.all(
    (await profiles.list()).map(async (profile) => ({
      profile,
      login: await readLogin(found.path, profiles.environment(profile, own), signal),
    })),
  );
}

/** Starts one worker, asks it for its models, and ends it: no call of the API. */
async function probeProtocol({ config, env, packageRoot }: ClaudeProbeOptions): Promise<ProtocolState> {
  const found = await findClaude({ claudeBin: config.claudeBin, path: env['PATH'], packageRoot });
  const known = loadModels(JSON.parse(await readFile(join(packageRoot, 'models.json'), 'utf8')));
  const runFolder = await createRunFolder(tmpdir());
  const factory = new WorkerFactory({
    binary: () => found?.path ?? 'claude',
    env: workerEnvironment(env, config.claudeEnv),
    runFolder,
    workFolder: join(config.home, 'work'),
    onPlan: () => {},
    onFailure: () => {},
    starts: new StartGate(1),
    now: Date.now,
  });
  const worker = await factory.start(resolveModel(known, '').id);
  const timer = setTimeout(() => worker.kill(), PROBE_MS);
  try {
    const listed = (await worker.ask('list_models'))['models'];
    const joined = joinWithCli(known, Array.isArray(listed) ? (listed as readonly unknown[]) : []);
    const ids = new Set(known.models.map(({ id }) => id));
    return { problem: undefined, newModels: joined.models.map(({ id }) => id).filter((id) => !ids.has(id)) };
  } catch {
    return { problem: 'the Claude CLI does not speak the protocol of a worker', newModels: [] };
  } finally {
    clearTimeout(timer);
    worker.kill();
    await worker.ended;
    await factory.settled();
    await runFolder.close();
  }
}
