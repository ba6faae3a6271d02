import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { readConfiguration } from '../config/configuration.ts';
import { connectHost, connectOptions, connectSummary } from '../connect/options.ts';
import type { ConnectValues } from '../connect/run.ts';
import type { CommandContext } from './command.ts';
import { CommandError, command } from './command.ts';

/** `ocp connect`: the tools of this machine use the OCP of this machine, or of another. */
export const connectCommand = command({
  summary: connectSummary,
  description: [
    'Looks for the server, sets OPENAI_BASE_URL and OPENAI_API_KEY for shells and graphical programs, and writes the ' +
      'settings of every tool that it finds here. The models come from the server. What is set by hand is shown with the ' +
      'values to enter.',
    'Every file is copied before its first change; comments, order and what else stands in it are kept. --undo puts back ' +
      'what was there.',
  ],
  examples: [
    { line: 'ocp connect', does: 'use the server on this machine' },
    { line: 'ocp connect 192.168.1.100 --key ocp_…', does: 'use the server of another machine' },
    { line: 'ocp connect --dry-run --only opencode,codex', does: 'show what would change in the files of two tools' },
    { line: 'ocp connect --undo', does: 'put everything back' },
  ],
  arguments: [connectHost],
  options: connectOptions,
  run: async ({ options, words }, context) => run(words[0], options, context),
});

async function run(
  host: string | undefined,
  values: ConnectValues,
  { env, packageRoot, io }: CommandContext,
): Promise<number> {
  const { ConnectError } = await import('../connect/error.ts');
  const { runConnect } = await import('../connect/run.ts');
  const { machineOf } = await import('../connect/machine.ts');
  const { launchctl } = await import('../connect/environment/launchctl.ts');
  const { ocpVersion } = await import('./dispatch.ts');
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
