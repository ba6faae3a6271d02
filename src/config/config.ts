import { ConfigError } from './error.ts';
import { isLoopbackAddress } from './loopback.ts';
import { parseVariable } from './parse.ts';
import type { ConfigValue } from './parse.ts';
import { variables } from './variables.ts';
import type { VariableDefinition } from './variables.ts';

type Row = (typeof variables)[number];
type Kinds<R extends Row> = R extends { kind: 'integer' }
  ? number
  : R extends { kind: 'boolean' }
    ? boolean
    : R extends { kind: 'choice' }
      ? R['choices'][number]
      : R extends { kind: 'list' }
        ? readonly string[]
        : string;
type Unset<R extends Row> = R['default'] extends undefined ? undefined : never;
type FromTable = { readonly [R in Row as R['key']]: Kinds<R> | Unset<R> };

const BYTES_PER_MIB = 1_048_576;
/** Anthropic takes no request that is larger. */
export const API_BODY_BYTES = 32 * BYTES_PER_MIB;
const LEAST_BODIES_MB = 16;

export type AuthMode = 'none' | 'shared' | 'multi';

/** OCP's configuration after every check. Units are those of the variables' table. */
export interface Config extends Omit<FromTable, 'authMode' | 'sparesMemoryMb' | 'maxBodySize' | 'bodiesMaxMb'> {
  readonly authMode: AuthMode;
  readonly sparesMemoryMb: number;
  readonly maxBodySize: number;
  readonly bodiesMaxMb: number;
  /** Lines for the operator about settings that work but may surprise. */
  readonly warnings: readonly string[];
}

/** What configuration needs to know of the machine. */
export interface Machine {
  /** The home folder of the user who runs OCP. */
  readonly home: string;
  /** Bytes of memory of the machine, or of what OCP may use of it. */
  readonly totalMemory: number;
  /** The admin key kept in OCP's home, if there is one. */
  readonly readAdminKey: (ocpHome: string) => string | undefined;
}

/** Variables that are OCP's own secrets: the CLI never sees them, whatever the operator lists. */
export const secretNames: readonly string[] = variables
  .filter((row: VariableDefinition) => row.kind === 'secret')
  .map((row) => row.name);

/** The members of the configuration that are secrets. */
export const secretKeys = variables.flatMap((row) => (row.kind === 'secret' ? [row.key] : []));

/**
 * Reads the configuration from the environment. Contract: the environment table of the README.
 * Raises ConfigError (one line for the operator) for the first value, then the first combination, that cannot be used.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, machine: Machine): Config {
  const table = readTable(env, machine.home);
  const sharedWithoutMode = table.authMode === undefined && table.sharedKey !== undefined;
  const authMode: AuthMode = table.authMode ?? (sharedWithoutMode ? 'shared' : 'none');
  const adminKey = table.adminKey ?? adminKeyFromFile(machine, table.home);
  const config: Config = {
    ...table,
    authMode,
    adminKey,
    sparesMemoryMb: table.sparesMemoryMb ?? Math.min(4096, Math.floor(machine.totalMemory / 4 / 1_048_576)),
    ...bodySizes(table, machine.totalMemory),
    warnings: [],
  };
  refuseCombinations(config);
  return { ...config, warnings: [...warningsOf(config), ...bodyWarnings(config, table.maxBodySize)] };
}

/** The body limits that follow from the memory: several bodies of the largest size must fit what all may take. */
function bodySizes(
  { maxBodySize, bodiesMaxMb }: Pick<FromTable, 'maxBodySize' | 'bodiesMaxMb'>,
  totalMemory: number,
): Pick<Config, 'maxBodySize' | 'bodiesMaxMb'> {
  const room = bodiesMaxMb ?? Math.max(LEAST_BODIES_MB, Math.floor(totalMemory / 8 / BYTES_PER_MIB));
  const usual = Math.min(API_BODY_BYTES, Math.floor((room * BYTES_PER_MIB) / 4));
  return { bodiesMaxMb: room, maxBodySize: Math.min(maxBodySize ?? usual, room * BYTES_PER_MIB) };
}

function readTable(env: Readonly<Record<string, string | undefined>>, home: string): FromTable {
  const values: Record<string, ConfigValue | undefined> = {};
  for (const row of variables as readonly VariableDefinition[]) {
    const text = env[row.name] ?? '';
    const preset =
      row.kind === 'path' && row.default !== undefined ? parseVariable(row, row.default, home) : row.default;
    values[row.key] = text === '' ? preset : parseVariable(row, text, home);
  }
  return values as FromTable;
}

