import { findClaude } from '../../claude/binary.ts';
import { workerEnvironment } from '../../claude/environment.ts';
import { readLogin } from '../../claude/login.ts';
import type { Profiles } from '../../claude/profiles.ts';
import { isProfileName, profilesIn } from '../../claude/profiles.ts';
import type { StoredLogin } from '../../claude/stored-login.ts';
import {
  DEFAULT_PROFILE,
  loginExpiry,
  loginVariables,
  removeStoredLogin,
  withoutAccount,
  writeStoredLogin,
} from '../../claude/stored-login.ts';
import type { CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../command.ts';
import { askerAt } from '../setup/ask.ts';
import type { Asker } from '../setup/ask.ts';
import { usableConfiguration } from '../usable-configuration.ts';
import { cloudLogin } from './cloud-login.ts';
import { moveTokenOfConfig } from './config-token.ts';
import { readSecret } from './read-secret.ts';
import { renewAtServer } from './renew.ts';
import { runVisibly } from './run-visibly.ts';

export interface LoginOptions {
  readonly token?: boolean;
  readonly 'api-key'?: boolean;
  readonly cloud?: string;
  readonly env?: readonly string[];
  readonly forget?: boolean;
}

/** Whose login it is, and the CLI that it is for. */
interface Subject {
  readonly profile: string;
  readonly profiles: Profiles;
  readonly home: string;
  /** Path of the CLI that OCP drives. */
  readonly claude: string;
  /** The CLI's environment without any profile's login. */
  readonly env: Readonly<Record<string, string>>;
  readonly ask: Asker | undefined;
}

/** `ocp login [PROFILE]`. Raises UsageError, CommandError and ConfigError. */
export async function login(
  named: string | undefined,
  options: LoginOptions,
  context: CommandContext,
): Promise<number> {
  const way = wayOf(options);
  const subject = await subjectOf(named ?? DEFAULT_PROFILE, context);
  const { profile, profiles, home } = subject;
  if (way === 'forget') return forget(subject, context);
  if (way === 'browser' && subject.ask === undefined) throw new UsageError(notInteractive(named));
  const fresh = !profiles.has(profile);
  const stored = way === 'browser' ? undefined : await storedBy(way, options, subject, context);
  if (fresh) {
    await profiles.add(profile);
    context.io.stdout(`The profile ${profile} is new.`);
  }
  if (stored === undefined) {
    // Not with what OCP has stored: the CLI would take that for its login.
    const config = profile === DEFAULT_PROFILE ? {} : { CLAUDE_CONFIG_DIR: profiles.folder(profile) };
    await runVisibly(subject.claude, ['auth', 'login'], { ...withoutAccount(subject.env), ...config });
    if (removeStoredLogin(home, profile)) context.io.stdout('The login that OCP had stored before is removed.');
  } else writeStoredLogin(home, profile, stored);
  moveTokenOfConfig(profile, home, context.io);
  return report(subject, stored, context);
}

type Way = 'browser' | 'token' | 'api-key' | 'variables' | 'forget';

function wayOf(options: LoginOptions): Way {
  const isVariables = options.cloud !== undefined || options.env !== undefined;
  const chosen: readonly (readonly [Way, boolean])[] = [
    ['token', options.token === true],
    ['api-key', options['api-key'] === true],
    ['variables', isVariables],
    ['forget', options.forget === true],
  ];
  const ways = chosen.filter(([, isChosen]) => isChosen).map(([way]) => way);
  if (ways.length > 1) throw new UsageError('choose one of --token, --api-key, --cloud or --env, and --forget');
  return ways[0] ?? 'browser';
}

async function subjectOf(profile: string, context: CommandContext): Promise<Subject> {
  if (!isProfileName(profile)) {
    throw new UsageError(`${JSON.stringify(profile)} cannot be a profile: 1 to 32 of a-z, 0-9, _ and -`);
  }
  const { config, env } = usableConfiguration(context);
  const { claudeBin, claudeEnv, home } = config;
  const found = await findClaude({ claudeBin, path: env['PATH'], packageRoot: context.packageRoot });
  if (found === undefined) {
    throw new CommandError('the Claude CLI is not installed: npm install -g @anthropic-ai/claude-code');
  }
  return {
    profile,
    profiles: profilesIn(home),
    home,
    claude: found.path,
    env: workerEnvironment(env, claudeEnv),
    ask: await askerAt(context.io),
  };
}

/** What is to be stored, as its owner gives it. */
async function storedBy(
  way: Exclude<Way, 'browser' | 'forget'>,
  options: LoginOptions,
  { claude, env, ask, profile, profiles }: Subject,
  context: CommandContext,
): Promise<StoredLogin> {
  const storedAt = Date.now();
  if (way === 'variables') return { kind: way, storedAt, env: cloudLogin(options, context.env) };
  if (way === 'api-key') {
    const key = await readSecret(context.io, ask, 'API key (not shown)');
    return { kind: way, storedAt, env: { [loginVariables[way]]: key } };
  }
  if (ask !== undefined) await runVisibly(claude, ['setup-token'], profiles.environment(profile, env));
  const token = await readSecret(context.io, ask, 'Paste the token that the CLI has shown (not shown here)');
  return { kind: way, storedAt, env: { [loginVariables[way]]: token } };
}

function notInteractive(named: string | undefined): string {
  const who = named === undefined ? '' : ` ${named}`;
  return (
    'there is no terminal to log in at; run it in one, or give a token on the standard input: ' +
    `ocp login${who} --token < FILE (or --api-key < FILE)`
  );
}

async function forget({ profile, home }: Subject, context: CommandContext): Promise<number> {
  const { io } = context;
  if (!removeStoredLogin(home, profile)) {
    io.stdout(`OCP has stored no login for ${profile}.`);
    return 0;
  }
  io.stdout(`The stored login of ${profile} is removed.`);
  for (const line of await renewAtServer(profile, context)) io.stdout(line);
  return 0;
}

/** Says what the CLI makes of it, and what the server does. */
async function report(
  { claude, profile, profiles, env }: Subject,
  stored: StoredLogin | undefined,
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  const found = await readLogin(claude, profiles.environment(profile, env), io.signal);
  if (stored !== undefined) {
    const expiry = loginExpiry(stored, Date.now());
    const until =
      expiry === undefined ? '' : `; it lasts until ${new Date(expiry.expiresAt).toISOString().slice(0, 10)}`;
    io.stdout(`The login of ${profile} is stored, readable by you alone${until}.`);
  }
  for (const line of await renewAtServer(profile, context)) io.stdout(line);
  if (found.loggedIn === false) {
    io.stderr(`ocp: the Claude CLI says that ${profile} is not logged in`);
    return 1;
  }
  io.stdout(`${profile} is logged in (${found.method}). Only an answer proves it: ocp test`);
  return 0;
}
