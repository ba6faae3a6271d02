import { spawn } from 'node:child_process';
import { findClaude } from '../claude/binary.ts';
import { workerEnvironment } from '../claude/environment.ts';
import { readLogin } from '../claude/login.ts';
import type { Profiles } from '../claude/profiles.ts';
import { DEFAULT_PROFILE, profilesIn } from '../claude/profiles.ts';
import { readConfiguration } from '../config/configuration.ts';
import type { CommandContext } from './command.ts';
import { CommandError } from './command.ts';
import { clean } from './output/clean.ts';
import { printJson } from './output/json.ts';
import { withSpinner } from './output/spinner.ts';

/** What the words after `profiles` act on. */
interface Bench {
  readonly profiles: Profiles;
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
  const { config, env } = readConfiguration(context.env);
  const claude = await findClaude({ claudeBin: config.claudeBin, path: env['PATH'], packageRoot });
  return {
    profiles: profilesIn(config.home),
    claude: claude?.path,
    env: workerEnvironment(env, config.claudeEnv),
  };
}

/** `ocp profiles`. */
export async function listProfiles(options: { readonly json?: boolean }, context: CommandContext): Promise<number> {
  const { profiles, claude, env } = await setUp(context);
  const { io } = context;
  const listed = await withSpinner(io, 'asking the Claude CLI', async () => {
    const found = [];
    for (const name of await profiles.list()) {
      const login =
        claude === undefined ? undefined : await readLogin(claude, profiles.environment(name, env), io.signal);
      found.push({ name, loggedIn: login?.loggedIn ?? null, method: login?.method ?? null });
    }
    return found;
  });
  if (options.json === true) printJson(io, { profiles: listed });
  else for (const { name, loggedIn, method } of listed) io.stdout(`${name.padEnd(34)}${describe(loggedIn, method)}`);
  return 0;
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
  context.io.stdout(`The profile ${name} is there. Next: ocp profiles login ${name}`);
  return 0;
}

/** `ocp profiles login`. */
export async function loginProfile(name: string, context: CommandContext): Promise<number> {
  const { profiles, claude, env } = existing(await setUp(context), name, 'login');
  if (claude === undefined) {
    context.io.stderr('ocp: the Claude CLI is not installed: npm install -g @anthropic-ai/claude-code');
    return 1;
  }
  const child = spawn(claude, ['auth', 'login'], { env: profiles.environment(name, env), stdio: 'inherit' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** `ocp profiles remove`. */
export async function removeProfile(name: string, context: CommandContext): Promise<number> {
  const { profiles } = existing(await setUp(context), name, 'remove');
  await profiles.remove(name);
  context.io.stdout(
    `The profile ${name} and the login in it are gone. Keys that are bound to it answer 503 until they change.`,
  );
  return 0;
}
