import type { Gateway } from '../gateway/gateway.ts';
import type { Sessions } from '../gateway/sessions.ts';
import type { Logins } from '../claude/logins.ts';
import type { KeyStore } from '../store/keys.ts';
import { OcpError } from '../wire/errors.ts';
import { keyIdOf } from './owner.ts';

/** How soon after a key has expired what it runs is ended, ms. */
const CHECK_INTERVAL_MS = 1000;

export interface KeyGuard {
  /** Ends at once what belongs to keys that may not be used any more. */
  check(): void;
  stop(): void;
}

/**
 * Ends what belongs to keys that were revoked, switched off or have expired: running and waiting turns with
 * `invalid_api_key`, live workers, and remembered conversations. Ends the workers of removed profiles too.
 */
export function guardKeys(
  keys: KeyStore,
  parts: { readonly gateway: Gateway; readonly logins: Logins; readonly sessions: Sessions },
): KeyGuard {
  const isOver = (owner: string): boolean => {
    const id = keyIdOf(owner);
    return id !== undefined && keys.usable(id) === undefined;
  };
  const check = (): void => {
    parts.gateway.endTurns(isOver, new OcpError('invalid_api_key', 'This API key was revoked, or has expired.'));
    parts.logins.endConversations(({ owner }) => isOver(owner));
    parts.logins.endRemoved();
    parts.sessions.clear(isOver);
  };
  // Also finds a request whose body was still on its way when its key ended.
  const timer = setInterval(check, CHECK_INTERVAL_MS);
  timer.unref();
  return { check, stop: () => clearInterval(timer) };
}
