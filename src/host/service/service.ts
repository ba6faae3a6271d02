import type { Values } from '../../config/config-file.ts';
import type { Machine } from '../machine.ts';
import type { Step } from '../steps.ts';
import { perform } from '../steps.ts';

/** What keeps OCP running on this machine. */
export type ServiceKind = 'systemd' | 'launchd' | 'background';

export type ServiceAction = 'install' | 'start' | 'stop' | 'restart' | 'uninstall';

/** How the service is doing. */
export interface ServiceState {
  readonly kind: ServiceKind;
  readonly isInstalled: boolean;
  readonly isRunning: boolean;
  /** Running, or about to be started: there is something to wait for. */
  readonly isComing: boolean;
  /** The process id of the server, where it is known. */
  readonly pid: number | undefined;
  /** How often it was started again after it had ended by itself; undefined where nobody counts. */
  readonly restarts: number | undefined;
  /** One phrase for the operator: `active (running)`, `failed (exit-code)`, `not installed`. */
  readonly detail: string;
  /** The file that defines it: systemd's unit, launchd's property list, or OCP's own. */
  readonly definition: string;
  /** The variables that the definition sets, keys among them: not to be printed. */
  readonly environment: Values;
  /** Whether this product wrote the definition. */
  readonly isOurs: boolean;
  /** Where the server's standard output and error go. */
  readonly log: string;
}

/** What a service is made from. */
export interface ServiceOptions {
  readonly machine: Machine;
  /** OCP's home (OCP_HOME). */
  readonly ocpHome: string;
  /** What config.json says, or will say. */
  readonly file: Values;
}

/** One way of keeping OCP running: its steps by action, and its state. */
export interface ServiceWay {
  readonly kind: ServiceKind;
  /** What an action takes on this machine now; what is as it should be takes no step. */
  readonly plan: (action: ServiceAction) => Promise<readonly Step[]>;
  readonly state: () => Promise<ServiceState>;
}

/** The service of this machine. Every action raises HostError, with one line for the operator. */
export interface Service extends ServiceWay {
  readonly install: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly uninstall: () => Promise<void>;
}

/** Carries out what a way of keeping OCP running plans. */
export function serviceBy(way: ServiceWay, machine: Machine): Service {
  const carryOut = (action: ServiceAction) => async () => perform(await way.plan(action), machine);
  return {
    ...way,
    install: carryOut('install'),
    start: carryOut('start'),
    stop: carryOut('stop'),
    restart: carryOut('restart'),
    uninstall: carryOut('uninstall'),
  };
}
