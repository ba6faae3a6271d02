import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { readConfiguration } from '../config/configuration.ts';
import { launchctl } from '../connect/environment/launchctl.ts';
import { ConnectError } from '../connect/error.ts';
import { machineOf } from '../connect/machine.ts';
import type { ConnectValues } from '../connect/run.ts';
import { runConnect } from '../connect/run.ts';
import type { CommandContext } from './command.ts';
import { CommandError } from './command.ts';
import { ocpVersion } from './dispatch.ts';

/** `ocp connect`. */
export async function connect(
  host: string | undefined,
  values: ConnectValues,
  { env, packageRoot, io }: CommandContext,
): Promise<number> {
  const isInteractive = io.terminal?.interactive === true;
  try {
    return await runConnect(host, values, {
      machine: machineOf(env, process.platform, homedir()),
      version: ocpVersion(packageRoot),
      print: io.stdout,
      asker: isInteractive ? (await import('./clack-asker.ts')).clackAsker : undefined,
      launchctl,
      signal: io.signal,
      local: host === undefined && values.undo !== true ? ownServer(env) : { url: '' },
    });
  } catch (error) {
    throw error instanceof ConnectError ? new CommandError(error.message) : error;
  }
}

/** The server that this machine's configuration describes, and the key that all its callers share. */
function ownServer(env: CommandContext['env']): { url: string; key?: string } {
  const { config } = readConfiguration(env);
  const { bind, port, authMode, sharedKey } = config;
  const host = bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind;
  const url = `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  return authMode === 'shared' && sharedKey !== undefined ? { url, key: sharedKey } : { url };
}
