import { timingSafeEqual } from 'node:crypto';
import type { AuthMode } from '../config/config.ts';
import type { KeyRecord } from '../store/key-record.ts';
import { keyDigest, looksMade } from '../store/key-text.ts';
import { OcpError } from '../wire/errors.ts';
import type { RequestHeaders } from '../wire/surface.ts';
import type { Arrival } from './caller-address.ts';
import { isLocal } from './caller-address.ts';

/** Who sent a request. */
export interface Caller {
  /**
   * `admin`: holds the admin key; `key`: holds a key of their own; `shared`: holds the shared key; `anonymous`: holds the
   * public key; `local`: came without a known key from this machine; `remote`: came without one from elsewhere.
   */
  readonly role: 'admin' | 'key' | 'shared' | 'anonymous' | 'local' | 'remote';
  /** The caller's own key; null for every other role. */
  readonly key: KeyRecord | null;
  /** The name under which usage is recorded. */
  readonly name: string;
  /** Logged in at the dashboard, and known by that instead of a key in the request. */
  readonly isSession?: true;
}

/** What decides who a caller is. */
export interface IdentityRules {
  readonly mode: AuthMode;
  readonly adminKey: string | undefined;
  readonly sharedKey: string | undefined;
  readonly anonymousKey: string | undefined;
  /** Opens the metrics and nothing else. */
  readonly metricsToken: string | undefined;
  /** Whether callers on this machine need no key. */
  readonly trustLoopback: boolean;
  /** Finds a person's key by the SHA-256 digest of its text; undefined when it is unknown, revoked or expired. */
  readonly findKey: (digest: Buffer) => KeyRecord | undefined;
}

/** Whether a secret that somebody chose may be compared with what came in; asked with the digest of the secret. */
export type MayTry = (secret: Buffer) => boolean;

/** What the keys of a request say of who sent it. */
export interface Recognised {
  /** Undefined for somebody who may not come in. */
  readonly caller: Caller | undefined;
  /** Whether the request carries a key that opens something here: no web page can make a browser send one. */
  readonly holdsKey: boolean;
  readonly holdsMetricsToken: boolean;
  /** Digests of the secrets that the request holds, and of its keys that open nothing. */
  readonly right: readonly Buffer[];
  readonly wrong: readonly Buffer[];
}

const UNKNOWN_KEY = 'OCP does not know this API key; it may be mistyped, revoked or expired.';
const always: MayTry = () => true;

/**
 * Tells who sent a request, by its keys and by where it comes from. The public key is no secret, and keys of OCP's own making
 * cannot be guessed: they count whatever `mayTry` says. Contract: the section "Auth" of OCP's HTTP contract.
 */
export function recognise(tokens: readonly string[], local: boolean, rules: IdentityRules, mayTry: MayTry): Recognised {
  const { mode } = rules;
  const isTrusted = rules.trustLoopback && local;
  const digests = tokens.map(keyDigest);
  const secret = (text: string | undefined): Buffer | undefined => openedBy(digests, text, mayTry);
  const [admin, shared, metrics] = [rules.adminKey, rules.sharedKey, rules.metricsToken].map(secret);
  const anonymous = rules.anonymousKey === undefined ? undefined : keyDigest(rules.anonymousKey);
  const isAnonymous = anonymous !== undefined && digests.some((digest) => digest.equals(anonymous));
  const keys = digests.map((digest) => rules.findKey(digest));
  const key = keys.find((found) => found !== undefined);
  const right = [admin, shared, metrics].filter((digest) => digest !== undefined);
  const wrong = digests.filter(
    (digest, index) =>
      keys[index] === undefined &&
      !(isAnonymous && digest.equals(anonymous)) &&
      !right.some((known) => known.equals(digest)),
  );
  const opens =
    admin !== undefined ||
    (mode === 'shared' && shared !== undefined) ||
    (mode === 'multi' && (isAnonymous || key !== undefined));

  function caller(): Caller | undefined {
    if (admin !== undefined) return named('admin');
    switch (mode) {
      case 'none':
        return named(isTrusted ? 'local' : 'remote');
      case 'shared':
        if (isTrusted) return named('local');
        return shared === undefined ? undefined : named('shared');
      case 'multi':
        if (isAnonymous) return named('anonymous');
        if (key !== undefined) return { role: 'key', key, name: key.name };
        // Local tools that insist on a key send a placeholder; what looks like a key of OCP is a revoked or mistyped one.
        return isTrusted && !tokens.some((token) => token.startsWith('ocp_')) ? named('local') : undefined;
    }
  }
  return { caller: caller(), holdsKey: opens, holdsMetricsToken: metrics !== undefined, right, wrong };
}

