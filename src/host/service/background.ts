import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HostError } from '../error.ts';
import type { Step } from '../steps.ts';
import { removeStep } from '../steps.ts';
import { definitionSteps } from './definition-steps.ts';
import type { Mark, Status } from './background-files.ts';
import { definitionPath, definitionText, isAlive, readDefinition, readStatus, statusPath } from './background-files.ts';
import { serverCommand, serviceLog } from './server-command.ts';
import type { ServiceAction, ServiceOptions, ServiceState, ServiceWay } from './service.ts';
import { makeFolders } from '../../config/folder.ts';

const POLL_MS = 50;
/** How long the supervisor may take to take its PID file, ms. */
const START_MS = 60_000;
/** How long it may take to end, ms: longer than the server has for its answers. */
const STOP_MS = 25_000;

/** What a process on this machine needs besides what the service says: the user's own, as a login gives it. */
const inherited = /^(?:HOME|USER|LOGNAME|SHELL|TMPDIR|LANG|LANGUAGE|TZ|LC_\w+|XDG_\w+)$/u;

/** A process that OCP itself supervises, for machines with neither systemd nor launchd. It does not start with the machine. */
export function backgroundService(options: ServiceOptions): ServiceWay {
  const { machine, ocpHome } = options;
  const definition = definitionPath(ocpHome);
  const log = serviceLog(ocpHome);

  const install = (): readonly Step[] => {
    const old = readDefinition(ocpHome)?.environment ?? {};
    const ownOld = Object.fromEntries(Object.entries(old).filter(([name]) => !inherited.test(name)));
    const login = Object.entries(machine.env).flatMap(([name, value]) =>
      inherited.test(name) && value !== undefined ? [[name, value] as const] : [],
    );
    const shared = { command: [...serverCommand(machine.packageRoot), '--until-input-ends'], log };
    return definitionSteps(options, definition, { environment: ownOld, isOurs: true }, (environment) =>
      definitionText({ ...shared, environment: { ...Object.fromEntries(login), ...environment } }),
    );
  };
  const start: Step = {
    kind: 'act',
    says: 'start the background process, which starts the server and starts it again when it ends',
    act: async () => startSupervisor(machine.nodePath, ocpHome, log),
  };
  const stop: Step = {
    kind: 'act',
    says: 'stop the background process and the server',
    act: async () => stopSupervisor(ocpHome),
  };

  const steps: Readonly<Record<ServiceAction, () => Promise<readonly Step[]>>> = {
    install: async () => install(),
    start: async () => [...install(), ...((await runningOf(ocpHome)) === undefined ? [start] : [])],
    stop: async () => [stop],
    restart: async () => [...install(), stop, start],
    uninstall: async () => [
      ...((await runningOf(ocpHome)) === undefined ? [] : [stop]),
      ...removeStep(statusPath(ocpHome)),
      ...removeStep(definition),
    ],
  };

  return {
    kind: 'background',
    plan: async (action) => steps[action](),
    state: async () => {
      const status = await runningOf(ocpHome);
      const server = status?.server !== undefined && (await isAlive(status.server)) ? status.server : undefined;
      const isInstalled = existsSync(definition);
      const running = server === undefined ? 'starting again' : 'running';
      return {
        kind: 'background',
        isInstalled,
        isRunning: server !== undefined,
        isComing: status !== undefined,
        pid: server?.pid,
        restarts: status?.restarts,
        detail: status === undefined ? (isInstalled ? 'stopped' : 'not installed') : running,
        definition,
        environment: readDefinition(ocpHome)?.environment ?? {},
        isOurs: true,
        log,
      } satisfies ServiceState;
    },
  };
}

/** What the PID file says while its supervisor runs. */
async function runningOf(ocpHome: string): Promise<Status | undefined> {
  const status = readStatus(ocpHome);
  return status !== undefined && (await isAlive(status.supervisor)) ? status : undefined;
}

async function startSupervisor(nodePath: string, ocpHome: string, log: string): Promise<void> {
  makeFolders(dirname(log), 0o700);
  const output = openSync(log, 'a', 0o600);
  // Beside this file, in the language that this file is in: TypeScript in a checkout, JavaScript in a package.
  const program = join(import.meta.dirname, `supervisor${extname(import.meta.filename)}`);
  const child = spawn(nodePath, ['--disable-warning=ExperimentalWarning', program, ocpHome], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let ended = false;
  child.once('error', () => (ended = true));
  child.once('exit', () => (ended = true));
  child.unref();
  const started = await until(START_MS, async () => ended || (await runningOf(ocpHome)) !== undefined);
  if (started && !ended) return;
  throw new HostError(`the background process did not start; ${log} may say why`);
}

/** Ends the supervisor, which ends the server; kills what does not end. Leaves no process and no PID file. */
async function stopSupervisor(ocpHome: string): Promise<void> {
  const status = readStatus(ocpHome);
  if (status === undefined) return;
  await end(status.supervisor, 'SIGTERM');
  await until(STOP_MS, async () => !(await isAlive(status.supervisor)));
  await end(status.supervisor, 'SIGKILL');
  // The supervisor may have started another server since.
  const server = (readStatus(ocpHome) ?? status).server;
  if (server !== undefined) {
    await end(server, 'SIGTERM');
    if (!(await until(STOP_MS, async () => !(await isAlive(server))))) await end(server, 'SIGKILL');
  }
  rmSync(statusPath(ocpHome), { force: true });
}

async function end(process_: Mark, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!(await isAlive(process_))) return;
  try {
    process.kill(process_.pid, signal);
  } catch {
    // It ended in the meantime.
  }
}

async function until(ms: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
