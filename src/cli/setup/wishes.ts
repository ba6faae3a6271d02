import { randomBytes } from 'node:crypto';
import type { Values } from '../../config/config-file.ts';
import { allowedNames } from '../../config/config-file.ts';
import type { Config } from '../../config/config.ts';
import { readConfig } from '../../config/config.ts';
import { ConfigError } from '../../config/error.ts';
import { usableValue } from '../../config/usable-value.ts';
import { variables } from '../../config/variables.ts';
import type { Machine } from '../../host/machine.ts';
import { UsageError } from '../command.ts';
import type { Asker } from './ask.ts';

/** What the command line says. */
export interface SetupFlags {
  readonly port?: string;
  readonly bind?: string;
  readonly 'auth-mode'?: string;
  readonly 'claude-bin'?: string;
}

/** The variable that each flag stands for. */
const flagVariables = {
  port: 'CLAUDE_PROXY_PORT',
  bind: 'CLAUDE_BIND',
  'auth-mode': 'CLAUDE_AUTH_MODE',
  'claude-bin': 'CLAUDE_BIN',
} as const satisfies Record<keyof SetupFlags, string>;

/** What is known before anybody is asked. */
export interface WishSources {
  readonly flags: SetupFlags;
  /** What config.json says. */
  readonly file: Values;
  /** What the installed service says and config.json does not. */
  readonly unit: Values;
  readonly env: Machine['env'];
  /** What `~/` stands for. */
  readonly home: string;
}

/** What config.json shall say. */
export interface Wishes {
  readonly values: Values;
  /** Variables that came from the environment, and change what was there. */
  readonly fromEnvironment: readonly string[];
  /** What was done about values of the environment that OCP cannot use as they are. */
  readonly notes: readonly string[];
  /** A shared key that had to be made. */
  readonly madeSharedKey: string | undefined;
}

/**
 * Puts together what is wanted: flags, then the environment, then config.json, then the installed unit, then the defaults.
 * What nobody names stays as it is.
 */
export function wishesOf({ flags, file, unit, env, home }: WishSources): Wishes {
  const present = { ...unit, ...file };
  const listed = { OCP_CLAUDE_ENV: env['OCP_CLAUDE_ENV'] ?? present['OCP_CLAUDE_ENV'] ?? '' };
  const notes: string[] = [];
  const exported = Object.fromEntries(
    Object.entries(pick(env, [...allowedNames(listed)])).flatMap(([name, value]) => {
      const usable = usableValue(name, value, home);
      if (usable.note !== undefined) notes.push(`${usable.note}, from your environment`);
      return usable.value === undefined ? [] : [[name, usable.value] as const];
    }),
  );
  const named = Object.entries(flagVariables).flatMap(([flag, name]) => {
    const value = flags[flag as keyof SetupFlags];
    return value === undefined ? [] : [[name, value] as const];
  });
  const values: Record<string, string> = {
    CLAUDE_PROXY_PORT: '3456',
    CLAUDE_BIND: '127.0.0.1',
    CLAUDE_AUTH_MODE: 'none',
    ...(exported['PROXY_API_KEY'] === undefined && present['PROXY_API_KEY'] === undefined
      ? {}
      : { CLAUDE_AUTH_MODE: 'shared' }),
    ...present,
    ...exported,
    ...Object.fromEntries(named),
  };
  const fromEnvironment = Object.keys(exported).filter(
    (name) => values[name] !== present[name] && values[name] === exported[name],
  );
  // The product before OCP had tools on by default, so that this alone meant something.
  if (
    isYes(values['CLAUDE_SKIP_PERMISSIONS']) &&
    (values['CLAUDE_ALLOWED_TOOLS'] ?? '') === '' &&
    isTaken('CLAUDE_SKIP_PERMISSIONS')
  ) {
    delete values['CLAUDE_SKIP_PERMISSIONS'];
    notes.push('CLAUDE_SKIP_PERMISSIONS is left out: it has no meaning without CLAUDE_ALLOWED_TOOLS');
  }
  return { values, fromEnvironment, notes, madeSharedKey: undefined };

  /** Whether a value was not chosen in config.json, but comes from a service or a shell. */
  function isTaken(name: string): boolean {
    return file[name] === undefined;
  }
}

/** Asks who is to use OCP, where that was not said yet. */
export async function askWho(wishes: Wishes, sources: WishSources, ask: Asker): Promise<Wishes> {
  const isSaid = [sources.file, sources.unit, sources.env].some((from) =>
    ['CLAUDE_BIND', 'CLAUDE_AUTH_MODE'].some((name) => from[name] !== undefined),
  );
  if (isSaid || sources.flags.bind !== undefined || sources.flags['auth-mode'] !== undefined) return wishes;
  const who = await ask.choose('Who is going to use this OCP?', [
    { value: 'local', label: 'Programs on this machine', hint: 'nobody else can reach it' },
    { value: 'multi', label: 'Several people or devices on the network', hint: 'each with a key of its own' },
    { value: 'shared', label: 'Other devices on the network, all with the same key' },
  ]);
  if (who === 'local') return wishes;
  return { ...wishes, values: { ...wishes.values, CLAUDE_BIND: '0.0.0.0', CLAUDE_AUTH_MODE: who } };
}

/** The auth mode shared needs a key: one is made where there is none. */
export function withSharedKey(wishes: Wishes): Wishes {
  const { values } = wishes;
  if (values['CLAUDE_AUTH_MODE'] !== 'shared' || values['PROXY_API_KEY'] !== undefined) return wishes;
  const key = `ocp_${randomBytes(24).toString('base64url')}`;
  return { ...wishes, values: { ...values, PROXY_API_KEY: key }, madeSharedKey: key };
}

/** Reads the configuration as the server will. Raises UsageError for a flag and ConfigError for anything else that cannot be used. */
export function checkedConfig(
  wishes: Wishes,
  flags: SetupFlags,
  machine: Machine,
  ocpHome: string,
  adminKey: string,
): Config {
  if (wishes.values['CLAUDE_PROXY_PORT'] === '0')
    throw new UsageError('a service needs a port that stays; choose one with --port');
  try {
    return readConfig(
      { ...wishes.values, OCP_HOME: ocpHome, OCP_ADMIN_KEY: adminKey },
      { home: machine.home, totalMemory: machine.totalMemory, readAdminKey: () => undefined },
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [flag] =
      Object.entries(flagVariables).find(
        ([key, name]) => name === error.variable && flags[key as keyof SetupFlags] !== undefined,
      ) ?? [];
    throw flag === undefined ? error : new UsageError(`--${flag}: ${error.message}`);
  }
}

/** Whether a configuration variable is one of OCP's own. */
export function isOwnVariable(name: string): boolean {
  return variables.some((row) => row.name === name);
}

function isYes(text: string | undefined): boolean {
  return /^(?:1|true|yes|on)$/iu.test(text ?? '');
}

function pick(values: Readonly<Record<string, string | undefined>>, names: readonly string[]): Values {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
}
