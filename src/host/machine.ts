import { existsSync } from 'node:fs';
import { homedir, totalmem, userInfo } from 'node:os';
import { runProgram } from './run.ts';
import type { Run } from './run.ts';

/** What the operator's machine is to OCP; everything comes in, so that tests can stand for another machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** The user's home folder. */
  readonly home: string;
  readonly user: string;
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly run: Run;
  /** The folder of OCP's package.json. */
  readonly packageRoot: string;
  /** The Node that runs OCP. */
  readonly nodePath: string;
  /** Bytes. */
  readonly totalMemory: number;
  readonly signal: AbortSignal;
}

/** The machine that this process runs on. */
export function thisMachine(
  env: Readonly<Record<string, string | undefined>>,
  packageRoot: string,
  signal: AbortSignal,
): Machine {
  const { uid, username } = userInfo();
  return {
    platform: process.platform,
    home: env['HOME'] === undefined || env['HOME'] === '' ? homedir() : env['HOME'],
    user: username,
    uid,
    env: withRuntimeFolder(env, uid),
    run: runProgram,
    packageRoot,
    nodePath: process.execPath,
    totalMemory: totalmem(),
    signal,
  };
}

/** Without this variable, as after `su`, systemctl does not find the systemd of the user. */
function withRuntimeFolder(env: Machine['env'], uid: number): Machine['env'] {
  const folder = `/run/user/${uid}`;
  const isSet = (env['XDG_RUNTIME_DIR'] ?? '') !== '';
  return isSet || !existsSync(folder) ? env : { ...env, XDG_RUNTIME_DIR: folder };
}
