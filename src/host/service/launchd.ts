import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../machine.ts';
import type { Step } from '../steps.ts';
import { removeStep, textOf } from '../steps.ts';
import { definitionSteps, isOurDefinition } from './definition-steps.ts';
import { plistText, plistVariables } from './launchd-plist.ts';
import { serverCommand, serviceLog } from './server-command.ts';
import type { ServiceAction, ServiceOptions, ServiceWay } from './service.ts';

const LABEL = 'dev.ocp.proxy';
/** The agent of an early version of the product that inspired this one. */
const LEGACY = 'ai.openclaw.proxy';
const QUESTION_MS = 10_000;
/** launchd takes an agent again only once it has forgotten the one that was taken out, which it does in its own time. */
const LOAD_TRIES = 5;

/** A launchd agent of the user. */
export function launchdService(options: ServiceOptions): ServiceWay {
  const { machine, ocpHome } = options;
  const definition = launchdPlistPath(machine);
  const legacy = join(agentFolder(machine), `${LEGACY}.plist`);
  const log = serviceLog(ocpHome);
  const domain = `gui/${machine.uid}`;
  const target = `${domain}/${LABEL}`;
  const run = (...args: readonly string[]) => ({ kind: 'run', program: 'launchctl', args }) as const;
  const unload: Step = { ...run('bootout', target), mayFail: true };
  const load: Step = { ...run('bootstrap', domain, definition), tries: LOAD_TRIES };

  const install = async (): Promise<readonly Step[]> => {
    const present = textOf(definition);
    const installed = { environment: plistVariables(present ?? ''), isOurs: isOurDefinition(present) };
    const shared = { label: LABEL, command: serverCommand(machine.packageRoot), log, folder: machine.home };
    const removal: readonly Step[] = existsSync(legacy)
      ? [
          { ...run('bootout', `${domain}/${LEGACY}`), mayFail: true },
          { kind: 'remove', path: legacy },
        ]
      : [];
    return [
      ...removal,
      ...(existsSync(log) ? [] : [{ kind: 'write', path: log, text: '' } as const]),
      ...definitionSteps(options, definition, installed, (environment) => plistText({ ...shared, environment })),
    ];
  };
  const ask = async () =>
    machine.run('launchctl', ['print', target], { env: machine.env, timeoutMs: QUESTION_MS, signal: machine.signal });

  const steps: Readonly<Record<ServiceAction, () => Promise<readonly Step[]>>> = {
    install,
    start: async () => [
      ...(await install()),
      { ...run('enable', target), mayFail: true },
      ...((await ask()).code === 0 ? [run('kickstart', target)] : [load]),
    ],
    // Kept alive by launchd, it only stops when launchd forgets it; the next login or `ocp start` brings it back.
    stop: async () => [unload],
    restart: async () => [...(await install()), { ...run('enable', target), mayFail: true }, unload, load],
    uninstall: async () => {
      const files = [...removeStep(definition), ...removeStep(legacy)];
      if (files.length === 0) return [];
      return [
        unload,
        ...(existsSync(legacy) ? [{ ...run('bootout', `${domain}/${LEGACY}`), mayFail: true as const }] : []),
        ...files,
      ];
    },
  };

  return {
    kind: 'launchd',
    plan: async (action) => steps[action](),
    state: async () => {
      const isInstalled = existsSync(definition);
      const { code, stdout } = await ask();
      const state = /^\s*state = (.+)$/mu.exec(stdout)?.[1];
      const pid = /^\s*pid = (\d+)$/mu.exec(stdout)?.[1];
      const runs = /^\s*runs = (\d+)$/mu.exec(stdout)?.[1];
      const exit = /^\s*last exit code = (\d+)/mu.exec(stdout)?.[1];
      const isRunning = code === 0 && state === 'running';
      const ended = exit === undefined || exit === '0' || isRunning ? '' : ` (last exit status ${exit})`;
      const loaded = code === 0 ? `${state ?? 'loaded'}${ended}` : 'not loaded';
      return {
        kind: 'launchd',
        isInstalled,
        isRunning,
        isComing: code === 0,
        pid: isRunning && pid !== undefined ? Number(pid) : undefined,
        restarts: runs === undefined ? undefined : Math.max(0, Number(runs) - 1),
        detail: isInstalled ? loaded : 'not installed',
        definition,
        environment: plistVariables(textOf(definition) ?? ''),
        isOurs: isOurDefinition(textOf(definition)),
        log,
      };
    },
  };
}

/** Where the property list lies. Contract: section "services". */
export function launchdPlistPath(machine: Pick<Machine, 'home'>): string {
  return join(agentFolder(machine), `${LABEL}.plist`);
}

function agentFolder({ home }: Pick<Machine, 'home'>): string {
  return join(home, 'Library', 'LaunchAgents');
}
