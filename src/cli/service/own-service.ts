import { inspectConfigFile } from '../../config/config-file.ts';
import { baseUrl } from '../../config/base-url.ts';
import { ocpHome } from '../../config/configuration.ts';
import { HostError } from '../../host/error.ts';
import type { Machine } from '../../host/machine.ts';
import { thisMachine } from '../../host/machine.ts';
import type { ServerHealth } from '../../host/server-answer.ts';
import { waitForServer, whoAnswers } from '../../host/server-answer.ts';
import { chooseService } from '../../host/service/choose.ts';
import type { Service } from '../../host/service/service.ts';
import { inheritedFrom } from '../../host/service/inherited.ts';
import { serviceAddress } from '../../host/service/unit-environment.ts';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command.ts';

/** The service of this machine, and where its server listens. */
export interface OwnService {
  readonly machine: Machine;
  readonly home: string;
  readonly service: Service;
  /** `http://127.0.0.1:3456` */
  readonly url: string;
  /** What its definition still says that belongs into config.json, and what becomes of it; one line each. */
  readonly notes: readonly string[];
}

/** How long a server may take from its start to its first answer, ms: it asks the CLI for its version and login first. */
const READY_MS = 60_000;
/** How much a clock may differ when the age of a server is compared, ms. */
const SLACK_MS = 500;

/**
 * Finds the service; a configuration file that cannot be used keeps nobody from that. `machine` is another one in tests. Raises
 * ConfigError where OCP_HOME is unusable.
 */
export async function ownService(
  context: CommandContext,
  machine = thisMachine(context.env, context.packageRoot, context.io.signal),
): Promise<OwnService> {
  const home = ocpHome(machine.env, machine.home);
  const { values: file } = inspectConfigFile(home);
  const service = await chooseService({ machine, ocpHome: home, file });
  const state = await service.state();
  const inherited = state.isInstalled ? inheritedFrom(state, file, machine.home) : undefined;
  const { address, port } = serviceAddress({ ...inherited?.moved, ...file });
  return { machine, home, service, url: baseUrl(address, port), notes: inherited?.notes ?? [] };
}

/**
 * Starts or restarts the service and waits until the new server answers. Raises CommandError, which says where to look, when
 * it does not, or when another program has its port.
 */
export async function bringUp(
  { machine, service, url }: Pick<OwnService, 'machine' | 'service' | 'url'>,
  action: 'start' | 'restart',
): Promise<ServerHealth> {
  const before = await service.state();
  if (!before.isRunning) {
    const answer = await whoAnswers(url, machine.signal);
    if (answer.kind === 'ocp')
      throw new CommandError(`another OCP answers at ${url} already; stop it first (Ctrl-C where ocp serve runs)`);
    if (answer.kind === 'other')
      throw new CommandError(`another program has the port of ${url}; choose another with ocp setup --port`);
  }
  if (before.isRunning && action === 'start') {
    const answer = await whoAnswers(url, machine.signal);
    if (answer.kind === 'ocp') return answer.health;
  }
  const began = performance.now();
  await hostErrorsExplained(startOrLearn(service, action));
  const health = await waitForServer({
    url,
    // At a start nobody answered before; at a restart the old server may answer once more.
    youngerThan: () => (action === 'start' ? Infinity : performance.now() - began + SLACK_MS),
    timeoutMs: READY_MS,
    signal: machine.signal,
    isComing: async () => (await service.state()).isComing,
  });
  if (health !== undefined) return health;
  const { detail, log } = await service.state();
  throw new CommandError(`the server does not answer at ${url} (${service.kind}: ${detail}); ${log} says why`);
}

/** Turns what the machine refused into one line for the operator. */
export async function hostErrorsExplained<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw error instanceof HostError ? new CommandError(error.message) : error;
  });
}

/** A way of running that has learned from a failure what this machine cannot do plans anew, and is tried once more. */
async function startOrLearn(service: Service, action: 'start' | 'restart'): Promise<void> {
  try {
    await service[action]();
  } catch (error) {
    const hasLearned = (await service.plan('install')).some((step) => step.kind === 'write');
    if (!(error instanceof HostError) || !hasLearned) throw error;
    await service.restart();
  }
}
