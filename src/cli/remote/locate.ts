import { isIP } from 'node:net';
import { readAdminKeyFile } from '../../config/admin-key.ts';
import { inspectConfigFile } from '../../config/config-file.ts';
import type { Values } from '../../config/config-file.ts';
import { runningServerRecord } from '../../config/server-record.ts';
import { ocpHome, userHome, withFile } from '../../config/configuration.ts';
import { ConfigError } from '../../config/error.ts';
import { isLoopbackAddress } from '../../config/loopback.ts';
import { parseVariable } from '../../config/parse.ts';
import { variables } from '../../config/variables.ts';
import type { CommandContext } from '../command.ts';
import { UsageError } from '../command.ts';
import type { RemoteValues } from './options.ts';

/** Where a command's server is, and with which key it is asked. */
export interface ServerLocation {
  /** `http://HOST:PORT`, without a slash at the end. */
  readonly url: string;
  readonly key: string | undefined;
  /** Whether it is the server of this machine: what lies in OCP's home belongs to it. */
  readonly isOwn: boolean;
  readonly port: number;
  /** OCP's home on this machine. */
  readonly home: string;
}

type Env = CommandContext['env'];

/**
 * Finds the server and the key: the options, then the environment (OCP_PROXY_URL; CLAUDE_PROXY_PORT with CLAUDE_BIND;
 * OCP_ADMIN_KEY), then the configuration file and the admin key in OCP's home. A key that was not given for it never goes to another machine's server that
 * `--url` names. A configuration file that cannot be used keeps nobody from
 * asking the server that runs: it is told to `warn`, and what the server wrote down at its start helps out. Raises UsageError, and
 * ConfigError for a variable of the environment that cannot be used.
 */
export function locateServer(
  values: RemoteValues,
  given: Env,
  warn: (line: string) => void = () => {},
): ServerLocation {
  const home = ocpHome(given);
  const env = withFile(given, usableFile(home, warn));
  const named = values.url ?? textOf(env['OCP_PROXY_URL']);
  const url = named === undefined ? ownUrl(env) : parseUrl(named, values.url === undefined ? 'OCP_PROXY_URL' : '--url');
  const isOwn = named === undefined || isOwnHost(url.hostname, env);
  const found = isOwn ? (textOf(env['OCP_ADMIN_KEY']) ?? readAdminKeyFile(home)) : undefined;
  const forNamed = values.url === undefined ? textOf(env['OCP_ADMIN_KEY']) : undefined;
  return {
    url: url.origin,
    key: checkedKey(values.key ?? found ?? forNamed, values.key === undefined ? 'OCP_ADMIN_KEY' : '--key'),
    isOwn,
    port: Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port),
    home,
  };
}

/** What the file says of where the server is, as far as it can be used. */
function usableFile(home: string, warn: (line: string) => void): Values {
  const { values, problems, located } = inspectConfigFile(home);
  const wrong = (['port', 'bind'] as const).flatMap((key) => {
    try {
      variable(key, values);
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return [located(error)];
    }
  });
  const all = [...problems, ...wrong];
  const [first] = all;
  if (first !== undefined) {
    const more = all.length > 1 ? ` (and ${all.length - 1} more)` : '';
    warn(`ocp: ${first.message}${more}; a running server is not affected`);
  }
  const names = wrong.map((error) => error.variable);
  const good = Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
  // The file may have changed since the server that runs was started.
  const running = runningServerRecord(home);
  if (running === undefined) return good;
  return { ...good, CLAUDE_BIND: running.address, CLAUDE_PROXY_PORT: String(running.port) };
}

/** The address of the server that this machine's configuration describes, as a program on this machine reaches it. */
function ownUrl(env: Env): URL {
  const bind = String(variable('bind', env));
  const host = bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind;
  return new URL(`http://${isIP(host) === 6 ? `[${host}]` : host}:${String(variable('port', env))}`);
}

function isOwnHost(host: string, env: Env): boolean {
  const address = host.replace(/^\[(.*)\]$/u, '$1');
  return address === 'localhost' || isLoopbackAddress(address) || address === variable('bind', env);
}

/** Only what is needed is read: a wrong value elsewhere stops the server, and this command may be there to find out why. */
function variable(key: 'port' | 'bind', env: Env): unknown {
  const row = variables.find((candidate) => candidate.key === key);
  if (row === undefined) throw new Error(`there is no variable for ${key}`);
  return parseVariable(row, textOf(env[row.name]) ?? String(row.default), userHome(env));
}

function parseUrl(text: string, name: string): URL {
  const url = URL.parse(/^[a-z]+:\/\//iu.test(text) ? text : `http://${text}`);
  const isUsable =
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '' &&
    /^\/(?:v1\/?)?$/u.test(url.pathname) &&
    url.search === '';
  if (isUsable) return url;
  const problem = `${name} must be an address such as http://192.168.1.10:3456`;
  throw name === '--url' ? new UsageError(problem) : new ConfigError(name, problem);
}

function checkedKey(key: string | undefined, name: string): string | undefined {
  if (key === undefined || /^[\x21-\x7e]{1,512}$/u.test(key)) return key;
  const problem = `${name} must be 1 to 512 printable ASCII characters without spaces`;
  throw name === '--key' ? new UsageError(problem) : new ConfigError(name, problem);
}

function textOf(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
