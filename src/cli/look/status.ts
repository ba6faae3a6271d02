import { inspectConfigFile } from '../../config/config-file.ts';
import { inheritedFrom } from '../../host/service/inherited.ts';
import { thisMachine } from '../../host/machine.ts';
import { serviceState } from '../../host/service/choose.ts';
import type { ServiceState } from '../../host/service/service.ts';
import type { CommandContext } from '../command.ts';
import { printFields } from '../output/fields.ts';
import { printJson } from '../output/json.ts';
import type { Cell } from '../output/table.ts';
import { UnreachableError } from '../remote/failure.ts';
import type { AskValues } from '../remote/options.ts';
import type { Remote } from '../remote/server.ts';
import { remoteServer } from '../remote/server.ts';
import { loginCell, printRecentErrors, profileFields, stateCell } from './health.ts';
import { statusAnswer } from './plan-answers.ts';
import { planFields } from './plan-text.ts';

/** What a script is told of the service: its environment holds keys. */
type ServiceSummary = Pick<ServiceState, 'kind' | 'isInstalled' | 'isRunning' | 'detail'> & {
  readonly pid: number | null;
  readonly restarts: number | null;
  readonly log: string;
};

/** `ocp status`. Contract: JSON, as scripts read it from a pipe; people at a terminal get lines. */
export async function showStatus(options: AskValues, context: CommandContext): Promise<number> {
  const remote = remoteServer(options, context);
  const service = await serviceOf(remote, context);
  const isJson = options.json === true || context.io.terminal === undefined;
  try {
    return await show(remote, service, isJson, context);
  } catch (error) {
    // Where nobody answers, the service may say why.
    if (error instanceof UnreachableError && service !== undefined) {
      if (isJson) printJson(context.io, { service });
      else {
        printFields(context.io, [
          ['Service', service.isInstalled ? serviceCell(service) : 'none: ocp setup makes one'],
          ['Its log', service.isInstalled ? service.log : undefined],
        ]);
      }
    }
    throw error;
  }
}

async function show(
  remote: Remote,
  service: ServiceSummary | undefined,
  isJson: boolean,
  { io }: CommandContext,
): Promise<number> {
  const { data, body } = await remote.ask('/status', statusAnswer);
  const { proxy, requests } = data;
  if (isJson) printJson(io, { ...(body as object), ...(service === undefined ? {} : { service }) });
  else {
    printFields(io, [
      ['OCP', `${proxy.version} at ${remote.url}`],
      ['Status', stateCell(proxy.status)],
      ['Service', service === undefined ? undefined : serviceCell(service)],
      ['Up', proxy.uptime],
      ['Login', loginCell({ ok: proxy.auth === 'ok' ? true : null, message: proxy.auth })],
      ...profileFields(proxy.logins ?? []),
      ['Requests', `${requests.total} in all, ${requests.active} running`],
      ['Failed', `${requests.errors}, and ${requests.timeouts} timed out`],
      ['Conversations', `${proxy.activeSessions} ready to go on`],
      ...planFields(data.plan),
    ]);
    printRecentErrors(io, data.recentErrors);
  }
  return proxy.status === 'ok' ? 0 : 1;
}

/** The service of this machine; undefined where the server is elsewhere, or nothing can be found out. */
async function serviceOf(
  remote: Remote,
  { env, packageRoot, io }: CommandContext,
): Promise<ServiceSummary | undefined> {
  if (!remote.isOwn) return undefined;
  try {
    const machine = thisMachine(env, packageRoot, io.signal);
    const state = await serviceState(machine);
    const { kind, isInstalled, isRunning, detail, pid, restarts, log } = state;
    const notes = inheritedFrom(state, inspectConfigFile(remote.home).values, machine.home).notes;
    if (isInstalled && notes.length > 0)
      io.stderr(`ocp: ${state.definition} says what belongs into config.json; at a restart: ${notes.join('; ')}`);
    return { kind, isInstalled, isRunning, detail, pid: pid ?? null, restarts: restarts ?? null, log };
  } catch {
    io.signal.throwIfAborted();
    return undefined;
  }
}

function serviceCell({ kind, isInstalled, isRunning, detail, pid, restarts }: ServiceSummary): Cell {
  if (!isInstalled) return 'none: OCP runs in the foreground';
  const parts = [
    ...(pid === null ? [] : [`process ${pid}`]),
    ...(restarts === null || restarts === 0 ? [] : [`started again ${restarts === 1 ? 'once' : `${restarts} times`}`]),
  ];
  const text = [`${kind}: ${detail}`, ...parts].join(', ');
  return isRunning ? text : { text, style: 'red' };
}
