import type { ServerProbe } from './probe.ts';
import type { TreeHost } from './tree.ts';

/** OCP's service on this machine, as far as an update needs it. Each raises an Error that says why it could not. */
export interface UpdateService {
  /** Files that set the service up; those that exist go into a snapshot. */
  readonly unitFiles: readonly string[];
  /** Whether OCP runs as a service now. */
  isRunning(): Promise<boolean>;
  stop(): Promise<void>;
  /** Starts it with the unit and the program that are there now. */
  start(): Promise<void>;
}

/** Tells whoever waits how far it is. */
export interface Progress {
  /** A step begins. */
  step(text: string): Promise<void> | void;
  /** Something that is worth a line. */
  note(text: string): Promise<void> | void;
}

/** What an update and a rollback need of this machine. */
export interface UpdateHost extends TreeHost {
  readonly ocpHome: string;
  readonly service: UpdateService;
  readonly probe: ServerProbe;
  /** OpenClaw's configuration, whether it is there or not. */
  readonly openclawFile: string;
  readonly progress: Progress;
  readonly now: () => Date;
  /** How long a started server may take to be well, ms. */
  readonly verifyTimeoutMs: number;
}
