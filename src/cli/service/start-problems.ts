import { findClaude } from '../../claude/binary.ts';
import { ConfigError } from '../../config/error.ts';
import { runningServerRecord } from '../../config/server-record.ts';
import { readableConfiguration, readableFile, serviceEnvironment } from '../../host/doctor/configuration.ts';
import type { Machine } from '../../host/machine.ts';
import { portProblem } from '../../host/port.ts';
import { inheritedFrom } from '../../host/service/inherited.ts';
import type { ServiceState } from '../../host/service/service.ts';
import { configuredModels } from '../../http/configured-models.ts';

/**
 * Why a server would not start with the configuration as it is now, one line each; empty where it would. It is asked before
 * anything that runs is stopped.
 */
export async function startProblems(machine: Machine, state: ServiceState): Promise<readonly string[]> {
  const found = readableFile(machine.env, machine.home);
  const inherited = state.isInstalled ? inheritedFrom(state, found.file, machine.home) : undefined;
  const file = { ...inherited?.moved, ...found.file };
  const given = serviceEnvironment(machine.env, inherited?.kept ?? {}, file);
  const { config, env, problems } = readableConfiguration(given, { ...found, file }, machine);
  const more = await Promise.all([
    reasonOf(async () =>
      findClaude({ claudeBin: config.claudeBin, path: env['PATH'], packageRoot: machine.packageRoot }),
    ),
    reasonOf(async () => configuredModels(machine.packageRoot, config)),
    listenProblem(config.bind, config.port, found.home, state),
  ]);
  return [...problems, ...more.filter((reason) => reason !== undefined)];
}

async function reasonOf(read: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}

/** Who has a port that is taken is found out at the start; here only what the server that runs would lose by a restart. */
async function listenProblem(
  bind: string,
  port: number,
  home: string,
  { isRunning }: ServiceState,
): Promise<string | undefined> {
  if (port === 0) return undefined;
  const code = await portProblem(bind, port);
  if (code === undefined) return undefined;
  if (code !== 'EADDRINUSE')
    return `nothing can listen on ${bind}, port ${port} (${code}): see CLAUDE_BIND and CLAUDE_PROXY_PORT`;
  const isOwn = !isRunning || (runningServerRecord(home)?.port ?? port) === port;
  return isOwn ? undefined : `another program has port ${port}: choose another CLAUDE_PROXY_PORT`;
}
