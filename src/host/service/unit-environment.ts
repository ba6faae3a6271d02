import { dirname, join } from 'node:path';
import type { Values } from '../../config/config-file.ts';
import { variables } from '../../config/variables.ts';
import type { Machine } from '../machine.ts';
import type { ServiceOptions } from './service.ts';

/** Always in the unit, so that it tells where OCP is reached and who may call. Contract: section "services". */
const always = ['CLAUDE_PROXY_PORT', 'CLAUDE_BIND', 'CLAUDE_AUTH_MODE'] as const;
const whereSet = ['CLAUDE_BIN', 'PROXY_ANONYMOUS_KEY'] as const;
/** Leftovers of an earlier product's tools. */
const dropped = new Set(['NODE_ENV', 'OCP_DIR_OVERRIDE']);

/**
 * The environment of the service. What config.json says wins; what only the installed unit says (`old`) is kept, since
 * people write variables into it.
 */
export function unitEnvironment({ machine, ocpHome, file, adminKey }: ServiceOptions, old: Values): Values {
  const kept = Object.entries(old).filter(([name]) => !dropped.has(name) && !Object.hasOwn(file, name));
  const values: Record<string, string> = Object.fromEntries(kept);
  for (const name of always) values[name] = file[name] ?? old[name] ?? preset(name, { ...old, ...file });
  for (const name of whereSet) {
    const value = file[name];
    if (value !== undefined) values[name] = value;
  }
  if (adminKey !== undefined) values['OCP_ADMIN_KEY'] = adminKey;
  if (ocpHome !== join(machine.home, '.ocp')) values['OCP_HOME'] = ocpHome;
  values['PATH'] = searchPath(machine, values['CLAUDE_BIN']);
  return Object.fromEntries(Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where the server of a service listens, by the same rule as its environment. */
export function serviceAddress(file: Values, old: Values): { readonly address: string; readonly port: number } {
  const [port = '', address = ''] = always.map((name) => file[name] ?? old[name] ?? preset(name, {}));
  return { address: address === 'localhost' ? '127.0.0.1' : address, port: Number(port) };
}

/** Where the service looks for programs: it does not see the PATH of a shell. */
export function searchPath(machine: Machine, claudeBin?: string): string {
  const node = dirname(stableProgram(machine.nodePath));
  const folders = [
    // The launcher finds the Node that came with OCP by itself, and an update may replace it.
    ...(node.startsWith(machine.packageRoot) ? [] : [node]),
    ...(claudeBin === undefined || claudeBin.startsWith('~') ? [] : [dirname(claudeBin)]),
    join(machine.home, '.local', 'bin'),
    ...(machine.platform === 'darwin' ? ['/opt/homebrew/bin'] : []),
    '/usr/local/bin',
    '/usr/bin',
    '/bin',
    '/usr/sbin',
    '/sbin',
  ];
  return [...new Set(folders)].join(':');
}

/** Homebrew's own folder of a version goes with the next upgrade; its link in `opt` stays. */
export function stableProgram(path: string): string {
  return path.replace(/^(.*)\/Cellar\/([^/]+)\/[^/]+\//u, '$1/opt/$2/');
}

/** A unit's environment as it may be printed. */
export function withoutSecrets(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isSecret(name) ? '(hidden)' : value]));
}

/** Whether a variable's value must not be shown: OCP's keys, and whatever else is named like one. */
export function isSecret(name: string): boolean {
  const row = variables.find((candidate) => candidate.name === name);
  return row === undefined ? /KEY|TOKEN|SECRET|PASSWORD|PROXY$/iu.test(name) : row.kind === 'secret';
}

function preset(name: (typeof always)[number], values: Values): string {
  if (name === 'CLAUDE_AUTH_MODE') return values['PROXY_API_KEY'] === undefined ? 'none' : 'shared';
  return name === 'CLAUDE_BIND' ? '127.0.0.1' : '3456';
}
