import { inspectConfigFile } from '../config/config-file.ts';
import { ocpHome } from '../config/configuration.ts';
import { localProvider } from '../connect/local-provider.ts';
import { machineOf } from '../connect/machine.ts';
import { openclawDrift } from '../connect/openclaw-registry.ts';
import { isConnected, undoConnect } from '../connect/undo.ts';
import type { Machine } from '../host/machine.ts';
import { thisMachine } from '../host/machine.ts';
import { homeContent, purgeSteps } from '../host/own-files.ts';
import { unlinkSteps } from '../host/path-link.ts';
import { chooseService } from '../host/service/choose.ts';
import type { ServiceKind } from '../host/service/service.ts';
import { isLingering } from '../host/service/systemd.ts';
import type { Step } from '../host/steps.ts';
import { describe, perform } from '../host/steps.ts';
import type { CommandContext, CommandIo } from './command.ts';
import { CommandError, UsageError } from './command.ts';
import { hostErrorsExplained } from './service/own-service.ts';
import { askerAt } from './setup/ask.ts';
import type { Asker } from './setup/ask.ts';

/** `ocp uninstall`. */
export async function runUninstall(
  options: UninstallContext['options'],
  { env, packageRoot, io }: CommandContext,
): Promise<number> {
  return uninstall({ options, machine: thisMachine(env, packageRoot, io.signal), io, ask: await askerAt(io) });
}

/** What it works with; tests bring their own. */
export interface UninstallContext {
  readonly options: { readonly purge?: boolean; readonly yes?: boolean; readonly 'dry-run'?: boolean };
  readonly machine: Machine;
  readonly io: CommandIo;
  readonly ask: Asker | undefined;
}

/** Raises UsageError, ConfigError and CommandError. */
export async function uninstall({ options, machine, io, ask }: UninstallContext): Promise<number> {
  const isPurge = options.purge === true;
  const home = ocpHome(machine.env, machine.home);
  const service = await chooseService({ machine, ocpHome: home, file: inspectConfigFile(home).values });
  const steps = [
    ...(isPurge ? disconnectSteps(machine) : []),
    ...(await service.plan('uninstall')),
    ...unlinkSteps(machine),
    ...(isPurge ? purgeSteps(home) : []),
  ];
  if (options['dry-run'] === true) {
    io.stdout(steps.length === 0 ? 'Nothing would change.' : 'This would be done:');
    for (const line of steps.flatMap(describe)) io.stdout(`  ${line}`);
    return 0;
  }
  if (steps.length > 0) await agreed({ isPurge, isYes: options.yes === true, home, ask, steps, io });
  await hostErrorsExplained(perform(steps, machine));
  io.stdout(steps.length === 0 ? 'There was nothing to uninstall.' : summaryOf(steps, isPurge));
  const left = await whatStays(machine, home, service.kind);
  if (left.length > 0) io.stdout('What stays:');
  for (const line of left) io.stdout(`  ${line}`);
  return 0;
}

/** Puts back what `ocp connect` changed for other tools, before its notes about that are removed. */
function disconnectSteps({ env, platform, home }: Machine): readonly Step[] {
  const tools = machineOf(env, platform, home);
  if (!isConnected(tools)) return [];
  const act = async (): Promise<void> => {
    const left = undoConnect(tools).files.find(({ outcome }) => outcome === 'left');
    if (left === undefined) return;
    throw new CommandError(
      `${left.path} could not be put back as it was: ${left.problem ?? ''}; nothing more was done`,
    );
  };
  return [{ kind: 'act', says: 'put back the settings of connected tools (ocp connect --undo)', act }];
}

interface Agreement {
  readonly isPurge: boolean;
  readonly isYes: boolean;
  readonly home: string;
  readonly ask: Asker | undefined;
  readonly steps: readonly Step[];
  readonly io: CommandIo;
}

/** Asks before anything is removed; of a purge, which cannot be undone, it lists what goes, and Enter alone means no. */
async function agreed({ isPurge, isYes, home, ask, steps, io }: Agreement): Promise<void> {
  if (isYes) return;
  if (ask === undefined) {
    if (isPurge) throw new UsageError('--purge removes keys and usage for good; without a terminal it needs --yes');
    return;
  }
  if (isPurge) {
    io.stdout('This goes for good:');
    for (const line of steps.filter(({ kind }) => kind === 'remove' || kind === 'act').flatMap(describe))
      io.stdout(`  ${line}`);
  }
  const question = isPurge
    ? `Remove OCP and all that it wrote in ${home}, keys and usage included?`
    : 'Stop OCP and remove its service?';
  if (!(await ask.confirm(question, !isPurge))) throw new CommandError('nothing was changed');
}

function summaryOf(steps: readonly Step[], isPurge: boolean): string {
  const removed = steps.flatMap((step) => (step.kind === 'remove' ? [step.path] : []));
  return `OCP is ${isPurge ? 'removed' : 'uninstalled'}: ${removed.length > 0 ? removed.join(', ') : 'its process has ended'}`;
}

/** What an uninstalled OCP leaves on the machine, with how it goes. */
async function whatStays(machine: Machine, home: string, kind: ServiceKind): Promise<string[]> {
  const { own, foreign } = homeContent(home);
  const lingers = kind === 'systemd' && (await isLingering(machine)) === true;
  const isStillConnected = isConnected(machineOf(machine.env, machine.platform, machine.home));
  return [
    ...(isStillConnected ? ['settings of the tools that were connected (ocp connect --undo)'] : []),
    ...(isKnownToOpenClaw(machine) ? [`the provider ${localProvider} in OpenClaw's openclaw.json`] : []),
    ...(own.length > 0 ? [`${home}: ${own.join(', ')} (ocp uninstall --purge)`] : []),
    ...(foreign.length > 0 ? [`${home}: ${foreign.join(', ')} (not written by OCP)`] : []),
    ...(lingers ? [`your services start with the machine (loginctl disable-linger ${machine.user})`] : []),
    `the program itself: ${machine.packageRoot}`,
    'the Claude CLI and its login',
  ];
}

/** Whether OpenClaw knows OCP by what setup wrote there. */
function isKnownToOpenClaw(machine: Machine): boolean {
  const { state } = openclawDrift(machine, []);
  return state === 'in-sync' || state === 'drift';
}
