import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tmpdir, totalmem } from 'node:os';
import type { Config } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/config.ts';
import type { RunningServer, ServeOptions } from '../../src/http/serve.ts';
import { startServer } from '../../src/http/serve.ts';
import type { Simulator, SimulatorOptions } from '../../simulator/index.ts';
import { startSimulator } from '../../simulator/index.ts';

export const packageRoot = resolve(import.meta.dirname, '../..');

/** The real CLI, which tells the simulator which worker it is. */
export const markedClaude = join(packageRoot, 'test/support/marked-claude');

/** What a test sets up: variables of OCP's environment, values that the environment may not have, the simulator's options. */
export interface OcpOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: Partial<Config>;
  readonly simulator?: SimulatorOptions;
  readonly limits?: ServeOptions['limits'];
  readonly now?: ServeOptions['now'];
}

/**
 * Room for one idle worker: what was just used is emptied and used again. Starting the CLI costs a second of a core; tests of
 * spares and of conversations side by side ask for more room.
 */
const ONE_WORKER_MB = 100;

/** OCP in this process, behind it the real CLI, behind that the simulator; with a home and a login of its own. */
export interface Ocp extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly simulator: Simulator;
  readonly server: RunningServer;
  /** Lines of OCP's log. */
  readonly log: readonly string[];
  readonly home: string;
  health(): Promise<Record<string, unknown>>;
  /** Stops OCP, once; the simulator stays. */
  stop(): Promise<void>;
}

/** The environment of an OCP whose CLI can only reach the simulator. Nothing of the test's own environment is in it. */
export function isolatedEnv(home: string, simulatorUrl: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    ...compileCache(),
    HOME: home,
    CLAUDE_CONFIG_DIR: join(home, 'claude'),
    CLAUDE_BIN: join(packageRoot, 'node_modules/.bin/claude'),
    ANTHROPIC_BASE_URL: simulatorUrl,
    ANTHROPIC_API_KEY: 'sk-ant-api03-fake',
    OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL,ANTHROPIC_API_KEY',
    OCP_HOME: join(home, 'ocp'),
  };
}

/** Where Node keeps what it has compiled, when `npm run test:run` says so: every process loads the same modules. */
function compileCache(): Record<string, string> {
  const folder = process.env['NODE_COMPILE_CACHE'];
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: resolve(packageRoot, folder) };
}

/**
 * Starts OCP on a free port; `await using` ends it with all that it started. Unless `sparesMemoryMb` says otherwise it keeps
 * one idle worker.
 */
export async function startOcp(options: OcpOptions = {}): Promise<Ocp> {
  const home = await mkdtemp(join(tmpdir(), 'ocp test '));
  const simulator = await startSimulator({ minimumCacheTokens: 0, ...options.simulator });
  const quick = join(packageRoot, 'test/support/quick-claude');
  const env = { ...isolatedEnv(home, simulator.url), CLAUDE_BIN: quick, ...options.env };
  const read = readConfig(env, { home, totalMemory: totalmem(), readAdminKey: () => undefined });
  const log: string[] = [];
  const stop = new AbortController();
  const starting = startServer({
    config: { ...read, sparesMemoryMb: ONE_WORKER_MB, ...options.config, port: 0 },
    env,
    packageRoot,
    io: { stdout: () => {}, stderr: (line) => void log.push(line), signal: stop.signal },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  // What is still open would keep the test file from ending, and its failure from being told.
  starting.catch(() => void simulator.close());
  const server = await starting;
  const url = `http://127.0.0.1:${server.started.port}`;
  let stopped: Promise<void> | undefined;
  const stopOnce = async (): Promise<void> => {
    stopped ??= server.stop();
    await stopped;
  };
  return {
    url,
    simulator,
    server,
    log,
    home,
    health: async () => (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>,
    stop: stopOnce,
    async [Symbol.asyncDispose]() {
      await stopOnce();
      await simulator.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
