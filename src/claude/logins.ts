import { OcpError } from '../wire/errors.ts';
import type { Shortage } from '../wire/shortage.ts';
import type { ProcessEnd } from './cli-process.ts';
import type { LiveConversation } from './conversations.ts';
import type { RateLimitInfo } from './protocol.ts';
import type { Profiles } from './profiles.ts';
import type { RunFolder } from './run-folder.ts';
import type { StartGate } from './start-gate.ts';
import { WorkerFactory } from './worker-factory.ts';
import { Workforce } from './workforce.ts';

export interface LoginsOptions {
  /** Path of the CLI. */
  readonly binary: () => string;
  /** The CLI's version, where it is known. */
  readonly version: () => string | undefined;
  /** The environment of the operator's own login. */
  readonly env: Readonly<Record<string, string>>;
  readonly profiles: Profiles;
  readonly runFolder: RunFolder;
  /** Where owners who may run tools keep their working directories. */
  readonly workFolder: string;
  readonly starts: StartGate;
  /** How many workers may sit idle, over all logins. */
  readonly maxIdle: number;
  readonly conversationTtlMs: () => number;
  /** The CLI said something about a login's plan. */
  readonly onPlan: (profile: string, info: RateLimitInfo) => void;
  /** A worker ended by itself with a failure; what it said of it is for OCP's log only. */
  readonly onFailure: (end: ProcessEnd) => void;
  /** A worker could not be started for want of something. */
  readonly onShortage: (shortage: Shortage) => void;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly steady: () => number;
}

interface Login {
  readonly profile: string;
  readonly factory: WorkerFactory;
  readonly workforce: Workforce;
}

/** The workers of every login. Each login has a workforce of its own, so that no request can move to another account. */
export class Logins {
  readonly #options: LoginsOptions;
  readonly #logins = new Map<string, Login>();
  /** Workforces of logins that have changed since, while their last turns run. */
  readonly #retired = new Set<Login>();

  constructor(options: LoginsOptions) {
    this.#options = options;
  }

  /** The workers of a profile. Raises OcpError `cli_unavailable` when there is no such profile any more. */
  of(profile: string): Workforce {
    return this.#login(profile).workforce;
  }

  /** Starts worker processes of a profile outside of its workforce. */
  factory(profile: string): WorkerFactory {
    return this.#login(profile).factory;
  }

  /** Names all that makes an answer of one model come out differently under another login, CLI or environment. */
  shapeOf(profile: string, model: string): string {
    const { binary, version } = this.#options;
    return JSON.stringify([profile, binary(), version() ?? '', this.#login(profile).factory.shapeOf(model)]);
  }

  /**
   * The login of a profile has changed: new workers start with what it is now; turns that run finish on the workers that they
   * have. Where the profile itself is gone, they end. Tells whether there is, or was, such a profile here.
   */
  async renew(profile: string): Promise<boolean> {
    if (!this.#options.profiles.has(profile)) return this.#remove(profile);
    const login = this.#logins.get(profile);
    if (login === undefined) return true;
    this.#logins.delete(profile);
    this.#retired.add(login);
    await login.workforce.retire();
    void this.#closeWhenDrained(login);
    return true;
  }

  get busy(): number {
    return this.#sum((workforce) => workforce.busy);
  }

  /** How many spares are parked. */
  get spares(): number {
    return this.#sum((workforce) => workforce.spares.count());
  }

  /** How many spares are ready for a set-up that keeps coming. */
  get ready(): number {
    return this.#sum((workforce) => workforce.ready.size);
  }

  /** How many conversations keep their workers. */
  get conversations(): number {
    return this.#sum((workforce) => workforce.conversations.size);
  }

  /** Ends the conversations that match, and tells how many they were. */
  endConversations(test: (idle: Pick<LiveConversation, 'owner' | 'since'>) => boolean): number {
    return this.#sum((workforce) => workforce.endConversations(test));
  }

  /** Whether an API call under this session name comes from one of OCP's own workers. */
  isOwnSession(sessionId: string): boolean {
    return [...this.#logins.values(), ...this.#retired].some(({ factory }) => factory.isOwnSession(sessionId));
  }

  /** Ends the workers of profiles that have been removed, and the turns that run on them. */
  endRemoved(): void {
    const known = new Set([...this.#logins.keys(), ...[...this.#retired].map(({ profile }) => profile)]);
    for (const profile of known) if (!this.#options.profiles.has(profile)) this.#remove(profile);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logins.values(), ...this.#retired].map(async ({ workforce }) => workforce.close()));
  }

  async #closeWhenDrained(login: Login): Promise<void> {
    await login.workforce.drained();
    await this.#close(login);
  }

  /** It counts, and is waited for, until its last worker is gone. */
  async #close(login: Login): Promise<void> {
    this.#retired.add(login);
    await login.workforce.close();
    this.#retired.delete(login);
  }

  #login(profile: string): Login {
    const { binary, env, profiles, runFolder, workFolder, starts, onPlan, onFailure, onShortage, now } = this.#options;
    if (!profiles.has(profile)) {
      this.#remove(profile);
      throw new OcpError('cli_unavailable', `The login of this key, the profile '${profile}', does not exist.`);
    }
    const known = this.#logins.get(profile);
    if (known !== undefined) return known;
    const factory = new WorkerFactory({
      binary,
      env: profiles.environment(profile, env),
      runFolder,
      workFolder,
      onPlan: (info) => onPlan(profile, info),
      onFailure,
      onShortage,
      starts,
      now,
    });
    const workforce = new Workforce({
      factory,
      maxIdle: () => Math.max(1, Math.floor(this.#options.maxIdle / this.#logins.size)),
      conversationTtlMs: this.#options.conversationTtlMs,
      now: this.#options.steady,
    });
    const login = { profile, factory, workforce };
    this.#logins.set(profile, login);
    return login;
  }

  #remove(profile: string): boolean {
    const removed = [this.#logins.get(profile), ...this.#retired].filter((login) => login?.profile === profile);
    this.#logins.delete(profile);
    for (const login of removed) if (login !== undefined) void this.#close(login);
    return removed.length > 0;
  }

  #sum(count: (workforce: Workforce) => number): number {
    return [...this.#logins.values(), ...this.#retired].reduce((sum, { workforce }) => sum + count(workforce), 0);
  }
}
