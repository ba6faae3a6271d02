import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { isolatedEnv, packageRoot } from './ocp.ts';
import { temporaryFolder } from './temporary.ts';

/** A folder that everything of one OCP lives in, so that what it leaves behind can be found. */
export interface Site {
  readonly env: Readonly<Record<string, string>>;
  /** What OCP and its workers put their temporary files into. */
  readonly temporary: string;
  /** Every process that belongs to this OCP, itself and its reaper included. */
  readonly processes: () => readonly SiteProcess[];
  /** Folders of workers. */
  readonly runFolders: () => readonly string[];
}

export interface SiteProcess {
  readonly pid: number;
  /** `question` is a run of the CLI that is no worker. */
  readonly role: 'ocp' | 'worker' | 'reaper' | 'question' | 'other';
  readonly cwd: string;
}

/** Makes such a folder; after the test it is removed, and whatever still runs in it is killed. */
export function createSite(t: TestContext, simulatorUrl: string, env: Readonly<Record<string, string>> = {}): Site {
  const folder = temporaryFolder(t);
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const site: Site = {
    temporary,
    env: {
      ...isolatedEnv(folder, simulatorUrl),
      TMPDIR: temporary,
      CLAUDE_PROXY_PORT: '0',
      // One idle worker, unless a test needs more: starting the CLI is dear.
      OCP_SPARES_MEMORY_MB: '100',
      ...env,
    },
    processes: () => processesOf(temporary),
    runFolders: () => readdirSync(temporary).filter((name) => name.startsWith('w-')),
  };
  t.after(() => {
    for (const { pid } of site.processes()) kill(pid);
  });
  return site;
}

/** `./ocp serve` as a process of its own. */
export interface ServeProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  /** Whole lines so far. */
  readonly stderr: readonly string[];
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** What a shell sets before it becomes OCP. */
export interface LaunchLimits {
  /** How many files it may have open. */
  readonly openFiles?: number;
}

/** Starts OCP and does not wait for it. */
export function launch(
  site: Pick<Site, 'env'>,
  { openFiles }: LaunchLimits = {},
): {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly listening: Promise<string>;
  readonly stderr: readonly string[];
} {
  const ocp = join(packageRoot, 'ocp');
  const [program, args] =
    openFiles === undefined
      ? [ocp, ['serve']]
      : ['/bin/sh', ['-c', 'ulimit -n "$1"; exec "$0" serve', ocp, String(openFiles)]];
  const child = spawn(program, args, { env: site.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: string[] = [];
  const stderr: string[] = [];
  let listen: (url: string) => void = () => {};
  const listening = new Promise<string>((resolve) => {
    listen = resolve;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout.push(line);
    const url = /listens on (http:\S+)/u.exec(line)?.[1];
    if (url !== undefined) listen(url);
  });
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended, listening, stderr };
}

/** Starts OCP; resolves when it listens. */
export async function serve(site: Pick<Site, 'env'>, limits?: LaunchLimits): Promise<ServeProcess> {
  const { child, ended, listening, stderr } = launch(site, limits);
  const url = await Promise.race([listening, ended]);
  assert.ok(typeof url === 'string', `OCP did not start: ${JSON.stringify(url)}`);
  assert.ok(child.pid !== undefined);
  return { child, pid: child.pid, url, stderr, ended };
}

/** Kills a process that may be gone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was.
  }
}

function processesOf(temporary: string): readonly SiteProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        if (/^[ZX]/u.test(stat.slice(stat.lastIndexOf(')') + 2))) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        const isOurs =
          command.includes(temporary) || readFileSync(`/proc/${name}/environ`, 'utf8').includes(`TMPDIR=${temporary}`);
        return isOurs ? [{ pid: Number(name), role: roleOf(command), cwd: readlinkSync(`/proc/${name}/cwd`) }] : [];
      } catch {
        return [];
      }
    });
}

function roleOf(command: string): SiteProcess['role'] {
  if (command.includes('--input-format=stream-json')) return 'worker';
  if (command.includes('ocp-reaper')) return 'reaper';
  if (/cli\/main\.[tj]s|\/ocp\0/u.test(command)) return 'ocp';
  return /\bclaude(?:\.exe)?\0/u.test(command) ? 'question' : 'other';
}
