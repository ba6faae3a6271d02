import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ClaudeBinary } from '../../claude/binary.ts';
import { findClaude } from '../../claude/binary.ts';
import { workerEnvironment } from '../../claude/environment.ts';
import type { Login } from '../../claude/login.ts';
import { readLogin } from '../../claude/login.ts';
import { claudeVersion, cliProblem } from '../../claude/version.ts';
import type { Config } from '../../config/config.ts';
import type { Machine } from '../../host/machine.ts';
import { CommandError } from '../command.ts';

const BYTES_PER_MB = 1_048_576;
/** What OCP needs at least for its database and logs, MB. */
const LEAST_DISK_MB = 200;
const OLDEST_NODE = 24;

/** The CLI that will be driven. */
export interface CheckedCli extends ClaudeBinary {
  readonly version: string;
  /** The environment that it will have. */
  readonly env: Readonly<Record<string, string>>;
}

/** The version of Node. Raises CommandError for one that cannot run OCP. */
export function checkNode(version = process.versions.node): string {
  if (Number(version.split('.')[0]) >= OLDEST_NODE) return `Node ${version}`;
  throw new CommandError(`OCP needs Node ${OLDEST_NODE} or newer, and this is ${version}: https://nodejs.org`);
}

/** Free space where OCP keeps its data. Raises CommandError when it is too little to begin with. */
export async function checkDisk(ocpHome: string): Promise<string> {
  let folder = ocpHome;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / BYTES_PER_MB);
  if (free >= LEAST_DISK_MB)
    return free > 2048 ? `${Math.floor(free / 1024)} GB of disk are free` : `${free} MB of disk are free`;
  throw new CommandError(`only ${free} MB are free where OCP keeps its data (${ocpHome}); it needs ${LEAST_DISK_MB}`);
}

/** Finds the CLI, in the environment that the server will have. Raises CommandError and ConfigError. */
export async function checkCli(config: Config, machine: Machine, environment: Machine['env']): Promise<CheckedCli> {
  const { env, packageRoot, signal } = machine;
  const cli = await findClaude({ claudeBin: config.claudeBin, path: env['PATH'], packageRoot });
  const workerEnv = workerEnvironment({ ...env, ...environment }, config.claudeEnv);
  const version = cli === undefined ? undefined : await claudeVersion(cli.path, workerEnv, signal);
  const problem = cliProblem(cli, version);
  if (problem !== undefined || cli === undefined || version === undefined) {
    throw new CommandError(problem ?? 'the Claude CLI was not found');
  }
  return { ...cli, version, env: workerEnv };
}

/** Whether that CLI is logged in. */
export async function checkLogin(cli: CheckedCli, signal: AbortSignal): Promise<Login> {
  return readLogin(cli.path, cli.env, signal);
}
