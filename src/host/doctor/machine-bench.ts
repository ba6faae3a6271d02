import type { Bench } from '../../doctor/bench.ts';
import type { Installation, LatestVersion } from '../latest-version.ts';
import type { Machine } from '../machine.ts';
import type { PortOwner } from '../port-owner.ts';
import type { Answerer } from '../server-answer.ts';
import type { Service, ServiceState } from '../service/service.ts';
import type { Step } from '../steps.ts';

/** The service of this machine, and how it is doing. */
export interface ServiceView {
  readonly service: Service;
  readonly state: ServiceState;
  /** What it would take to make its definition as this OCP has it. */
  readonly toInstall: readonly Step[];
  /** What its definition says that belongs into config.json, and what a restart does about it; one line each. */
  readonly inherited: readonly string[];
}

/** How a turn went that doctor asked for. */
export type TurnOutcome =
  | { readonly kind: 'answered'; readonly model: string; readonly ms: number }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string }
  | { readonly kind: 'silent'; readonly reason: string };

/** OpenClaw's list of OCP's models, as far as doctor has to know of it. */
export interface OpenClawList {
  readonly look: () => OpenClawState;
  /** Brings it up to date, and tells in one line what was done. Raises an error where the file cannot be changed. */
  readonly sync: () => string;
}

export type OpenClawState =
  | { readonly kind: 'absent' | 'unregistered' | 'in-sync' }
  /** `message` is one line for the operator. */
  | { readonly kind: 'drift' | 'unreadable'; readonly message: string };

/** Names and addresses by which this OCP may be called. */
export interface HostAnswer {
  readonly host: string;
  readonly isAccepted: boolean;
}

/** What `ocp doctor` looks at besides what the server can see of itself. */
export interface MachineBench extends Bench {
  readonly machine: Machine;
  readonly installation: Installation;
  readonly latest: () => Promise<LatestVersion>;
  /** `http://127.0.0.1:3456`. */
  readonly url: string;
  readonly service: () => Promise<ServiceView>;
  /** Who answers at the address of the server. */
  readonly answerer: () => Promise<Answerer>;
  readonly portOwner: () => Promise<PortOwner | undefined>;
  /** Units of OCP that belong to the whole system, and units of earlier products. */
  readonly otherUnits: () => readonly string[];
  /** Asks the running server under other names than the loopback address. */
  readonly hosts: () => Promise<readonly HostAnswer[]>;
  /** Folders of workers whose OCP is gone; `sweep` removes them with what still runs in them. */
  readonly abandoned: () => Promise<readonly string[]>;
  readonly sweep: () => Promise<number>;
  /** The PID file of a background process that has ended. */
  readonly stalePidFile: () => Promise<string | undefined>;
  /** Whether a connection to Anthropic, or to the proxy on the way, can be opened: why not, or undefined. */
  readonly upstream: () => Promise<{ readonly address: string; readonly problem: string | undefined } | undefined>;
  readonly openclaw: OpenClawList;
  /** One small turn; undefined where none was asked for. */
  readonly turn: (() => Promise<TurnOutcome>) | undefined;
  /** Restarts the service and waits until it answers. Raises HostError. */
  readonly restart: () => Promise<string>;
  /** The last line of the service's log that looks like a failure. */
  readonly lastFailure: () => string | undefined;
}
