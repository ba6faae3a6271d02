import type { ServerPowers } from '../claude/arguments.ts';
import type { Config } from '../config/config.ts';
import type { Caller } from './identity.ts';

/**
 * What a caller may have done on this machine, by the operator's configuration: tools of the CLI for whoever administers OCP
 * or sits at it, and for keys that the admin marked; the operator's own context for the former only. Never for anonymous
 * callers. Undefined = nothing.
 */
export function powersOf(
  caller: Caller,
  config: Pick<Config, 'allowedTools' | 'skipPermissions' | 'noContext'>,
): ServerPowers | undefined {
  const isTrusted = caller.role === 'admin' || caller.role === 'local';
  const mayRunTools = isTrusted || caller.key?.serverTools === true;
  const tools = mayRunTools ? config.allowedTools : [];
  const withContext = isTrusted && !config.noContext;
  if (tools.length === 0 && !withContext) return undefined;
  return { tools, skipPermissions: config.skipPermissions, withContext };
}
