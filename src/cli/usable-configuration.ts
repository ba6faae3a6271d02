import { totalmem } from 'node:os';
import { readableConfiguration, readableFile } from '../host/doctor/configuration.ts';
import type { ReadableConfiguration } from '../host/doctor/configuration.ts';
import { userHome } from '../config/configuration.ts';
import type { CommandContext } from './command.ts';

/**
 * The configuration for a command that has to work also with a broken one: what cannot be used is said on the standard error
 * output, and defaults stand in its place.
 */
export function usableConfiguration({ env, io }: Pick<CommandContext, 'env' | 'io'>): ReadableConfiguration {
  const home = userHome(env);
  const found = readableConfiguration(env, readableFile(env, home), { home, totalMemory: totalmem() });
  for (const problem of found.problems) io.stderr(`ocp: ${problem}; this command goes on without it`);
  return found;
}
