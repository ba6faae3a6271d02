import type { Asker } from './asker.ts';
import type { Launchctl } from './environment/launchctl.ts';
import type { Machine } from './machine.ts';
import type { Api } from './api.ts';

/** What the user asks `ocp connect` for. */
export interface ConnectRequest {
  /** Base URL of the server, without `/v1`. */
  readonly url: string;
  readonly key?: string | undefined;
  /** Ids of clients, or `shell`; whatever is here unless given. */
  readonly only?: readonly string[] | undefined;
  readonly api?: Api | undefined;
  readonly isBackup: boolean;
  readonly anthropicEnv: boolean;
  readonly mode: 'connect' | 'list' | 'dry-run';
  readonly verify: boolean;
}

/** What connecting may use besides the files of the machine. */
export interface ConnectTools {
  readonly machine: Machine;
  /** OCP's version. */
  readonly version: string;
  /** Writes one line for the user. */
  readonly say: (line: string) => void;
  readonly asker: Asker;
  readonly launchctl: Launchctl;
  readonly signal: AbortSignal;
}
