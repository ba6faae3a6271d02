import { DEFAULT_PROFILE } from '../claude/profiles.ts';
import type { Caller } from './identity.ts';

/** The owner of workers and of what they hold: every key is one, and so is every role without a key. */
export function ownerOf(caller: Caller): string {
  return caller.key === null ? caller.role : keyOwner(caller.key.id);
}

/** The owner that a key is. */
export function keyOwner(keyId: number): string {
  return `key:${keyId}`;
}

/** The id of the key that an owner stands for; undefined for a role without one. */
export function keyIdOf(owner: string): number | undefined {
  const id = /^key:(\d+)$/.exec(owner)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** The login that answers a caller. */
export function profileOf(caller: Caller): string {
  return caller.key?.profile ?? DEFAULT_PROFILE;
}
