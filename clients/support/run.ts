import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const installed = resolve(import.meta.dirname, '../node_modules');
const packageRoot = resolve(import.meta.dirname, '../..');

/** How a client is started. */
export interface Start {
  readonly cwd: string;
  readonly home: string;
  /** The whole environment beside PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** Ms until it is ended by force; 240 000 unless given. */
  readonly timeoutMs?: number;
}

/** How a client ended. */
export interface Run {
  /** The exit code; null when it was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Path of a client's program, as npm installed it. */
export function clientBinary(name: string): string {
  return join(installed, '.bin', name);
}

/** A client that is published as one package for each platform; here the one for Linux on x64. */
export interface PlatformClient {
  readonly packageName: string;
  readonly program: string;
  /** Says why the client cannot be tried; absent where it can. */
  readonly skip?: string;
}

/** Finds a client that npm leaves out on every other platform. */
export function platformClient(packageName: string, path: string): PlatformClient {
  const isHere = process.platform === 'linux' && process.arch === 'x64';
  const skip = isHere ? {} : { skip: `${packageName} is not for this platform` };
  return { packageName, program: join(installed, packageName, path), ...skip };
}

/** Path of the Claude CLI that OCP itself comes with. */
export const claudeBinary: string = join(packageRoot, 'node_modules/.bin/claude');

/**
 * Runs a client to its end, with stdin closed and nothing of this process's environment. What it leaves behind in its
 * process group is ended with it.
 */
export async function run(program: string, args: readonly string[], start: Start): Promise<Run> {
  const child = spawn(program, args, {
    cwd: start.cwd,
    env: clientEnvironment(start),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child.pid);
  }, start.timeoutMs ?? 240_000);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    // A daemon that holds the pipes open would keep the output from ending.
    endGroup(child.pid);
    const [stdout, stderr] = await output;
    return { code, stdout, stderr, timedOut };
  } finally {
    clearTimeout(timer);
  }
}

/** All that a client gets to see of an environment. */
export function clientEnvironment(start: Start): Record<string, string> {
  return { PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, HOME: start.home, ...start.env };
}

/** Ends a process that leads a group, with all that is left in it. */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
