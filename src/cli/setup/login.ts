import { spawn } from 'node:child_process';
import type { Login } from '../../claude/login.ts';
import { CommandError } from '../command.ts';
import type { Asker } from './ask.ts';
import type { CheckedCli } from './checks.ts';
import { checkLogin } from './checks.ts';

/** How logging in ended. */
export interface LoginResult {
  readonly login: Login;
  /** A token that config.json is to keep for the CLI. */
  readonly token: string | undefined;
}

/**
 * Offers the two ways to log in; both go through the CLI, which prints an address that can be opened on any device.
 * The token of `claude setup-token` is asked for, since the CLI only shows it.
 */
export async function offerLogin(cli: CheckedCli, ask: Asker, signal: AbortSignal): Promise<LoginResult> {
  const way = await ask.choose('Claude is not logged in. How do you want to log in?', [
    { value: 'login', label: 'With a browser, here or on another device', hint: 'claude auth login' },
    {
      value: 'token',
      label: 'With a token that lasts long',
      hint: 'claude setup-token; for machines without a browser',
    },
    { value: 'later', label: 'Later' },
  ]);
  if (way === 'later') return { login: await checkLogin(cli, signal), token: undefined };
  await runVisibly(cli, way === 'login' ? ['auth', 'login'] : ['setup-token']);
  if (way === 'login') return { login: await checkLogin(cli, signal), token: undefined };
  const token = await ask.secret('The token that the CLI has just shown');
  if (!/^[\x21-\x7e]{20,512}$/u.test(token))
    throw new CommandError('that is no token of the Claude CLI; run ocp setup again');
  const env = { ...cli.env, CLAUDE_CODE_OAUTH_TOKEN: token };
  return { login: await checkLogin({ ...cli, env }, signal), token };
}

/** Runs the CLI in the terminal, as if it had been typed. */
async function runVisibly(cli: CheckedCli, args: readonly string[]): Promise<void> {
  const child = spawn(cli.path, args, { env: cli.env, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new CommandError(
      `claude ${args.join(' ')} did not succeed; ocp setup goes on from here when it is run again`,
    );
}
