import { join } from 'node:path';

/** The program that a service runs: the launcher, which finds a Node by itself, also after an update. */
export function serverCommand(packageRoot: string): readonly string[] {
  return [join(packageRoot, 'ocp'), 'serve', '--quiet'];
}

/** Where a service's standard output and error go. Contract: section "services". */
export function serviceLog(ocpHome: string): string {
  return join(ocpHome, 'logs', 'proxy.log');
}
