import { timingSafeEqual } from 'node:crypto';
import type { AuthMode } from '../config/config.ts';
import { isLoopbackAddress } from '../config/loopback.ts';
import type { KeyRecord } from '../store/key-record.ts';
import { keyDigest } from '../store/key-text.ts';
import { OcpError } from '../wire/errors.ts';
import type { RequestHeaders } from '../wire/surface.ts';

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

const UNKNOWN_KEY = 'OCP does not know this API key; it may be mistyped, revoked or expired.';

/** The parts of a request that say where it comes from. */
export interface Arrival {
  readonly headers: RequestHeaders;
  /** The peer's IP address as the socket gives it. */
  readonly remoteAddress: string | undefined;
}

/**
 * Tells who sent a request, by the key in `Authorization: Bearer`, `x-api-key` or `api-key`, and by where it comes from.
 * Raises OcpError `invalid_api_key` for a caller who may not come in; the message never holds the key.
 * Contract: the section "Auth" of OCP's HTTP contract.
 */
export function identify(arrival: Arrival, rules: IdentityRules): Caller {
  const tokens = tokensOf(arrival.headers);
  if (isOneOf(tokens, rules.adminKey)) return named('admin');
  const local = rules.trustLoopback && isLocal(arrival);

  switch (rules.mode) {
    case 'none':
      return named(local ? 'local' : 'remote');
    case 'shared':
      if (local) return named('local');
      if (isOneOf(tokens, rules.sharedKey)) return named('shared');
      throw refused(tokens);
    case 'multi': {
      if (isOneOf(tokens, rules.anonymousKey)) return named('anonymous');
      for (const token of tokens) {
        const key = rules.findKey(keyDigest(token));
        if (key !== undefined) return { role: 'key', key, name: key.name };
      }
      // Local tools that insist on a key send a placeholder; what looks like a key of OCP is a revoked or mistyped one.
      if (local && !tokens.some((token) => token.startsWith('ocp_'))) return named('local');
      throw refused(tokens);
    }
  }
}

/**
 * Tells whose key has this digest, as `identify` tells it by the key itself. Raises OcpError `invalid_api_key` when it
 * opens nothing.
 */
export function identifyDigest(digest: Buffer, rules: IdentityRules): Caller {
  if (isDigestOf(digest, rules.adminKey)) return named('admin');
  if (rules.mode === 'shared' && isDigestOf(digest, rules.sharedKey)) return named('shared');
  if (rules.mode === 'multi') {
    if (isDigestOf(digest, rules.anonymousKey)) return named('anonymous');
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

/** Whether a request comes from this machine and was not handed on by a proxy that runs on it. */
export function isLocal({ headers, remoteAddress }: Arrival): boolean {
  return isLoopbackAddress(remoteAddress) && !forwardingHeaders.some((header) => headers[header] !== undefined);
}

/** Whether a request carries anything as its key. */
export function carriesKey(headers: RequestHeaders): boolean {
  return tokensOf(headers).length > 0;
}

/** Whether a request carries this key. */
export function holds(headers: RequestHeaders, key: string | undefined): boolean {
  return isOneOf(tokensOf(headers), key);
}

/** Headers that reverse proxies and tunnels add. */
const forwardingHeaders = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-original-forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-ray',
  'cdn-loop',
  'fastly-client-ip',
  'fly-client-ip',
  'ngrok-skip-browser-warning',
  'tailscale-user-login',
] as const;

/** The keys that a request carries, without repetition: clients may send a placeholder in one header and theirs in another. */
function tokensOf(headers: RequestHeaders): string[] {
  const { authorization } = headers;
  const bearer = typeof authorization === 'string' ? /^bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
  const candidates = [bearer, headers['x-api-key'], headers['api-key']];
  const tokens = candidates.filter((token): token is string => typeof token === 'string' && token !== '');
  return [...new Set(tokens)].filter((token) => token.length <= 512);
}

function isOneOf(tokens: readonly string[], key: string | undefined): boolean {
  return tokens.some((token) => isDigestOf(keyDigest(token), key));
}

/** Digests have one length, so that comparing them tells nothing about the key's. */
function isDigestOf(digest: Buffer, key: string | undefined): boolean {
  return key !== undefined && timingSafeEqual(digest, keyDigest(key));
}

function named(role: Exclude<Caller['role'], 'key'>): Caller {
  return { role, key: null, name: role };
}

function refused(tokens: readonly string[]): OcpError {
  return new OcpError(
    'invalid_api_key',
    tokens.length === 0 ? 'OCP needs an API key here: send it as Authorization: Bearer, or as x-api-key.' : UNKNOWN_KEY,
  );
}
