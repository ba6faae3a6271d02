import { timingSafeEqual } from 'node:crypto';
import { keyDigest } from '../../store/key-text.ts';
import { OcpError } from '../../wire/errors.ts';
import type { Caller, IdentityRules } from '../identity.ts';
import { identifyDigest } from '../identity.ts';

const HOUR_MS = 3_600_000;
/** How long a session lives without use, ms. */
export const SESSION_IDLE_MS = 12 * HOUR_MS;
/** How long a session lives at most, ms. */
export const SESSION_LONGEST_MS = 7 * 24 * HOUR_MS;
/** How many sessions there are at most; beyond it the one longest unused ends. */
const MOST_SESSIONS = 1000;
/** Bytes of chance in a session's id and in its token. */
const RANDOM_BYTES = 32;

export interface LoginSessionsOptions {
  readonly rules: IdentityRules;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
}

/** A session as a request of it sees it. */
export interface LoginSession {
  /** Who logged in, as they are known now. */
  readonly caller: Caller;
  /** What a request that changes something has to repeat. */
  readonly csrf: string;
  /** When it ends even if it is used, Unix ms. */
  readonly endsAt: number;
}

interface Kept {
  /** Of the key that opened it: whoever the key belongs to, and whether it still opens anything, is asked anew each time. */
  readonly key: Buffer;
  readonly csrf: string;
  readonly openedAt: number;
  usedAt: number;
}

/**
 * Who is logged in at the dashboard. A session stands for the key that opened it: where that key is revoked, switched off,
 * expired, rotated or changed, the session is over with the next request. Kept in memory, by the digests of ids and keys.
 */
export class LoginSessions {
  readonly #options: LoginSessionsOptions;
  /** By the digest of the id, the longest unused first. */
  readonly #sessions = new Map<string, Kept>();

  constructor(options: LoginSessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Opens a session with a key. Raises OcpError `invalid_api_key` when it opens nothing. */
  open(key: string): { readonly id: string; readonly session: LoginSession } {
    const { rules, now, randomBytes } = this.#options;
    const digest = keyDigest(key);
    const caller = identifyDigest(digest, rules);
    const id = randomBytes(RANDOM_BYTES).toString('base64url');
    const csrf = randomBytes(RANDOM_BYTES).toString('base64url');
    const kept: Kept = { key: digest, csrf, openedAt: now(), usedAt: now() };
    this.#sessions.set(nameOf(id), kept);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    return { id, session: shown(kept, caller) };
  }

  /** The session of an id, which is thereby used; undefined when there is none, or it is over. */
  find(id: string): LoginSession | undefined {
    const { rules, now } = this.#options;
    const name = nameOf(id);
    const kept = this.#sessions.get(name);
    if (kept === undefined) return undefined;
    this.#sessions.delete(name);
    if (now() - kept.usedAt >= SESSION_IDLE_MS || now() - kept.openedAt >= SESSION_LONGEST_MS) return undefined;
    try {
      const caller = identifyDigest(kept.key, rules);
      kept.usedAt = now();
      this.#sessions.set(name, kept);
      return shown(kept, caller);
    } catch {
      return undefined;
    }
  }

  close(id: string): void {
    this.#sessions.delete(nameOf(id));
  }
}

/** Raises OcpError `permission_denied` unless the token is the session's. */
export function requireCsrf({ csrf }: LoginSession, token: unknown): void {
  if (typeof token === 'string' && timingSafeEqual(keyDigest(token), keyDigest(csrf))) return;
  throw new OcpError('permission_denied', 'A request of a session needs its token, in the header x-ocp-csrf.');
}

function shown({ csrf, openedAt }: Kept, caller: Caller): LoginSession {
  return { caller: { ...caller, isSession: true }, csrf, endsAt: openedAt + SESSION_LONGEST_MS };
}

/** What is in memory opens nothing by itself. */
function nameOf(id: string): string {
  return keyDigest(id).toString('hex');
}
