import { findClaude } from '../claude/binary.ts';
import { workerEnvironment } from '../claude/environment.ts';
import { readLogin } from '../claude/login.ts';
import type { Profiles } from '../claude/profiles.ts';
import { profilesIn } from '../claude/profiles.ts';
import { DEFAULT_PROFILE, loginExpiry, readStoredLogin } from '../claude/stored-login.ts';
import type { CommandContext } from './command.ts';
import { CommandError } from './command.ts';
import { clean } from './output/clean.ts';
import { printJson } from './output/json.ts';
import { withSpinner } from './output/spinner.ts';
import { renewAtServer } from './login/renew.ts';
import { usableConfiguration } from './usable-configuration.ts';

/** What the words after `profiles` act on. */
interface Bench {
  readonly profiles: Profiles;
  readonly home: string;
  readonly claude: string | undefined;
  /** The environment of the operator's own login. */
  readonly env: Readonly<Record<string, string>>;
}

/** Raises CommandError unless the profile is there, and may be changed. */
function existing(bench: Bench, name: string, word: 'login' | 'remove'): Bench {
  if (bench.profiles.has(name) && !(word === 'remove' && name === DEFAULT_PROFILE)) return bench;
  throw new CommandError(`there is no profile ${JSON.stringify(name)} to ${word}; ocp profiles lists what there is`);
}

async function setUp(context: CommandContext): Promise<Bench> {
  const { packageRoot } = context;
  const { config, env } = usableConfiguration(context);
  const claude = await findClaude({ claudeBin: config.claudeBin, path: env['PATH'], packageRoot });
  return {
    profiles: profilesIn(config.home),
    home: config.home,
    claude: claude?.path,
    env: workerEnvironment(env, config.claudeEnv),
  };
}

/** `ocp profiles`. */
export async function listProfiles(options: { readonly json?: boolean }, context: CommandContext): Promise<number> {
  const { profiles, claude, env, home } = await setUp(context);
  const { io } = context;
  const listed = await withSpinner(io, 'asking the Claude CLI', async () => {
    const found = [];
    for (const name of await profiles.list()) {
      const login =
        claude === undefined ? undefined : await readLogin(claude, profiles.environment(name, env), io.signal);
      const stored = readStoredLogin(home, name);
      const expiry = stored === undefined ? undefined : loginExpiry(stored, Date.now());
      found.push({
        name,
        loggedIn: login?.loggedIn ?? null,
        method: login?.method ?? null,
        ...(stored === undefined ? {} : { storedAt: new Date(stored.storedAt).toISOString() }),
        ...(expiry === undefined
          ? {}
          : { expiresAt: new Date(expiry.expiresAt).toISOString(), daysLeft: expiry.daysLeft }),
      });
    }
    return found;
  });
  if (options.json === true) printJson(io, { profiles: listed });
  else
    for (const { name, loggedIn, method, daysLeft } of listed)
      io.stdout(`${name.padEnd(34)}${describe(loggedIn, method)}${daysLeft === undefined ? '' : ageText(daysLeft)}`);
  return 0;
}

/** How long a long-lived token still lasts. */
function ageText(daysLeft: number): string {
  if (daysLeft < 0) return '; its token has expired';
  return daysLeft < 30 ? `; its token ends in ${daysLeft} days` : `; its token lasts ${daysLeft} days`;
}

function describe(loggedIn: boolean | null, method: string | null): string {
  if (loggedIn === null) return 'unknown';
  return loggedIn ? `logged in (${clean(method ?? '')})` : 'not logged in';
}

/** `ocp profiles add`. */
export async function addProfile(name: string, context: CommandContext): Promise<number> {
  const { profiles } = await setUp(context);
  if (profiles.has(name)) {
    context.io.stderr(`ocp: the profile ${name} is there already`);
    return 1;
  }
  try {
    await profiles.add(name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.io.stderr(`ocp: ${error.message}`);
    return 2;
  }
  context.io.stdout(`The profile ${name} is there. Next: ocp login ${name}`);
  return 0;
}

/** `ocp profiles login`: `ocp login NAME`, but never makes a profile. */
export async function loginProfile(name: string, context: CommandContext): Promise<number> {
  existing(await setUp(context), name, 'login');
  return (await import('./login/login.ts')).login(name, {}, context);
}

/** `ocp profiles remove`. */
export async function removeProfile(name: string, context: CommandContext): Promise<number> {
  const { profiles } = existing(await setUp(context), name, 'remove');
  await profiles.remove(name);
  const { io } = context;
  io.stdout(`The profile ${name} and its login are removed. Keys that are bound to it are refused until they change.`);
  await renewAtServer(name, context);
  return 0;
}