/**
 * Tells who sent a request, by the key in `Authorization: Bearer`, `x-api-key` or `api-key`, and by where it comes from.
 * Raises OcpError `invalid_api_key` for a caller who may not come in; the message never holds the key.
 */
export function identify(arrival: Arrival, rules: IdentityRules, mayTry: MayTry = always): Caller {
  const tokens = tokensOf(arrival.headers);
  const { caller } = recognise(tokens, isLocal(arrival), rules, mayTry);
  if (caller === undefined) throw refused(tokens);
  return caller;
}

/**
 * Tells whose key has this digest, as `recognise` tells it by the key itself. Raises OcpError `invalid_api_key` when it
 * opens nothing.
 */
export function identifyDigest(digest: Buffer, rules: IdentityRules, mayTry: MayTry = always): Caller {
  const isSecret = (text: string | undefined): boolean => openedBy([digest], text, mayTry) !== undefined;
  if (isSecret(rules.adminKey)) return named('admin');
  if (rules.mode === 'shared' && isSecret(rules.sharedKey)) return named('shared');
  if (rules.mode === 'multi') {
    if (rules.anonymousKey !== undefined && digest.equals(keyDigest(rules.anonymousKey))) return named('anonymous');
    const key = rules.findKey(digest);
    if (key !== undefined) return { role: 'key', key, name: key.name };
  }
  throw new OcpError('invalid_api_key', UNKNOWN_KEY);
}

/**
 * Whether a caller may administer OCP: the holder of the admin key, and, where people have no keys of their own, callers
 * on this machine (whose Host and Origin were checked before).
 */
export function isAdmin(caller: Caller, mode: AuthMode): boolean {
  return caller.role === 'admin' || (caller.role === 'local' && mode !== 'multi');
}

/** Raises OcpError `permission_denied` unless the caller may administer OCP. */
export function requireAdmin(caller: Caller, mode: AuthMode): void {
  if (!isAdmin(caller, mode)) throw new OcpError('permission_denied', 'This needs the admin key.');
}

/**
 * The digest of a secret that one of these opens. Digests have one length, so that comparing them tells nothing about the
 * secret's. One that looks as if OCP had made it cannot be guessed, so `mayTry` is asked of others only.
 */
function openedBy(digests: readonly Buffer[], text: string | undefined, mayTry: MayTry): Buffer | undefined {
  if (text === undefined || digests.length === 0) return undefined;
  const wanted = keyDigest(text);
  if (!looksMade(text) && !mayTry(wanted)) return undefined;
  return digests.some((digest) => timingSafeEqual(digest, wanted)) ? wanted : undefined;
}

/** The keys that a request carries, without repetition: clients may send a placeholder in one header and theirs in another. */
export function tokensOf(headers: RequestHeaders): readonly string[] {
  const { authorization } = headers;
  const bearer = typeof authorization === 'string' ? /^bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
  const candidates = [bearer, headers['x-api-key'], headers['api-key']];
  const tokens = candidates.filter((token): token is string => typeof token === 'string' && token !== '');
  return [...new Set(tokens)].filter((token) => token.length <= 512);
}

/** The refusal of a caller who may not come in. */
export function refused(tokens: readonly string[]): OcpError {
  return new OcpError(
    'invalid_api_key',
    tokens.length === 0 ? 'OCP needs an API key here: send it as Authorization: Bearer, or as x-api-key.' : UNKNOWN_KEY,
  );
}

function named(role: Exclude<Caller['role'], 'key'>): Caller {
  return { role, key: null, name: role };
}
