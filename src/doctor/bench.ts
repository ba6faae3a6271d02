import type { Login } from '../claude/login.ts';
import type { Plan } from '../claude/plan.ts';
import type { Config } from '../config/config.ts';
import type { StoreState } from '../store/inspect.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What checks look at, wherever they run: in the server, and in `ocp doctor`. Whatever costs time or may fail is a function;
 * each is asked at most once in a run.
 */
export interface Bench {
  /** The configuration; where parts of it cannot be used, the defaults stand in their place. */
  readonly config: Config;
  /** What of the configuration cannot be used, one line each. */
  readonly configProblems: readonly string[];
  /** The environment that the server and the CLI go by. */
  readonly env: Environment;
  /** The home folder of the user who runs OCP. */
  readonly userHome: string;
  readonly uid: number | undefined;
  readonly nodeVersion: string;
  /** Unix ms. */
  readonly now: () => number;
  /** How `ocp` is called on this machine, quoted for a shell. */
  readonly ocp: string;
  readonly claude: () => Promise<ClaudeState>;
  /** The logins by profile, `default` first. Only asked of a CLI that can be used. */
  readonly logins: () => Promise<readonly ProfileLogin[]>;
  /** What is known of the plan of each profile. */
  readonly plans: () => Promise<ReadonlyMap<string, Plan>>;
  /** What the running server says of itself; undefined when none answers. */
  readonly server: () => Promise<ServerState | undefined>;
  readonly database: () => Promise<StoreState>;
  readonly disk: (folder: string) => Promise<DiskState | undefined>;
  /** Bytes of memory that programs could have now. */
  readonly availableMemory: () => number;
}

/** The Claude CLI as it was found. */
export interface ClaudeState {
  readonly path: string | undefined;
  /** Where it was found; undefined with a path means that CLAUDE_BIN names something that cannot be run. */
  readonly source: 'CLAUDE_BIN' | 'PATH' | 'package' | undefined;
  readonly version: string | undefined;
  /** Why it could not even be looked for. */
  readonly problem: string | undefined;
  /** Whether it speaks a worker's protocol, and the models that it lists; asked without a call of the API. */
  readonly probe: () => Promise<ProtocolState>;
}

export interface ProtocolState {
  /** What is wrong; undefined when nothing. */
  readonly problem: string | undefined;
  /** Models that the CLI lists and models.json does not know. */
  readonly newModels: readonly string[];
}

export interface ProfileLogin {
  readonly profile: string;
  readonly login: Login;
}

/** What `/health` tells. */
export interface ServerState {
  readonly version: string;
  readonly uptimeMs: number;
  /** What keeps the CLI from being used. */
  readonly problem: string | undefined;
  /** Whether the server holds its own login to be good; undefined when it does not know. */
  readonly loggedIn: boolean | undefined;
  /** Profiles whose login the last turn of the server showed to have ended, or the CLI says has. */
  readonly endedLogins?: readonly string[];
  /** By client program, requests that Anthropic did not let draw on the plan; undefined for a server that is too old to tell. */
  readonly planUseRefused?: Readonly<Record<string, number>> | undefined;
  readonly authMode: string;
  readonly busy: number;
  readonly spares: number;
  readonly ready: number;
  readonly conversations: number;
  /** The machine beneath it; undefined for a server that is too old to tell. */
  readonly machine?: ServerMachine | undefined;
  /** Its database; undefined for a server that is too old to tell. */
  readonly storage?: ServerStorage | undefined;
}

/** What a running server says of its database. */
export interface ServerStorage {
  /** `ok`, or what is wrong. */
  readonly state: string;
  /** The same in words. */
  readonly problem: string | null;
  /** Rows of usage that wait to be written, and those that were lost. */
  readonly usageWaiting: number;
  readonly usageDropped: number;
}

/** What a running server says of the machine that it runs on. */
export interface ServerMachine {
  /** What keeps requests from being answered, in one line. */
  readonly problem: string | undefined;
  readonly openFiles: { readonly used?: number | undefined; readonly limit: number } | undefined;
  readonly processes: { readonly used?: number | undefined; readonly limit: number } | undefined;
  readonly outOfMemoryKills: number | undefined;
  readonly isFolderUsable: boolean;
  /** How often cleaners took the temporary folder away. */
  readonly recreated: number;
  /** Why the name of the working directory changes with each restart. */
  readonly unstable: string | undefined;
  readonly hasReaper: boolean;
  /** What went wrong since the start: a phrase, and how often. */
  readonly troubles: readonly { readonly what: string; readonly count: number }[];
}

export interface DiskState {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Files that could still be made; undefined where the file system has no such limit. */
  readonly freeFiles: number | undefined;
}
