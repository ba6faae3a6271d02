import type { ClaudeBinary } from '../claude/binary.ts';
import type { Login } from '../claude/login.ts';
import { baseUrl } from '../config/base-url.ts';
import type { AuthMode } from '../config/config.ts';

/** What the server found out while it started. */
export interface StartState {
  readonly version: string;
  /** The address and port that it really listens on. */
  readonly address: string;
  readonly port: number;
  readonly authMode: AuthMode;
  readonly cli: ClaudeBinary | undefined;
  /** The CLI's version; undefined when it gave none, or there is no CLI. */
  readonly cliVersion: string | undefined;
  /** Undefined when it was not asked, because the CLI is missing or too old. */
  readonly login: Login | undefined;
  /** What keeps the CLI from being used; undefined when nothing does. */
  readonly problem: string | undefined;
  readonly warnings: readonly string[];
}

const sources: Record<ClaudeBinary['source'], string> = {
  CLAUDE_BIN: 'from CLAUDE_BIN',
  PATH: 'from the PATH',
  package: 'installed with OCP',
};

const modes: Record<AuthMode, string> = {
  none: 'none (whoever reaches the address may call)',
  shared: 'shared (one key, PROXY_API_KEY)',
  multi: 'multi (a key for each person)',
};

/** The lines that `ocp serve` prints once it listens: what it is, and what to do where something is missing. */
export function startMessage(state: StartState): string[] {
  const lines = [
    `OCP ${state.version} listens on ${listening(state)}`,
    `  OpenAI base URL     ${baseUrl(state.address, state.port)}/v1`,
    `  Anthropic base URL  ${baseUrl(state.address, state.port)}`,
    `  Claude CLI          ${cliLine(state)}`,
    `  Login               ${loginLine(state.login)}`,
    `  Auth mode           ${modes[state.authMode]}`,
  ];
  for (const warning of state.warnings) lines.push(`Warning: ${warning}`);
  for (const step of stepsToDo(state)) lines.push(`To do: ${step}`);
  return lines;
}

function listening({ address, port }: StartState): string {
  return address === '0.0.0.0' || address === '::'
    ? `every address of this machine, port ${port}`
    : baseUrl(address, port);
}

function cliLine({ cli, cliVersion }: StartState): string {
  if (cli === undefined) return 'not found';
  return `${cliVersion ?? 'of unknown version'} at ${cli.path} (${sources[cli.source]})`;
}

function loginLine(login: Login | undefined): string {
  if (login === undefined) return 'not asked';
  if (login.loggedIn === undefined) return 'unknown';
  return login.loggedIn ? `logged in (${login.method})` : 'not logged in';
}

function stepsToDo({ problem, login }: StartState): string[] {
  // A CLI that cannot be used was not asked for its login.
  const step = problem ?? login?.hint;
  return step === undefined ? [] : [step];
}
