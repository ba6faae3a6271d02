import { spawn } from 'node:child_process';
import { homedir, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { findClaude } from '../claude/binary.ts';
import { workerEnvironment } from '../claude/environment.ts';
import { readLogin } from '../claude/login.ts';
import type { Profiles } from '../claude/profiles.ts';
import { DEFAULT_PROFILE, profilesIn } from '../claude/profiles.ts';
import { readAdminKeyFile } from '../config/admin-key.ts';
import { readConfig } from '../config/config.ts';
import type { Command, CommandContext } from './command.ts';

const usage = [
  'Usage: ocp profiles [list | add NAME | login NAME | remove NAME]',
  '',
  'A profile is the Claude login of one person, apart from the others. A key that is bound to a profile is served with',
  "that login only; every other key uses the operator's own, the profile 'default'.",
  '',
  '  list         the profiles and whether they are logged in (also without a word)',
  '  add NAME     make a profile',
  '  login NAME   log in to Claude for it (claude auth login)',
  '  remove NAME  remove it, the login in it included',
];

/** What the words after `profiles` act on. */
interface Bench {
  readonly context: CommandContext;
  readonly profiles: Profiles;
  readonly claude: string | undefined;
  /** The environment of the operator's own login. */
  readonly env: Readonly<Record<string, string>>;
}

/** `ocp profiles`: the logins of several people on one server. */
export const profilesCommand: Command = {
  summary: 'list, add, log in and remove the Claude logins of several people',
  async run(argv, context) {
    const options = { help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [word = 'list', name, ...rest] = positionals;
    if (values.help === true) {
      for (const line of usage) context.io.stdout(line);
      return 0;
    }
    const bench = await setUp(context);
    if (word === 'list' && name === undefined) return list(bench);
    if (name === undefined || rest.length > 0 || !['add', 'login', 'remove'].includes(word)) {
      context.io.stderr('ocp: profiles takes list, add NAME, login NAME or remove NAME; ocp profiles --help says more');
      return 2;
    }
    if (word === 'add') return add(bench, name);
    if (!bench.profiles.has(name) || (word === 'remove' && name === DEFAULT_PROFILE)) {
      context.io.stderr(
        `ocp: there is no profile ${JSON.stringify(name)} to ${word}; ocp profiles lists what there is`,
      );
      return 1;
    }
    return word === 'login' ? login(bench, name) : remove(bench, name);
  },
};

async function setUp(context: CommandContext): Promise<Bench> {
  const { env, packageRoot } = context;
  const config = readConfig(env, {
    home: env['HOME'] ?? homedir(),
    totalMemory: totalmem(),
    readAdminKey: readAdminKeyFile,
  });
  const claude = await findClaude({ claudeBin: config.claudeBin, path: env['PATH'], packageRoot });
  return {
    context,
    profiles: profilesIn(config.home),
    claude: claude?.path,
    env: workerEnvironment(env, config.claudeEnv),
  };
}

async function list({ context, profiles, claude, env }: Bench): Promise<number> {
  for (const name of await profiles.list()) {
    const state =
      claude === undefined ? undefined : await readLogin(claude, profiles.environment(name, env), context.io.signal);
    context.io.stdout(`${name.padEnd(34)}${describe(state?.loggedIn, state?.method)}`);
  }
  return 0;
}

function describe(loggedIn: boolean | undefined, method = ''): string {
  if (loggedIn === undefined) return 'unknown';
  return loggedIn ? `logged in (${method})` : 'not logged in';
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
