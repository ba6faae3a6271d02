import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../machine.ts';
import type { Step } from '../steps.ts';
import { removeStep, textOf } from '../steps.ts';
import { definitionSteps, isOurDefinition } from './definition-steps.ts';
import { memoryLimit } from './memory-limit.ts';
import { serverCommand, serviceLog } from './server-command.ts';
import type { ServiceAction, ServiceOptions, ServiceState, ServiceWay } from './service.ts';
import { unitText, unitVariables } from './systemd-unit.ts';

const UNIT = 'ocp-proxy.service';
/** The unit of an early version of the product that inspired this one. */
const LEGACY = 'openclaw-proxy.service';
const QUESTION_MS = 10_000;
/** systemd's exit statuses for a process whose user or mount namespace could not be made. */
const namespaceFailures = new Set(['217', '226']);

/** A unit of the user's own systemd. */
export function systemdService(options: ServiceOptions): ServiceWay {
  const { machine, ocpHome } = options;
  const definition = systemdUnitPath(machine);
  const legacy = join(unitFolder(machine), LEGACY);
  const log = serviceLog(ocpHome);
  const systemctl = async (...args: readonly string[]) => ask(machine, 'systemctl', ['--user', ...args]);
  const run = (...args: readonly string[]) =>
    ({ kind: 'run', program: 'systemctl', args: ['--user', ...args] }) as const;

  const install = async (): Promise<readonly Step[]> => {
    const present = textOf(definition);
    const shared = {
      command: serverCommand(machine.packageRoot),
      log,
      memory: memoryLimit(options.file, machine.totalMemory),
      version: Number(/^systemd (\d+)/u.exec((await systemctl('--version')).stdout)?.[1] ?? 0),
      canNotify: (await ask(machine, 'systemd-notify', ['--version'])).code === 0,
      canHideTmp: await canHideTmp(present, systemctl),
    };
    const installed = { environment: unitVariables(present ?? ''), isOurs: isOurDefinition(present) };
    const write = definitionSteps(options, definition, installed, (environment) =>
      unitText({ ...shared, environment }),
    );
    const isEnabled = write.length === 0 && (await systemctl('is-enabled', UNIT)).stdout.trim() === 'enabled';
    return [
      ...(existsSync(legacy)
        ? ([
            { ...run('disable', '--now', LEGACY), mayFail: true },
            { kind: 'remove', path: legacy },
          ] as const)
        : []),
      ...logFolderStep(log),
      ...write,
      ...(write.length > 0 || existsSync(legacy) ? [run('daemon-reload')] : []),
      ...(isEnabled ? [] : [run('enable', UNIT)]),
    ];
  };

  const steps: Readonly<Record<ServiceAction, () => Promise<readonly Step[]>>> = {
    install,
    start: async () => [...(await install()), run('start', UNIT)],
    stop: async () => [run('stop', UNIT)],
    restart: async () => [...(await install()), run('restart', UNIT)],
    uninstall: async () => {
      const files = [...removeStep(definition), ...removeStep(legacy)];
      const disable = [UNIT, LEGACY]
        .filter((name) => existsSync(join(unitFolder(machine), name)))
        .map((name) => ({ ...run('disable', '--now', name), mayFail: true }) as const);
      return files.length === 0 ? [] : [...disable, ...files, { ...run('daemon-reload'), mayFail: true }];
    },
  };

  return {
    kind: 'systemd',
    plan: async (action) => steps[action](),
    state: async () => {
      const isInstalled = existsSync(definition);
      const outcome = await systemctl('show', UNIT, '--property=ActiveState,SubState,Result,MainPID,NRestarts');
      const shown = new Map(outcome.stdout.split('\n').map((line) => splitAt(line, '=')));
      const isRunning = shown.get('ActiveState') === 'active';
      const text = textOf(definition);
      const environment = unitVariables(text ?? '');
      const isOurs = isOurDefinition(text);
      const base = { kind: 'systemd', isInstalled, definition, environment, isOurs, log } as const;
      if (outcome.code !== 0) {
        const detail = isInstalled ? "unknown: the user's systemd does not answer" : 'not installed';
        return { ...base, isRunning: false, isComing: false, pid: undefined, restarts: undefined, detail };
      }
      const pid = Number(shown.get('MainPID') ?? 0);
      return {
        ...base,
        isRunning,
        isComing: isRunning || shown.get('ActiveState') === 'activating',
        pid: pid > 0 ? pid : undefined,
        restarts: Number(shown.get('NRestarts') ?? 0),
        detail: isInstalled ? detailOf(shown) : 'not installed',
      } satisfies ServiceState;
    },
  };
}

/** Where the unit lies. Contract: section "services". */
export function systemdUnitPath(machine: Pick<Machine, 'home' | 'env'>): string {
  return join(unitFolder(machine), UNIT);
}

/** Whether the user's systemd answers on this machine. */
export async function hasSystemd(machine: Machine): Promise<boolean> {
  return (await ask(machine, 'systemctl', ['--user', 'show-environment'])).code === 0;
}

/** Whether the user's services run from the start of the machine on, without a login; undefined when logind does not say. */
export async function isLingering(machine: Machine): Promise<boolean | undefined> {
  const { code, stdout } = await ask(machine, 'loginctl', ['show-user', machine.user, '--property=Linger']);
  return code === 0 ? stdout.trim() === 'Linger=yes' : undefined;
}

function unitFolder({ home, env }: Pick<Machine, 'home' | 'env'>): string {
  const configured = env['XDG_CONFIG_HOME'] ?? '';
  return join(configured.startsWith('/') ? configured : join(home, '.config'), 'systemd', 'user');
}

/** A unit that failed for want of a namespace is written without a /tmp of its own, and stays so. */
async function canHideTmp(
  present: string | undefined,
  systemctl: (...args: readonly string[]) => Promise<{ readonly stdout: string }>,
): Promise<boolean> {
  if (present === undefined || !present.includes('KillMode=mixed')) return true;
  if (!present.includes('\nPrivateTmp=true\n')) return false;
  const { stdout } = await systemctl('show', UNIT, '--property=ExecMainStatus', '--value');
  return !namespaceFailures.has(stdout.trim());
}

function logFolderStep(log: string): readonly Step[] {
  return existsSync(log) ? [] : [{ kind: 'write', path: log, text: '' }];
}

function detailOf(shown: ReadonlyMap<string, string>): string {
  const active = shown.get('ActiveState') ?? 'unknown';
  const reason = active === 'failed' ? shown.get('Result') : shown.get('SubState');
  return reason === undefined || reason === active ? active : `${active} (${reason})`;
}

function splitAt(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

async function ask(machine: Machine, program: string, args: readonly string[]) {
  return machine.run(program, args, { env: machine.env, timeoutMs: QUESTION_MS, signal: machine.signal });
}
