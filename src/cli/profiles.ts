import { spawn } from 'node:child_process';
import { findClaude } from '../claude/binary.ts';
import { workerEnvironment } from '../claude/environment.ts';
import { readLogin } from '../claude/login.ts';
import type { Profiles } from '../claude/profiles.ts';
import { DEFAULT_PROFILE, profilesIn } from '../claude/profiles.ts';
import { readConfiguration } from '../config/configuration.ts';
import type { CommandContext } from './command.ts';
import { CommandError, command } from './command.ts';
import { clean } from './output/clean.ts';
import { jsonOption, printJson } from './output/json.ts';
import { withSpinner } from './output/spinner.ts';

/** What the words after `profiles` act on. */
interface Bench {
  readonly context: CommandContext;
  readonly profiles: Profiles;
  readonly claude: string | undefined;
  /** The environment of the operator's own login. */
  readonly env: Readonly<Record<string, string>>;
}

const profileName = { name: 'NAME', description: 'the name of the profile' } as const;

/** `ocp profiles`: the logins of several people on one server. */
export const profilesCommand = command(
  {
    summary: 'list, add, log in and remove the Claude logins of several people',
    description: [
      'A profile is the Claude login of one person, apart from the others. A key that is bound to a profile is served with ' +
        "that login only; every other key uses the operator's own, the profile 'default'. Without a further word: the list.",
    ],
    options: jsonOption,
    run: async ({ options }, context) => list(await setUp(context), options.json === true),
  },
  {
    list: command({
      summary: 'the profiles and whether they are logged in',
      options: jsonOption,
      run: async ({ options }, context) => list(await setUp(context), options.json === true),
    }),
    add: command({
      summary: 'make a profile',
      arguments: [profileName],
      run: async ({ words: [name = ''] }, context) => add(await setUp(context), name),
    }),
    login: command({
      summary: 'log in to Claude for it (claude auth login)',
      arguments: [profileName],
      run: async ({ words: [name = ''] }, context) => login(existing(await setUp(context), name, 'login'), name),
    }),
    remove: command({
      summary: 'remove it, the login in it included',
      arguments: [profileName],
      run: async ({ words: [name = ''] }, context) => remove(existing(await setUp(context), name, 'remove'), name),
    }),
  },
);

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
    context,
    profiles: profilesIn(config.home),
    claude: claude?.path,
    env: workerEnvironment(env, config.claudeEnv),
  };
}

async function list({ context: { io }, profiles, claude, env }: Bench, isJson: boolean): Promise<number> {
  const listed = await withSpinner(io, 'asking the Claude CLI', async () => {
    const found = [];
    for (const name of await profiles.list()) {
      const login =
        claude === undefined ? undefined : await readLogin(claude, profiles.environment(name, env), io.signal);
      found.push({ name, loggedIn: login?.loggedIn ?? null, method: login?.method ?? null });
    }
    return found;
  });
  if (isJson) printJson(io, { profiles: listed });
  else for (const { name, loggedIn, method } of listed) io.stdout(`${name.padEnd(34)}${describe(loggedIn, method)}`);
  return 0;
}

function describe(loggedIn: boolean | null, method: string | null): string {
  if (loggedIn === null) return 'unknown';
  return loggedIn ? `logged in (${clean(method ?? '')})` : 'not logged in';
}

async function add({ context, profiles }: Bench, name: string): Promise<number> {
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

async function login({ context, profiles, claude, env }: Bench, name: string): Promise<number> {
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

async function remove({ context, profiles }: Bench, name: string): Promise<number> {
  await profiles.remove(name);
  context.io.stdout(
    `The profile ${name} and the login in it are gone. Keys that are bound to it answer 503 until they change.`,
  );
  return 0;
}
