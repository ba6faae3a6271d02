import { accountVariables } from '../../config/account-variables.ts';
import { secretNames } from '../../config/config.ts';
import { UsageError } from '../command.ts';
import type { Cloud } from './clouds.ts';
import { clouds } from './clouds.ts';

/**
 * The variables of a cloud, or those that are named, as this shell has them. Raises UsageError with the line to type where one
 * is missing.
 */
export function cloudLogin(
  options: { readonly cloud?: string; readonly env?: readonly string[] },
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const named = (options.env ?? []).flatMap((names) => names.split(',')).map((name) => name.trim());
  const wrong = named.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name) || secretNames.includes(name));
  if (wrong !== undefined) throw new UsageError(`--env: ${JSON.stringify(wrong)} is no variable for the CLI`);
  const unset = named.find((name) => (env[name] ?? '') === '');
  if (unset !== undefined) throw new UsageError(`${unset} is not set in this shell: export ${unset}=…`);
  const cloud = options.cloud === undefined ? undefined : clouds[options.cloud as Cloud];
  if (cloud !== undefined && cloud.needs.every((name) => (env[name] ?? '') === '')) {
    throw new UsageError(
      `--cloud ${options.cloud} needs ${cloud.needs.join(' or ')} in this shell: export ${cloud.needs[0]}=…`,
    );
  }
  const names = [...named, ...(cloud?.variables ?? [])].filter((name) => (env[name] ?? '') !== '');
  const values = Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
  const all = cloud === undefined ? values : { ...values, [cloud.switch]: '1' };
  if (Object.keys(all).some((name) => accountVariables.includes(name))) return all;
  throw new UsageError(
    `--env names nothing that logs in; one of ${accountVariables.join(', ')} has to be among the variables`,
  );
}
