import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { accountVariables } from '../config/account-variables.ts';
import { writePrivateFile } from '../config/private-file.ts';

/** The operator's own login: the CLI's usual configuration, what the environment says, or what `ocp login` stored. */
export const DEFAULT_PROFILE = 'default';

/** A long-lived token (`claude setup-token`) lasts a year. Source: code.claude.com/docs/en/authentication. */
const TOKEN_MS = 365 * 86_400_000;
/** From here on people are warned, ms before the end. */
const WARNING_MS = 30 * 86_400_000;

export const loginFile = z.object({
  kind: z.enum(['token', 'api-key', 'variables']),
  /** Unix ms. */
  storedAt: z.number(),
  env: z.record(z.string(), z.string()),
});

/**
 * A login that OCP keeps for the CLI, because its owner gave it to OCP: a long-lived token, an API key, or the variables of a
 * cloud. It goes into the CLI's environment and nowhere else.
 */
export type StoredLogin = z.infer<typeof loginFile>;

/** The variable by which the CLI takes each. */
export const loginVariables = { token: 'CLAUDE_CODE_OAUTH_TOKEN', 'api-key': 'ANTHROPIC_API_KEY' } as const;

/** How long a stored login lasts. */
export interface LoginExpiry {
  /** Unix ms. */
  readonly expiresAt: number;
  /** Whole days that are left; 0 on the last day, negative afterwards. */
  readonly daysLeft: number;
  /** Within the last 30 days, or over. */
  readonly isSoon: boolean;
}

/** Where the stored login of a profile lies. */
export function storedLoginPath(ocpHome: string, profile: string): string {
  return profile === DEFAULT_PROFILE
    ? join(ocpHome, 'login.json')
    : join(ocpHome, 'profiles', profile, 'ocp-login.json');
}

/** The stored login of a profile; undefined where there is none that can be read. */
export function readStoredLogin(ocpHome: string, profile: string): StoredLogin | undefined {
  const path = storedLoginPath(ocpHome, profile);
  const stored = loginFile.safeParse(readJson(path)).data;
  if (stored !== undefined || profile === DEFAULT_PROFILE) return stored;
  // Where version 0.1.0 had people put a token.
  const earlier = join(ocpHome, 'profiles', profile, 'setup-token');
  const token = textOf(earlier)?.trim() ?? '';
  if (token === '') return undefined;
  return { kind: 'token', storedAt: statSync(earlier).mtimeMs, env: { [loginVariables.token]: token } };
}

/** Keeps a login for its owner alone (0600), in place of the one before. Raises the system's errors. */
export function writeStoredLogin(ocpHome: string, profile: string, login: StoredLogin): void {
  writePrivateFile(storedLoginPath(ocpHome, profile), `${JSON.stringify(login, undefined, 2)}\n`);
  if (profile !== DEFAULT_PROFILE) rmSync(join(ocpHome, 'profiles', profile, 'setup-token'), { force: true });
}

/** Forgets the stored login of a profile; tells whether there was one. */
export function removeStoredLogin(ocpHome: string, profile: string): boolean {
  const isThere = readStoredLogin(ocpHome, profile) !== undefined;
  rmSync(storedLoginPath(ocpHome, profile), { force: true });
  if (profile !== DEFAULT_PROFILE) rmSync(join(ocpHome, 'profiles', profile, 'setup-token'), { force: true });
  return isThere;
}

/** When a stored login ends, as far as that is known: only of long-lived tokens, counted from the day they were stored. */
export function loginExpiry({ kind, storedAt }: StoredLogin, now: number): LoginExpiry | undefined {
  if (kind !== 'token') return undefined;
  const expiresAt = storedAt + TOKEN_MS;
  return {
    expiresAt,
    daysLeft: Math.floor((expiresAt - now) / 86_400_000),
    isSoon: expiresAt - now < WARNING_MS,
  };
}

/** The environment of the CLI with a stored login in place of every other. */
export function withStoredLogin(
  env: Readonly<Record<string, string>>,
  login: StoredLogin | undefined,
): Record<string, string> {
  if (login === undefined) return { ...env };
  return { ...withoutAccount(env), ...login.env };
}

/** The environment without anything that says whose account it is. */
export function withoutAccount(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !accountVariables.includes(name)));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(textOf(path) ?? '');
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
