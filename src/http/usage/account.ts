import type { AuthMode } from '../../config/config.ts';
import type { KeyStore } from '../../store/keys.ts';
import { keyNotFound } from '../../store/keys.ts';
import type { FindKey } from '../call-origin.ts';
import { limitedCaller } from '../call-origin.ts';
import type { Caller } from '../identity.ts';
import { isAdmin } from '../identity.ts';
import { keyOwner, ownerOf } from '../owner.ts';

/** Callers without a key of their own, whose usage is recorded under their role. */
const roles = ['admin', 'shared', 'anonymous', 'local', 'remote'];

/** The account on which a caller's requests go. */
export function accountOf(caller: Caller, findKey: FindKey): string {
  return limitedCaller(caller, findKey).limited?.account ?? ownerOf(caller);
}

/**
 * Whose usage a caller sees: their own, whatever they ask for; for the admin that of a key by id or name, or of a role, or
 * everybody's (undefined). Raises OcpError `not_found` for a key that is not there.
 */
export function ownOrAll(
  caller: Caller,
  asked: string | undefined,
  mode: AuthMode,
  keys: Pick<KeyStore, 'get'>,
): string | undefined {
  if (!isAdmin(caller, mode)) return accountOf(caller, (name) => keys.get(name));
  if (asked === undefined || asked === '') return undefined;
  const key = keys.get(asked);
  if (key !== undefined) return keyOwner(key.id);
  if (roles.includes(asked)) return asked;
  throw keyNotFound();
}
