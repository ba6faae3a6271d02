import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { findClaude } from '../claude/binary.ts';
import { MINIMUM_CLAUDE_VERSION, isSupportedVersion } from '../claude/version.ts';
import { readConfig } from '../config/config.ts';
import type { CommandContext } from './command.ts';

/** Milliseconds between two tokens of the simulator: slow enough to see that the words come one by one. */
const tokenDelayMs = 25;
/** How long the first spare may take, ms; after that the question is asked without one. */
const longestSpareWait = 8_000;
const spareInterval = 25;

export interface DemoStackOptions {
  readonly context: CommandContext;
  /** The port that OCP should have; another one when it is taken, any free one when 0. */
  readonly port: number;
  /** What the simulator answers to certain questions; to all others it answers with an echo. */
  readonly script: readonly { readonly question: string; readonly answer: string }[];
}

/** A simulator, the real CLI, and OCP in front of it, with a home of their own that goes with them. */
export interface DemoStack extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  readonly simulatorUrl: string;
  readonly cliVersion: string;
  /** Resolves when a spare is there, with the ms since the server was started; undefined when none came in time. */
  spareReady(): Promise<number | undefined>;
}

/** Starts it all. Raises an error when there is no CLI that can be used; nothing is left behind then. */
export async function startDemoStack({ context, port, script }: DemoStackOptions): Promise<DemoStack> {
  const { packageRoot, io } = context;
  const { startServer } = await import('../http/serve.ts');
  const { startSimulator, textAnswer } = await import('../../simulator/index.ts');
  await using starting = new AsyncDisposableStack();

  const home = await mkdtemp(join(tmpdir(), 'ocp-demo-'));
  starting.defer(async () => rm(home, { recursive: true, force: true, maxRetries: 3 }));
  const simulator = starting.use(
    await startSimulator({
      tokenDelayMs,
      script: script.map(({ question, answer }) => ({ when: { text: question }, reply: textAnswer(answer) })),
    }),
  );
  const env = await demoEnvironment(context, home, simulator.url);
  const startedAt = performance.now();
  const server = await startServer({
    config: {
      ...readConfig(env, { home, totalMemory: totalmem(), readAdminKey: () => undefined }),
      port: (await isFree(port)) ? port : 0,
    },
    env,
    packageRoot,
    io: { ...io, stderr: () => {} },
  });
  starting.defer(async () => server.stop());
  const { cliVersion, port: bound } = server.started;
  if (cliVersion === undefined) throw new Error('the Claude CLI does not run; try it with --version');
  if (!isSupportedVersion(cliVersion)) {
    throw new Error(`the Claude CLI is ${cliVersion}, but OCP needs ${MINIMUM_CLAUDE_VERSION} or newer`);
  }
  const url = `http://127.0.0.1:${bound}`;
  const running = starting.move();
  return {
    url,
    port: bound,
    simulatorUrl: simulator.url,
    cliVersion,
    async spareReady() {
      for (;;) {
        if ((await countSpares(url)) > 0) return performance.now() - startedAt;
        if (performance.now() - startedAt > longestSpareWait) return undefined;
        await delay(spareInterval, undefined, { signal: io.signal });
      }
    },
    [Symbol.asyncDispose]: async () => running.disposeAsync(),
  };
}

/**
 * All that OCP and its CLI see: nothing of the caller's environment but the search path and the choice of the CLI, so that
 * no login, proxy or address of theirs can be used. The CLI that npm installed comes first, as the demo is made for it.
 */
async function demoEnvironment(
  { env, packageRoot }: CommandContext,
  home: string,
  simulatorUrl: string,
): Promise<Record<string, string>> {
  const path = env['PATH'];
  const claudeBin = env['CLAUDE_BIN'] === '' ? undefined : env['CLAUDE_BIN'];
  const cli =
    (await findClaude({ claudeBin, path: undefined, packageRoot })) ??
    (await findClaude({ claudeBin: undefined, path, packageRoot }));
  if (cli === undefined) throw new Error('there is no Claude CLI; npm ci installs one');
  const temporary = join(home, 'tmp');
  await mkdir(temporary);
  return {
    PATH: path ?? '/usr/bin:/bin',
    HOME: home,
    TMPDIR: temporary,
    CLAUDE_BIN: cli.path,
    CLAUDE_CONFIG_DIR: join(home, 'claude'),
    ANTHROPIC_BASE_URL: simulatorUrl,
    ANTHROPIC_API_KEY: 'sk-ant-api03-demo',
    OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL,ANTHROPIC_API_KEY',
    OCP_HOME: join(home, 'ocp'),
  };
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

const healthPart = z.object({ workers: z.object({ spares: z.number() }) });

async function countSpares(url: string): Promise<number> {
  const response = await fetch(`${url}/health`);
  return healthPart.parse(await response.json()).workers.spares;
}