function adminKeyFromFile(machine: Machine, ocpHome: string): string | undefined {
  const row = variables.find((candidate) => candidate.key === 'adminKey');
  const key = machine.readAdminKey(ocpHome);
  if (row === undefined || key === undefined) return undefined;
  try {
    return String(parseVariable(row, key, machine.home));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(row.name, `The file admin-key in OCP_HOME is unusable: ${error.message}`);
  }
}

function refuseCombinations(config: Config): void {
  if (config.authMode === 'shared' && config.sharedKey === undefined) {
    throw new ConfigError('PROXY_API_KEY', 'PROXY_API_KEY is unset, but CLAUDE_AUTH_MODE shared needs it');
  }
  if (config.authMode === 'none' && !isLoopbackAddress(config.bind) && !config.allowOpenLan) {
    throw new ConfigError(
      'CLAUDE_BIND',
      `CLAUDE_BIND is ${config.bind}, which other machines can reach, while CLAUDE_AUTH_MODE none lets anyone spend ` +
        'your Claude login: set CLAUDE_AUTH_MODE to shared or multi, or OCP_ALLOW_OPEN_LAN=1 if that is meant',
    );
  }
  if (config.skipPermissions && config.allowedTools.length === 0) {
    throw new ConfigError(
      'CLAUDE_SKIP_PERMISSIONS',
      'CLAUDE_SKIP_PERMISSIONS is true, but has no meaning without CLAUDE_ALLOWED_TOOLS',
    );
  }
  const passedSecret = config.claudeEnv.find((name) => secretNames.includes(name));
  if (passedSecret !== undefined) {
    throw new ConfigError('OCP_CLAUDE_ENV', `OCP_CLAUDE_ENV lists ${passedSecret}, which the CLI never gets to see`);
  }
  refuseEqualKeys(config);
}

/** The anonymous key is public: equal to another it would give that one's rights to everybody. */
function refuseEqualKeys(config: Config): void {
  const keys: readonly [string, string | undefined][] = [
    ['OCP_ADMIN_KEY', config.adminKey],
    ['PROXY_API_KEY', config.sharedKey],
    ['PROXY_ANONYMOUS_KEY', config.anonymousKey],
    ['OCP_METRICS_TOKEN', config.metricsToken],
  ];
  for (const [index, [name, key]] of keys.entries()) {
    const twin = keys.slice(0, index).find(([, other]) => other !== undefined && other === key);
    if (twin !== undefined) throw new ConfigError(name, `${name} and ${twin[0]} must not be the same key`);
  }
}

/** Where memory is small, clients learn it from a 413: the operator is to know first. */
function bodyWarnings({ maxBodySize, bodiesMaxMb }: Config, asked: number | undefined): string[] {
  const mib = (bytes: number): string => (bytes / BYTES_PER_MIB).toFixed(1).replace('.0', '');
  if (asked === undefined && maxBodySize < API_BODY_BYTES) {
    return [
      `Memory is small here: a request body may have ${mib(maxBodySize)} MiB, where the API takes ${mib(API_BODY_BYTES)}. ` +
        'CLAUDE_MAX_BODY_SIZE and OCP_BODIES_MAX_MB raise it.',
    ];
  }
  if (asked === undefined || asked <= maxBodySize) return [];
  return [`CLAUDE_MAX_BODY_SIZE is more than OCP_BODIES_MAX_MB, so a request body may have ${bodiesMaxMb} MiB.`];
}

function warningsOf(config: Config): string[] {
  const warnings: string[] = [];
  if (config.authMode === 'multi' && config.adminKey === undefined) {
    warnings.push('No admin key: keys and quotas cannot be administered. Set OCP_ADMIN_KEY, or run setup.');
  }
  if (config.authMode === 'none' && config.sharedKey !== undefined) {
    warnings.push('PROXY_API_KEY is set but not asked for, because CLAUDE_AUTH_MODE is none.');
  }
  if (config.authMode !== 'multi' && config.anonymousKey !== undefined) {
    warnings.push('PROXY_ANONYMOUS_KEY has an effect only with CLAUDE_AUTH_MODE multi.');
  }
  if (config.authMode === 'none' && !isLoopbackAddress(config.bind)) {
    warnings.push('Anyone who can reach this machine can use your Claude login: CLAUDE_AUTH_MODE is none.');
  }
  return warnings;
}
