import { dirname, join } from 'node:path';
import type { Values } from '../../config/config-file.ts';
import { isSecretName } from '../../config/secret-names.ts';
import type { Machine } from '../machine.ts';
import type { ServiceOptions } from './service.ts';

/**
 * The environment of the service: where it finds programs and OCP's home, and what people set in it that is not of OCP (`kept`).
 * Nothing of config.json stands in it: what is taken out of that file is no longer in force.
 */
export function unitEnvironment({ machine, ocpHome, file }: ServiceOptions, kept: Values): Values {
  const values: Record<string, string> = { ...kept };
  if (ocpHome !== join(machine.home, '.ocp')) values['OCP_HOME'] = ocpHome;
  values['PATH'] = searchPath(machine, file['CLAUDE_BIN']);
  return Object.fromEntries(Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where the server of a service listens that goes by these values. */
export function serviceAddress(file: Values): { readonly address: string; readonly port: number } {
  const address = file['CLAUDE_BIND'] ?? '127.0.0.1';
  return {
    address: address === 'localhost' ? '127.0.0.1' : address,
    port: Number(file['CLAUDE_PROXY_PORT'] ?? '3456'),
  };
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
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isSecretName(name) ? '(hidden)' : value]),
  );
}

/** Whether a variable's value must not be shown: OCP's keys, and whatever is named like one. */
export { isSecretName as isSecret } from '../../config/secret-names.ts';
