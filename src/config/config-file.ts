import { chmodSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { cliVariables } from './cli-variables.ts';
import type { jsonc } from '../edit/jsonc.ts';
import { closest } from './closest.ts';
import type { ConfigText, Place, TextProblem } from './config-text.ts';
import { readConfigText, readPlainText } from './config-text.ts';
import { ConfigError } from './error.ts';
import { writePrivateFile } from './private-file.ts';
import { variables } from './variables.ts';

/** Names and values as environment variables have them. */
export type Values = Readonly<Record<string, string>>;

/** More than any configuration needs. */
const MOST_BYTES = 1_048_576;

/** What stands elsewhere: where the file lies, and the key that has a file of its own. */
const elsewhere: Readonly<Record<string, string>> = {
  OCP_HOME: 'it says where this file is, so it can only be an environment variable',
  OCP_ADMIN_KEY: 'the admin key belongs into the file admin-key beside it',
};

/** Where the configuration file of an OCP lies. */
export function configFilePath(ocpHome: string): string {
  return join(ocpHome, 'config.json');
}

/** The configuration file as far as it can be used, and what cannot. */
export interface ConfigFile {
  readonly values: Values;
  /** The first of them keeps a server from starting. */
  readonly problems: readonly ConfigError[];
  /** The problem of a value, with its place in the file. */
  readonly located: (problem: ConfigError) => ConfigError;
}

/**
 * Reads the configuration file: a JSON object of environment variables' names with text, numbers or booleans; comments and
 * trailing commas are fine. Empty where there is no file. A file that others could read is made the owner's alone, since it
 * may hold keys. Never raises.
 */
export function inspectConfigFile(ocpHome: string): ConfigFile {
  const path = configFilePath(ocpHome);
  const read = readText(path);
  if (read instanceof ConfigError) return { values: {}, problems: [read], located: (problem) => problem };
  if (read === undefined) return { values: {}, problems: [], located: (problem) => problem };
  const text = read;
  let detailed: ConfigText | undefined;
  const details = (): ConfigText => (detailed ??= readConfigText(text));
  const at = (variable: string, what: string, place?: Place): ConfigError => {
    const where = place ?? details().members.find(({ name }) => name === variable)?.place;
    return new ConfigError(variable, `${path}: ${what}${where === undefined ? '' : placeText(where)}`);
  };
  const plain = readPlainText(text);
  const members = plain ?? Object.fromEntries(details().members.map(({ name, value }) => [name, value]));
  const problems = (plain === undefined ? details().problems : []).map((problem) =>
    at(problem.name ?? problem.near ?? 'OCP_HOME', problemText(problem), problem.place),
  );
  const scalars = Object.entries(members).flatMap(([name, value]) => {
    const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (isScalar) return [[name, String(value)] as const];
    const what =
      value === null ? 'has no value; remove the line, or give it one' : 'must be a text, a number or a boolean';
    problems.push(at(name, `${nameText(name)} ${what}`));
    return [];
  });
  const allowed = allowedNames(Object.fromEntries(scalars));
  const known = scalars.filter(([name]) => {
    if (!allowed.has(name)) problems.push(at(name, unknownText(name, allowed)));
    return allowed.has(name);
  });
  return {
    values: Object.fromEntries(known),
    problems,
    located: ({ variable, message }) => at(variable, message),
  };
}

/** The configuration file. Raises ConfigError when it cannot be read, is of another form, or has a name that means nothing. */
export function readConfigFile(ocpHome: string): Values {
  const { values, problems } = inspectConfigFile(ocpHome);
  const [first] = problems;
  if (first !== undefined) throw first;
  return values;
}

/**
 * Writes the configuration file, for its owner alone and as a whole; comments that are there stay. Raises ConfigError for a
 * name that may not stand in it, and the system's errors.
 */
export function writeConfigFile(ocpHome: string, values: Values): void {
  const path = configFilePath(ocpHome);
  const allowed = allowedNames(values);
  const wrong = Object.keys(values).find((name) => !allowed.has(name));
  if (wrong !== undefined) throw new ConfigError(wrong, `${path}: ${unknownText(wrong, allowed)}`);
  const present = readText(path);
  writePrivateFile(path, configFileText(values, typeof present === 'string' ? present : undefined));
}

/**
 * The text of a configuration file with these values and no others, numbers and booleans as such. What `present` says already
 * stays as it stands there, its comments and its order too, unless it cannot be read.
 */
export function configFileText(values: Values, present?: string): string {
  const typed = Object.entries(values).map(([name, value]) => [name, typedValue(name, value)] as const);
  const whole = `${JSON.stringify(Object.fromEntries(typed), undefined, 2)}\n`;
  if (present === undefined) return whole;
  const { members, problems } = readConfigText(present);
  if (problems.length > 0) return whole;
  const before = new Map(members.map(({ name, value }) => [name, value]));
  const changes = [
    ...[...before.keys()].filter((name) => values[name] === undefined).map((name) => [name, undefined] as const),
    ...typed.filter(([name, value]) => !before.has(name) || String(before.get(name)) !== String(value)),
  ];
  if (changes.length === 0) return present;
  // Loaded only for the few commands that write; in the language that this file is in.
  const editors = createRequire(import.meta.url)(`../edit/jsonc${extname(import.meta.filename)}`) as {
    readonly jsonc: typeof jsonc;
  };
  const edited = changes.reduce(
    (text, [name, value]) =>
      value === undefined ? editors.jsonc.remove(text, [name]) : editors.jsonc.set(text, [name], value),
    present,
  );
  const again = readConfigText(edited);
  const isExact =
    again.problems.length === 0 &&
    again.members.length === typed.length &&
    again.members.every(({ name, value }) => String(value) === values[name]);
  return isExact ? edited : whole;
}

/** The variables that may stand in a file with these values: OCP's, and those of the CLI that OCP passes on. */
export function allowedNames(values: Values): ReadonlySet<string> {
  const listed = (values['OCP_CLAUDE_ENV'] ?? '').split(',').map((name) => name.trim());
  const own = variables.map((row) => row.name).filter((name) => !Object.hasOwn(elsewhere, name));
  return new Set([...own, ...cliVariables, ...listed.filter((name) => name !== '' && !Object.hasOwn(elsewhere, name))]);
}

function placeText({ line, column }: Place): string {
  return ` (line ${line}, column ${column})`;
}

function problemText({ name, near, what }: TextProblem): string {
  if (name !== undefined) return `${nameText(name)}: ${what}`;
  return `the file must be a JSON object: ${near === undefined ? '' : `at ${nameText(near)} `}${what}`;
}

function unknownText(name: string, allowed: ReadonlySet<string>): string {
  const reason = elsewhere[name];
  if (reason !== undefined && Object.hasOwn(elsewhere, name)) return `${name} may not stand here: ${reason}`;
  const meant = closest(name.toUpperCase(), [...allowed]);
  const hint =
    meant === undefined
      ? 'docs/configuration.md lists the settings, and OCP_CLAUDE_ENV what more the CLI may see'
      : `did you mean ${meant}?`;
  return `${nameText(name)} may not stand here: it is no setting of OCP; ${hint}`;
}

/** A name as a message may show it: names of variables as they are, anything else short, and hidden where it looks like a key. */
function nameText(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,63}$/u.test(name) && !/^(?:sk-|ocp_)/u.test(name)) return name;
  if (/(?:^|[^A-Za-z0-9])(?:sk-|ocp_)/u.test(name)) return 'a name that looks like a key (not shown)';
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}

/** The text of the file, undefined where there is none, or why it cannot be read. */
function readText(path: string): string | undefined | ConfigError {
  const problem = (what: string): ConfigError => new ConfigError('OCP_HOME', `${path} ${what}`);
  let bytes: Buffer;
  try {
    const { mode, size } = statSync(path);
    if (size > MOST_BYTES) return problem(`is larger than ${MOST_BYTES / 1024} KiB, which no configuration is`);
    bytes = readFileSync(path);
    if ((mode & 0o077) !== 0) chmodSync(path, 0o600);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EISDIR') return problem('is a folder; the configuration is a file');
    return problem(`cannot be read (${code})`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return problem('is not UTF-8 text; save it as UTF-8');
  }
}

function typedValue(name: string, value: string): string | number | boolean {
  const kind = variables.find((row) => row.name === name)?.kind;
  if (kind === 'integer' && /^\d{1,15}$/u.test(value)) return Number(value);
  return kind === 'boolean' && (value === 'true' || value === 'false') ? value === 'true' : value;
}
