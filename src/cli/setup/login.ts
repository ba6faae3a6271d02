import type { Login } from '../../claude/login.ts';
import { DEFAULT_PROFILE, loginVariables, withStoredLogin, writeStoredLogin } from '../../claude/stored-login.ts';
import { CommandError } from '../command.ts';
import { runVisibly } from '../login/run-visibly.ts';
import type { Asker } from './ask.ts';
import type { CheckedCli } from './checks.ts';
import { checkLogin } from './checks.ts';

/**
 * Offers the ways to log in. Both that need a plan go through the CLI, which shows an address that can be opened on any device;
 * a token or an API key is asked for, since OCP never looks for one in what the CLI shows.
 */
export async function offerLogin(cli: CheckedCli, home: string, ask: Asker, signal: AbortSignal): Promise<Login> {
  const way = await ask.choose('Claude is not logged in. How do you want to log in?', [
    { value: 'login', label: 'With a browser, here or on another device', hint: 'claude auth login' },
    {
      value: 'token',
      label: 'With a token that lasts a year',
      hint: 'claude setup-token; for machines without a browser',
    },
    { value: 'api-key', label: 'With an API key of the Claude Console', hint: 'billed by use' },
    { value: 'later', label: 'Later', hint: 'ocp login' },
  ]);
  if (way === 'later') return checkLogin(cli, signal);
  if (way === 'login') {
    await runVisibly(cli.path, ['auth', 'login'], cli.env);
    return checkLogin(cli, signal);
  }
  if (way === 'token') await runVisibly(cli.path, ['setup-token'], cli.env);
  const secret = await ask.secret(way === 'token' ? 'The token that the CLI has just shown' : 'API key');
  if (!/^[\x21-\x7e]{20,2048}$/u.test(secret)) {
    throw new CommandError(`that is no ${way === 'token' ? 'token' : 'API key'} of Claude; run ocp setup again`);
  }
  const stored = { kind: way, storedAt: Date.now(), env: { [loginVariables[way]]: secret } };
  const login = await checkLogin({ ...cli, env: withStoredLogin(cli.env, stored) }, signal);
  writeStoredLogin(home, DEFAULT_PROFILE, stored);
  return login;
}
