import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { keyDigest } from '../../store/key-text.ts';
import type { KeptLogin } from '../../store/login-sessions.ts';
import { OcpError } from '../../wire/errors.ts';
import type { Caller, IdentityRules, MayTry } from '../identity.ts';
import { identifyDigest } from '../identity.ts';
import { ownerOf } from '../owner.ts';

const HOUR_MS = 3_600_000;
/** How long a session lives without use, ms. */
export const SESSION_IDLE_MS = 12 * HOUR_MS;
/** How long a session lives at most, ms. */
export const SESSION_LONGEST_MS = 7 * 24 * HOUR_MS;
/** How many sessions an owner has at most; beyond it the owner's own longest unused ends. */
const MOST_OF_OWNER = 20;
const MOST_OF_ADMIN = 50;
/** How many there are at most of all who come with a key that many have; beyond it nobody more is let in. */
const MOST_OF_MANY = 500;
/** A use is written down again after this time, ms. */
const WRITE_AGAIN_MS = 600_000;
/** Bytes of chance in a session's id. */
const RANDOM_BYTES = 32;

/** Where sessions are kept over a restart. */
export interface SessionKeeper {
  all(): readonly KeptLogin[];
  put(login: KeptLogin): void;
  remove(id: string): void;
}

export interface LoginSessionsOptions {
  readonly rules: IdentityRules;
  readonly keeper: SessionKeeper;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
}

/** Where somebody logs in. */
export interface LoginFrom {
  /** Whose sessions count together, of those who come with a key that many have. */
  readonly place: string;
  readonly mayTry: MayTry;
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

interface Open extends Omit<KeptLogin, 'usedAt'> {
  usedAt: number;
  writtenAt: number;
}

/**
 * Who is logged in at the dashboard. A session stands for the key that opened it: where that key is revoked, switched off,
 * expired, rotated or changed, the session is over with the next request. Kept by the digests of ids and keys. Every owner
 * has places of their own, so that nobody can log out anybody else.
 */
export class LoginSessions {
  readonly #options: LoginSessionsOptions;
  /** By the digest of the id, the longest unused first. */
  readonly #sessions: Map<string, Open>;

  constructor(options: LoginSessionsOptions) {
    this.#options = options;
    const kept = options.keeper.all().map((login) => ({ ...login, writtenAt: login.usedAt }));
    this.#sessions = new Map(kept.map((login) => [login.id, login]));
    this.#sweep();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Opens a session with a key. Raises OcpError `invalid_api_key` when it opens nothing, and `rate_limit_exceeded` when too
   * many are logged in with a key that many have.
   */
  open(key: string, from: LoginFrom): { readonly id: string; readonly session: LoginSession } {
    const { rules, now, randomBytes, keeper } = this.#options;
    const digest = keyDigest(key);
    const caller = identifyDigest(digest, rules, from.mayTry);
    const owner = ownerOfSession(caller, from.place);
    this.#sweep();
    this.#makeRoom(owner);
    const id = randomBytes(RANDOM_BYTES).toString('base64url');
    const open: Open = { id: nameOf(id), key: digest, owner, openedAt: now(), usedAt: now(), writtenAt: now() };
    this.#sessions.set(open.id, open);
    keeper.put(open);
    return { id, session: shown(id, open, caller) };
  }

  /** The session of an id, which is thereby used; undefined when there is none, or it is over. */
  find(id: string): LoginSession | undefined {
    const { rules, now, keeper } = this.#options;
    const open = this.#sessions.get(nameOf(id));
    if (open === undefined || this.#isOver(open)) return undefined;
    try {
      const caller = identifyDigest(open.key, rules);
      this.#sessions.delete(open.id);
      this.#sessions.set(open.id, open);
      open.usedAt = now();
      if (Math.abs(open.usedAt - open.writtenAt) >= WRITE_AGAIN_MS) {
        open.writtenAt = open.usedAt;
        keeper.put(open);
      }
      return shown(id, open, caller);
    } catch {
      this.#end(open.id);
      return undefined;
    }
  }

  close(id: string): void {
    this.#end(nameOf(id));
  }

  #isOver({ openedAt, usedAt }: Open): boolean {
    const now = this.#options.now();
    return now - usedAt >= SESSION_IDLE_MS || now - openedAt >= SESSION_LONGEST_MS;
  }

  #sweep(): void {
    for (const open of this.#sessions.values()) if (this.#isOver(open)) this.#end(open.id);
  }

  #makeRoom(owner: string): void {
    const kind = kindOf(owner);
    const alike = [...this.#sessions.values()].filter((open) => kindOf(open.owner) === kind);
    const own = alike.filter((open) => open.owner === owner);
    const [oldest] = own;
    if (oldest !== undefined && own.length >= (kind === 'admin' ? MOST_OF_ADMIN : MOST_OF_OWNER)) this.#end(oldest.id);
    else if ((kind === 'shared' || kind === 'anonymous') && alike.length >= MOST_OF_MANY) {
      throw new OcpError('rate_limit_exceeded', 'Too many people are logged in with this key.', {
        retryAfterSeconds: 3600,
      });
    }
  }

  #end(name: string): void {
    if (this.#sessions.delete(name)) this.#options.keeper.remove(name);
  }
}

/** Raises OcpError `permission_denied` unless the token is the session's. */
export function requireCsrf({ csrf }: LoginSession, token: unknown): void {
  if (typeof token === 'string' && timingSafeEqual(keyDigest(token), keyDigest(csrf))) return;
  throw new OcpError('permission_denied', 'A request of a session needs its token, in the header x-ocp-csrf.');
}

function shown(id: string, { openedAt }: Open, caller: Caller): LoginSession {
  // Made from the id, which only the browser has, so that nothing but digests need be kept.
  const csrf = createHmac('sha256', id).update('csrf').digest('base64url');
  return { caller: { ...caller, isSession: true }, csrf, endsAt: openedAt + SESSION_LONGEST_MS };
}

/** Of a key that many have, those at one place are one owner; the address itself need not be kept for that. */
function ownerOfSession(caller: Caller, place: string): string {
  const owner = ownerOf(caller);
  return owner === 'shared' || owner === 'anonymous' ? `${owner} ${hash('sha256', place, 'hex').slice(0, 16)}` : owner;
}

function kindOf(owner: string): string {
  return owner.split(' ', 1)[0] ?? owner;
}

/** What is kept opens nothing by itself. */
function nameOf(id: string): string {
  return keyDigest(id).toString('hex');
}
