import type { CommandContext } from '../command.ts';
import { ConfigError } from '../../config/error.ts';
import { CommandError } from '../command.ts';
import { startProblems } from './start-problems.ts';
import { bringUp, hostErrorsExplained, ownService } from './own-service.ts';

const GATEWAY_MS = 120_000;

/** `ocp start` and `ocp restart`. */
export async function up(context: CommandContext, action: 'start' | 'restart'): Promise<number> {
  const own = await ownService(context);
  const state = await own.service.state();
  const { kind, isInstalled } = state;
  if (kind !== 'background' && !isInstalled)
    throw new CommandError('OCP is not installed as a service; ocp setup does that');
  refuseUnusable(await startProblems(own.machine, state), state.isRunning, context.io);
  for (const note of own.notes) context.io.stdout(note);
  const health = await bringUp(own, action);
  const { pid } = await own.service.state();
  context.io.stdout(
    `OCP ${health.version} answers at ${own.url} (${kind}${pid === undefined ? '' : `, process ${pid}`})`,
  );
  if (kind === 'background') {
    context.io.stdout('It does not start with the machine: there is neither a systemd of the user nor launchd here.');
  }
  return 0;
}

/** Raises ConfigError with the last of the problems; the others go to the standard error output before it. */
function refuseUnusable(
  problems: readonly string[],
  isRunning: boolean,
  { stderr }: Pick<CommandContext['io'], 'stderr'>,
): void {
  const last = problems.at(-1);
  if (last === undefined) return;
  for (const problem of problems.slice(0, -1)) stderr(`ocp: ${problem}`);
  const left = isRunning ? 'the server was not restarted and keeps running as it was' : 'the server was not started';
  throw new ConfigError('config.json', `${last}; ${left}`);
}

/** `ocp stop`. */
export async function stop(context: CommandContext): Promise<number> {
  const { service } = await ownService(context);
  const { isComing, isInstalled } = await service.state();
  if (!isComing) {
    context.io.stdout(isInstalled ? 'OCP is not running.' : 'OCP is not installed as a service.');
    return 0;
  }
  await hostErrorsExplained(service.stop());
  context.io.stdout('OCP has stopped.');
  return 0;
}

/** `ocp restart gateway`. */
export async function restartGateway(context: CommandContext): Promise<number> {
  const { machine } = await ownService(context);
  const options = { env: machine.env, timeoutMs: GATEWAY_MS, signal: machine.signal };
  const { code, stdout, stderr } = await machine.run('openclaw', ['gateway', 'restart'], options);
  machine.signal.throwIfAborted();
  for (const line of stdout.split('\n').filter(Boolean)) context.io.stdout(line);
  for (const line of stderr.split('\n').filter(Boolean)) context.io.stderr(line);
  if (code === undefined) throw new CommandError('openclaw could not be run: is OpenClaw installed, and on the PATH?');
  return code === 0 ? 0 : 1;
}
