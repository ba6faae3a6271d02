import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RequestRecord, Simulator, SimulatorOptions } from '../../../simulator/index.ts';
import { startSimulator } from '../../../simulator/index.ts';
import { flag, workerArguments, workerSwitches } from '../../../src/claude/arguments.ts';
import type { ServerPowers } from '../../../src/claude/arguments.ts';
import { Cli } from './cli.ts';

/** The CLI that is tried: the pinned one, or the one that ALIGNMENT_CLI names. */
export const binary: string =
  process.env['ALIGNMENT_CLI'] ?? resolve(import.meta.dirname, '../../../node_modules/.bin/claude');

/** What most tests ask for. */
export const model = 'claude-sonnet-4-6';

/** Logins that no server but the simulator takes. */
export const apiKey = { ANTHROPIC_API_KEY: 'sk-ant-api03-fake' } as const;
export const subscription = { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake' } as const;

export interface StartOptions {
  readonly model?: string;
  readonly powers?: ServerPowers;
  /** Instead of an API key. */
  readonly login?: Readonly<Record<string, string>>;
  /** Over the switches of a worker; a switch that is undefined is left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Behind the arguments of a worker. */
  readonly args?: readonly string[];
  /** Instead of the arguments of a worker. */
  readonly onlyArgs?: readonly string[];
}

/** A home, a simulator, and CLI processes between them; nothing of this machine's login or settings can reach the CLI. */
export interface Site {
  readonly home: string;
  readonly simulator: Simulator;
  /** Starts the CLI as OCP starts a worker, in an empty folder of its own. */
  start(options?: StartOptions): Cli;
  /** Runs a command of the CLI that answers and ends. */
  run(args: readonly string[], login?: Readonly<Record<string, string>>): Promise<{ code: number; stdout: string }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openSite(options: SimulatorOptions = {}): Promise<Site> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'alignment-')));
  const simulator = await startSimulator({ minimumCacheTokens: 0, ...options });
  const processes: Cli[] = [];
  const base = {
    PATH: '/usr/bin:/bin',
    HOME: home,
    CLAUDE_CONFIG_DIR: join(home, 'config'),
    ANTHROPIC_BASE_URL: simulator.url,
    TMPDIR: home,
  };
  return {
    home,
    simulator,
    start(wanted = {}) {
      const cwd = join(home, `work-${processes.length + 1}`);
      mkdirSync(cwd);
      const own = workerArguments(wanted.model ?? model, wanted.powers);
      const args = wanted.onlyArgs ?? [...own.filter(isKnown), ...(wanted.args ?? [])];
      const env = { ...base, ...workerSwitches, ...(wanted.login ?? apiKey), ...wanted.env };
      const cli = new Cli({ path: binary, args, cwd, env: withoutUndefined(env) });
      processes.push(cli);
      return cli;
    },
    run: async (args, login = {}) =>
      new Promise((done) => {
        const env = withoutUndefined({ ...base, ...workerSwitches, ...login });
        const child = execFile(binary, [...args], { env, cwd: home, timeout: 20_000 }, (error, stdout) => {
          done({ code: error === null ? 0 : Number(error.code ?? -1), stdout });
        });
        child.stdin?.end();
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all(processes.map(async (cli) => cli.stop()));
      await simulator.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/**
 * Flags that this CLI does not know (ALIGNMENT_WITHOUT, separated by blanks): the run over many versions finds them out
 * first, so that the other tests still tell what such a version can do.
 */
const missing = new Set((process.env['ALIGNMENT_WITHOUT'] ?? '').split(' '));

function isKnown(argument: string): boolean {
  return !missing.has(argument.replace(/=.*/su, ''));
}

function withoutUndefined(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The one flag that names the model, for tests that start the CLI with arguments of their own. */
export const modelFlag: string = flag('--model', model);

/** Whether a request is none of the Messages endpoint. Older versions open the connection ahead by a HEAD, which tells nobody anything. */
export function isNotOfAnAnswer({ method, path }: RequestRecord): boolean {
  return path !== '/v1/messages' && method !== 'HEAD';
}
