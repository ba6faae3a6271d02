import type { AssistantMessage, Message, MessagesRequest } from '../wire/anthropic/request.ts';

/** How many conversations are remembered, over all owners. */
const MAX_SESSIONS = 500;
/** Most characters of one remembered conversation; a longer one is forgotten. */
const MAX_CHARACTERS = 4_000_000;

interface Session {
  readonly owner: string;
  readonly id: string;
  readonly model: string;
  readonly system: readonly string[];
  readonly messages: readonly Message[];
  /** Unix time, ms. */
  lastUsed: number;
}

/** A remembered conversation as `/sessions` lists it. */
export interface SessionSummary {
  readonly id: string;
  readonly owner: string;
  readonly model: string;
  /** How many messages it has. */
  readonly messages: number;
  /** Unix time, ms. */
  readonly lastUsed: number;
}

/**
 * Conversations that clients gave a name, so that they may send only what is new. Kept in memory: a client whose name is
 * no longer known is one that begins anew. Most clients that name a conversation send all of it all the same, and some use
 * one name for side requests too; `extend` tells them apart.
 */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #ttlMs: () => number;
  readonly #now: () => number;

  constructor(ttlMs: () => number, now: () => number) {
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /**
   * Puts the remembered messages before those of the request, when the request can only be a continuation: it holds no
   * answer of the model, it has no system prompt of its own, and it does not begin as the conversation did.
   */
  extend(owner: string, id: string, request: MessagesRequest): MessagesRequest {
    this.#forgetOld();
    const session = this.#sessions.get(keyOf(owner, id));
    if (session === undefined || !isContinuation(session, request)) return request;
    return { ...request, system: session.system, messages: [...session.messages, ...request.messages] };
  }

  /** Remembers what the conversation is now; `request` is the whole of it. */
  remember(owner: string, id: string, request: MessagesRequest, answer: AssistantMessage): void {
    const key = keyOf(owner, id);
    this.#sessions.delete(key);
    const messages = answer.content.length === 0 ? request.messages : [...request.messages, answer];
    if (JSON.stringify(messages).length > MAX_CHARACTERS) return;
    this.#sessions.set(key, {
      owner,
      id,
      model: request.model,
      system: request.system,
      messages,
      lastUsed: this.#now(),
    });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }

  list(): readonly SessionSummary[] {
    this.#forgetOld();
    return [...this.#sessions.values()].map((session) => ({ ...session, messages: session.messages.length }));
  }

  /** Forgets those whose owner matches; tells how many they were. */
  clear(test: (owner: string) => boolean): number {
    const keys = [...this.#sessions].filter(([, session]) => test(session.owner));
    for (const [key] of keys) this.#sessions.delete(key);
    return keys.length;
  }

  #forgetOld(): void {
    const oldest = this.#now() - this.#ttlMs();
    for (const [key, session] of this.#sessions) {
      if (session.lastUsed < oldest) this.#sessions.delete(key);
    }
  }
}

function keyOf(owner: string, id: string): string {
  return JSON.stringify([owner, id]);
}

function isContinuation(session: Session, request: MessagesRequest): boolean {
  if (request.messages.some((message) => message.role === 'assistant')) return false;
  if (request.system.length > 0 && JSON.stringify(request.system) !== JSON.stringify(session.system)) return false;
  return JSON.stringify(request.messages[0]) !== JSON.stringify(session.messages[0]);
}
