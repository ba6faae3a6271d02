import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cliVariables } from './cli-variables.ts';
import { ConfigError } from './error.ts';
import { writePrivateFile } from './private-file.ts';
import { variables } from './variables.ts';

/** Names and values as environment variables have them. */
export type Values = Readonly<Record<string, string>>;

/** What stands elsewhere: where the file lies, and the key that has a file of its own. */
const elsewhere: Readonly<Record<string, string>> = {
  OCP_HOME: 'it says where this file is, so it can only be an environment variable',
  OCP_ADMIN_KEY: 'the admin key belongs into the file admin-key beside it',
};

const content = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** Where the configuration file of an OCP lies. */
export function configFilePath(ocpHome: string): string {
  return join(ocpHome, 'config.json');
}

/**
 * The configuration file: a JSON object of environment variables' names with text, numbers or booleans. Empty where there is
 * no file. A file that others could read is made the owner's alone, since it may hold keys.
 * Raises ConfigError when it cannot be read, is of another form, or has a name that means nothing.
 */
export function readConfigFile(ocpHome: string): Values {
  const path = configFilePath(ocpHome);
  const text = readText(path);
  if (text === undefined) return {};
  const parsed = content.safeParse(parseJson(path, text));
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path[0];
    const what =
      at === undefined ? 'the file must be a JSON object' : `${String(at)} must be a text, a number or a boolean`;
    throw new ConfigError(at === undefined ? 'OCP_HOME' : String(at), `${path}: ${what}`);
  }
  const values = Object.fromEntries(Object.entries(parsed.data).map(([name, value]) => [name, String(value)]));
  checkNames(path, values);
  return values;
}

/**
 * Writes the configuration file, for its owner alone and as a whole; numbers and booleans as such.
 * Raises ConfigError for a name that may not stand in it, and the system's errors.
 */
export function writeConfigFile(ocpHome: string, values: Values): void {
  checkNames(configFilePath(ocpHome), values);
  writePrivateFile(configFilePath(ocpHome), configFileText(values));
}

/** The text of a configuration file with these values. */
export function configFileText(values: Values): string {
  const typed = Object.entries(values).map(([name, value]) => [name, typedValue(name, value)]);
  return `${JSON.stringify(Object.fromEntries(typed), undefined, 2)}\n`;
}

/** The variables that may stand in a file with these values: OCP's, and those of the CLI that OCP passes on. */
export function allowedNames(values: Values): ReadonlySet<string> {
  const listed = (values['OCP_CLAUDE_ENV'] ?? '').split(',').map((name) => name.trim());
  const own = variables.map((row) => row.name).filter((name) => !Object.hasOwn(elsewhere, name));
  return new Set([...own, ...cliVariables, ...listed.filter((name) => name !== '' && !Object.hasOwn(elsewhere, name))]);
}

function checkNames(path: string, values: Values): void {
  const allowed = allowedNames(values);
  const wrong = Object.keys(values).filter((name) => !allowed.has(name));
  const [first = ''] = wrong;
  if (wrong.length === 0) return;
  if (wrong.length === 1 && Object.hasOwn(elsewhere, first)) {
    throw new ConfigError(first, `${path}: ${first} may not stand here: ${elsewhere[first] ?? ''}`);
  }
  throw new ConfigError(
    first,
    `${path}: ${wrong.map((name) => JSON.stringify(name)).join(', ')} may not stand here; docs/configuration.md lists ` +
      'what OCP knows, and OCP_CLAUDE_ENV lists what more the CLI may see',
  );
}

function readText(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return text;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ConfigError('OCP_HOME', `${path} cannot be read (${code})`);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the text, which may be a key.
    throw new ConfigError('OCP_HOME', `${path}: the file must be a JSON object`);
  }
}

function typedValue(name: string, value: string): string | number | boolean {
  const kind = variables.find((row) => row.name === name)?.kind;
  if (kind === 'integer' && /^\d{1,15}$/u.test(value)) return Number(value);
  return kind === 'boolean' && (value === 'true' || value === 'false') ? value === 'true' : value;
}
