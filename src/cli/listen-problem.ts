import type { Config } from '../config/config.ts';
import type { Machine } from '../host/machine.ts';
import { portOwner } from '../host/port-owner.ts';
import { CommandError } from './command.ts';

/**
 * What to tell the operator when the server cannot listen: which setting, why, and what to do. Gives other errors back as
 * they are.
 */
export async function listenProblem(
  error: unknown,
  { port, bind }: Pick<Config, 'port' | 'bind'>,
  machine: Pick<Machine, 'platform' | 'run' | 'env'>,
): Promise<unknown> {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') return error;
  switch (error.code) {
    case 'EADDRINUSE': {
      const owner = await portOwner(port, machine);
      const by = owner === undefined ? 'another program' : `${owner.name} (process ${owner.pid})`;
      return new CommandError(
        `CLAUDE_PROXY_PORT: port ${port} of ${bind} is in use by ${by}. Stop it, or set CLAUDE_PROXY_PORT to another port`,
      );
    }
    case 'EACCES':
    case 'EPERM':
      return new CommandError(
        `CLAUDE_PROXY_PORT: this user may not listen on port ${port}. Set CLAUDE_PROXY_PORT to one from 1024 on`,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new CommandError(
        `CLAUDE_BIND: this machine has no address ${bind}. Set CLAUDE_BIND to one of its own, or leave it out for this machine alone`,
      );
    default:
      return error;
  }
}
