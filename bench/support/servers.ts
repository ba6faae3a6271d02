import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { workerArguments } from '../../src/claude/arguments.ts';
import { onCore } from './cores.ts';
import type { Sandbox } from './sandbox.ts';

const ocp = join(import.meta.dirname, '..', '..', 'ocp');
/** Spares that OCP parks of the model that was used last. */
const FULL_POOL = 2;
/** How long OCP may take to fill its pool, ms: on a busy machine a process takes seconds to start. */
const CALM_TIMEOUT_MS = 60_000;
/** How often a server is asked about its state, ms. */
const POLL_MS = 10;
/** How much of a server's log is kept for when it does not start, characters. */
const LOG_LIMIT = 2000;

/** A server in a process of its own, as people run it. */
export interface ChildServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface OcpServer extends ChildServer {
  /** Resolves once the pool of spares is full, so many workers are ready for a known set-up, and nothing runs; else rejects. */
  calm(ready?: number): Promise<void>;
  origins(): Promise<Readonly<Record<string, number>>>;
}

/** `ocp simulate`: the Anthropic API without delays. */
export async function startSimulatorProcess(sandbox: Sandbox): Promise<ChildServer> {
  return startChild(['simulate', '--port', '0'], sandbox, {});
}

/** A proxy that does nothing but pass on. */
export async function startBareProxy(sandbox: Sandbox, target: string): Promise<ChildServer> {
  return startChild([join(import.meta.dirname, 'bare-proxy.ts'), target], sandbox, {}, process.execPath);
}

/** A server without OCP in it; see bare-server.ts. */
export async function startBareServer(sandbox: Sandbox, core: number): Promise<ChildServer> {
  return startChild([join(import.meta.dirname, 'bare-server.ts')], sandbox, {}, process.execPath, core);
}

/** The scripted CLI behind the least bridge there can be; see bare-bridge.ts. */
export async function startBareBridge(
  sandbox: Sandbox,
  cli: { readonly binary: string; readonly model: string },
  core: number,
): Promise<ChildServer> {
  const bridge = join(import.meta.dirname, 'bare-bridge.ts');
  return startChild([bridge, cli.binary, ...workerArguments(cli.model)], sandbox, {}, process.execPath, core);
}

/** `ocp serve` with its defaults, apart from what is given; on one core alone where `core` says which. */
export async function startOcp(
  sandbox: Sandbox,
  settings: Readonly<Record<string, string>>,
  { core }: { readonly core?: number } = {},
): Promise<OcpServer> {
  const env = { OCP_HOME: join(sandbox.folder, 'ocp'), CLAUDE_PROXY_PORT: '0', ...settings };
  const child = await startChild(['serve'], sandbox, env, ocp, core);
  const workers = async (): Promise<Workers> => {
    const response = await fetch(`${child.url}/health`);
    return ((await response.json()) as { readonly workers: Workers }).workers;
  };
  return {
    ...child,
    async calm(ready = 0) {
      const deadline = performance.now() + CALM_TIMEOUT_MS;
      for (;;) {
        const now = await workers();
        if (now.busy === 0 && now.spares === FULL_POOL && now.ready >= ready) return;
        if (performance.now() > deadline) throw new Error(`OCP does not come to rest: ${JSON.stringify(now)}`);
        await pause(POLL_MS);
      }
    },
    origins: async () => (await workers()).origins,
  };
}

/** What lets OCP's workers, or a CLI of its own, reach the simulator. */
export function simulatedLogin(simulatorUrl: string): Readonly<Record<string, string>> {
  return { ANTHROPIC_BASE_URL: simulatorUrl, ANTHROPIC_API_KEY: 'sk-ant-simulated' };
}

/** The same as settings of OCP, which passes on only what its operator lists. */
export function simulatedLoginOfOcp(simulatorUrl: string): Readonly<Record<string, string>> {
  return { ...simulatedLogin(simulatorUrl), OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL,ANTHROPIC_API_KEY' };
}

interface Workers {
  readonly busy: number;
  readonly spares: number;
  readonly ready: number;
  readonly origins: Readonly<Record<string, number>>;
}

/** Resolves when the server has told its address. Rejects with what it wrote when it ends instead. */
async function startChild(
  args: readonly string[],
  sandbox: Sandbox,
  settings: Readonly<Record<string, string>>,
  program = ocp,
  core?: number,
): Promise<ChildServer> {
  // Not a pipe: a server writes its log at once, and would wait for this process, which is busy measuring.
  const log = join(sandbox.workingDirectory(), 'log');
  const logFile = openSync(log, 'w');
  const [command, ...rest] = core === undefined ? [program, ...args] : onCore(core, program, args);
  const child = spawn(command, rest, {
    cwd: sandbox.folder,
    env: { ...sandbox.env, ...settings },
    stdio: ['ignore', 'pipe', logFile],
  });
  closeSync(logFile);
  // A run that is broken off leaves no server behind.
  const end = (): void => void child.kill('SIGTERM');
  process.once('exit', end);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void ended.then(() => process.off('exit', end));
  if (child.stdout === null) throw new Error('a child without a pipe');
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/u.exec(line);
      if (found !== null) resolve(found[0]);
    });
    child.once('error', reject);
    void ended.then(() => {
      const complaint = readFileSync(log, 'utf8').slice(-LOG_LIMIT);
      reject(new Error(`${args.join(' ')} ended: ${complaint}`));
    });
  });
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
