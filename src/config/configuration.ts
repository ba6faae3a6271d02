import { homedir } from 'node:os';
import { readAdminKeyFile } from './admin-key.ts';
import type { Values } from './config-file.ts';
import { inspectConfigFile } from './config-file.ts';
import type { Config, Machine } from './config.ts';
import { readConfig } from './config.ts';
import { ConfigError } from './error.ts';
import { availableMemory } from './memory.ts';
import { parseVariable } from './parse.ts';
import { variables } from './variables.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** OCP's configuration, and the environment that the configuration file completes. */
export interface Configuration {
  readonly config: Config;
  /** The environment with the file's values beneath it: what the server and the CLI's processes go by. */
  readonly env: Environment;
  /** What the file says. */
  readonly file: Values;
}

/**
 * Reads the configuration of this machine's OCP, as the server and every command do: environment variables, beneath them
 * the configuration file in OCP's home, beneath that the defaults. An empty variable counts as unset.
 * Raises ConfigError (one line, with the file's path where the file is at fault).
 */
export function readConfiguration(env: Environment, overrides: Partial<Machine> = {}): Configuration {
  const machine: Machine = {
    home: userHome(env),
    totalMemory: availableMemory(),
    readAdminKey: readAdminKeyFile,
    ...overrides,
  };
  const home = ocpHome(env, machine.home);
  const { values: file, problems, located } = inspectConfigFile(home);
  const [first] = problems;
  if (first !== undefined) throw first;
  const merged = withFile(env, file);
  try {
    return { config: readConfig(merged, machine), env: merged, file };
  } catch (error) {
    const isOfFile =
      error instanceof ConfigError && Object.hasOwn(file, error.variable) && isUnset(env[error.variable]);
    if (!isOfFile) throw error;
    throw located(error);
  }
}

/** The home folder of the user who runs OCP. */
export function userHome(env: Environment): string {
  return isUnset(env['HOME']) ? homedir() : (env['HOME'] ?? '');
}

/** OCP's home, which only the environment can say (OCP_HOME). Raises ConfigError. */
export function ocpHome(env: Environment, home = userHome(env)): string {
  const row = variables.find((candidate) => candidate.key === 'home');
  if (row === undefined) throw new Error('there is no variable for the home of OCP');
  const text = env[row.name] ?? '';
  return String(parseVariable(row, text === '' ? row.default : text, home));
}

/** The environment, completed by the file's values where it says nothing. */
export function withFile(env: Environment, file: Values): Environment {
  const said = Object.entries(env).filter(([, value]) => !isUnset(value));
  return { ...file, ...Object.fromEntries(said) };
}

function isUnset(value: string | undefined): boolean {
  return (value ?? '') === '';
}
