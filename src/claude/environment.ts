import { cliVariables } from '../config/cli-variables.ts';
import { secretNames } from '../config/config.ts';
import { systemVariables } from './cli-names.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const allowed = new Set<string>([...systemVariables, ...cliVariables]);

/**
 * What the CLI may see of OCP's environment: an allow-list, so that an ANTHROPIC_API_KEY or ANTHROPIC_BASE_URL that
 * happens to be exported changes neither who pays nor where requests go. `extraNames` are the operator's additions
 * (OCP_CLAUDE_ENV); OCP's own secrets are left out even when listed.
 */
export function workerEnvironment(env: Environment, extraNames: readonly string[]): Record<string, string> {
  const extra = new Set(extraNames);
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || secretNames.includes(name)) continue;
    if (allowed.has(name) || name.startsWith('LC_') || extra.has(name)) kept[name] = value;
  }
  return kept;
}
