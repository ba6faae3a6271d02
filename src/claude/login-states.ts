import type { Login } from './login.ts';
import { loginCommand } from './login.ts';
import { DEFAULT_PROFILE } from './profiles.ts';

/** What is known of one profile's login. */
export interface LoginState {
  /** Undefined before the CLI was asked. */
  readonly login: Login | undefined;
  /** When that was heard, Unix ms; 0 = never. */
  readonly checkedAt: number;
  /** When a long-lived token that OCP keeps for this profile ends, Unix ms; undefined where that is not known. */
  readonly expiresAt?: number | undefined;
}

export interface LoginStatesOptions {
  /** Asks the CLI about a profile's login; undefined where there is no CLI to ask. */
  readonly read: (profile: string) => Promise<Login | undefined>;
  /** When the login that OCP keeps for a profile ends, Unix ms; undefined where there is none, or nobody knows. */
  readonly expiresAt: (profile: string) => number | undefined;
  /** The profiles that there are now. */
  readonly profiles: () => Promise<readonly string[]>;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
}

const unknown: LoginState = { login: undefined, checkedAt: 0 };

/**
 * Whether each profile is logged in. Only a turn proves a login: the CLI's own word is that there is one. What happens to one
 * person's login says nothing of any other.
 */
export class LoginStates {
  readonly #options: LoginStatesOptions;
  readonly #states = new Map<string, LoginState>();

  constructor(options: LoginStatesOptions) {
    this.#options = options;
  }

  of(profile: string): LoginState {
    return this.#states.get(profile) ?? unknown;
  }

  /** Every profile that was asked about, `default` first. */
  all(): readonly (readonly [string, LoginState])[] {
    return [...this.#states].toSorted(
      ([one], [other]) =>
        Number(other === DEFAULT_PROFILE) - Number(one === DEFAULT_PROFILE) || one.localeCompare(other),
    );
  }

  /** Profiles that are known to be logged out. */
  loggedOut(): readonly string[] {
    return this.all().flatMap(([profile, { login }]) => (login?.loggedIn === false ? [profile] : []));
  }

  /** Takes in what a turn has shown. */
  onTurn(profile: string, worked: boolean): void {
    if (!worked) {
      const login: Login = { loggedIn: false, method: 'none', hint: adviceFor(profile) };
      this.#set(profile, login);
      return;
    }
    const before = this.of(profile).login;
    if (before?.loggedIn !== true) {
      const login: Login = { loggedIn: true, method: 'proved by an answer', hint: undefined };
      this.#set(profile, login);
      // The CLI knows by what.
      void this.check(profile).catch(() => {});
    }
  }

  async check(profile: string): Promise<void> {
    const login = await this.#options.read(profile);
    if (login === undefined) return;
    const hint = login.loggedIn === false ? adviceFor(profile) : login.hint;
    this.#set(profile, { ...login, hint });
  }

  #set(profile: string, login: Login): void {
    const { now, expiresAt } = this.#options;
    this.#states.set(profile, { login, checkedAt: now(), expiresAt: expiresAt(profile) });
  }

  /** Asks about every profile, one after the other, and forgets those that are gone. */
  async checkAll(): Promise<void> {
    const profiles = await this.#options.profiles();
    for (const profile of this.#states.keys()) if (!profiles.includes(profile)) this.#states.delete(profile);
    for (const profile of profiles) await this.check(profile);
  }
}

function adviceFor(profile: string): string {
  const command = `run \`${loginCommand(profile)}\``;
  return profile === DEFAULT_PROFILE ? `${command}, which runs \`claude auth login\`` : command;
}
