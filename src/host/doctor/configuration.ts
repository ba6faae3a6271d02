import { readAdminKeyFile } from '../../config/admin-key.ts';
import { cliVariables } from '../../config/cli-variables.ts';
import type { Values } from '../../config/config-file.ts';
import type { ConfigFile } from '../../config/config-file.ts';
import { inspectConfigFile } from '../../config/config-file.ts';
import type { Config } from '../../config/config.ts';
import { readConfig } from '../../config/config.ts';
import { ocpHome, withFile } from '../../config/configuration.ts';
import { ConfigError } from '../../config/error.ts';
import { variables } from '../../config/variables.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A configuration that can be looked at even where a server could not start with it. */
export interface ReadableConfiguration {
  readonly config: Config;
  readonly env: Environment;
  /** What cannot be used, one line each. */
  readonly problems: readonly string[];
}

/** OCP's home and its configuration file as far as they can be used. */
export interface ReadableFile {
  readonly home: string;
  readonly file: Values;
  readonly problems: readonly string[];
  /** A problem of a value that stands in the file, with its place there. */
  readonly located: ConfigFile['located'];
}

/** Reads `config.json` in OCP's home; what cannot be used of it is told and left out. */
export function readableFile(env: Environment, userHome: string): ReadableFile {
  const problems: string[] = [];
  const home = attempt(() => ocpHome(env, userHome), problems) ?? ocpHome({}, userHome);
  const { values, problems: ofFile, located } = inspectConfigFile(home);
  return { home, file: values, problems: [...problems, ...ofFile.map(({ message }) => message)], located };
}

/**
 * The configuration by which the server goes: what its service sets, else what this environment says, beneath it the file. Values
 * that cannot be used are told, and the defaults stand in their place.
 */
export function readableConfiguration(
  given: Environment,
  { home, file, problems: ofFile, located }: ReadableFile,
  machine: { readonly home: string; readonly totalMemory: number },
): ReadableConfiguration {
  const problems = [...ofFile];
  const env: Record<string, string | undefined> = { ...withFile(given, file), OCP_HOME: home };
  let readAdminKey: (folder: string) => string | undefined = readAdminKeyFile;
  for (;;) {
    try {
      return { config: readConfig(env, { ...machine, readAdminKey }), env, problems };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const isOfFile = Object.hasOwn(file, error.variable) && (given[error.variable] ?? '') === '';
      problems.push(isOfFile ? located(error).message : error.message);
      if ((env[error.variable] ?? '') !== '') env[error.variable] = undefined;
      else if (error.variable === 'OCP_ADMIN_KEY') readAdminKey = () => undefined;
      // The rest of the combination is what is wrong.
      else env['CLAUDE_AUTH_MODE'] = undefined;
    }
  }
}

/**
 * The environment of an installed service: what it sets itself where the file does not, as its next start does, and what every
 * program of the user has; not what a shell exports.
 */
export function serviceEnvironment(shell: Environment, service: Values, file: Values): Environment {
  const own = new Set([...variables.map((row) => row.name), ...cliVariables]);
  const shared = Object.entries(shell).filter(([name]) => !own.has(name));
  const set = Object.entries(service).filter(([name]) => !Object.hasOwn(file, name));
  return Object.fromEntries([...shared, ...set]);
}

function attempt<T>(read: () => T, problems: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}
