import type { FastifyRequest } from 'fastify';
import type { CallOrigin, LimitedCaller } from '../gateway/call.ts';
import { ANONYMOUS_KEY_NAME } from '../store/key-name.ts';
import type { KeyRecord } from '../store/key-record.ts';
import type { Surface } from '../wire/surface.ts';
import { clientFamily } from './client-family.ts';
import type { Caller } from './identity.ts';
import { keyOwner, ownerOf } from './owner.ts';

/** Finds a key by its name. */
export type FindKey = (name: string) => KeyRecord | undefined;

/** Who sent a request, for the gateway. */
export function callOrigin(
  surface: Surface<unknown>['name'],
  request: FastifyRequest,
  caller: Caller,
  findKey: FindKey,
): CallOrigin {
  return {
    surface,
    owner: ownerOf(caller),
    caller: caller.name,
    client: clientFamily(request.headers['user-agent']),
    ...limitedCaller(caller, findKey),
  };
}

/**
 * What limits a caller: their own key, and for those with the public key the key named `anonymous`, if the admin made
 * one. Nobody else has limits.
 */
export function limitedCaller(caller: Caller, findKey: FindKey): { readonly limited?: LimitedCaller } {
  const key = caller.role === 'anonymous' ? findKey(ANONYMOUS_KEY_NAME) : caller.key;
  if (key === null || key === undefined || key.revokedAt !== null) return {};
  const { limits, models, defaultModel } = key;
  return { limited: { account: keyOwner(key.id), limits, models, defaultModel } };
}
