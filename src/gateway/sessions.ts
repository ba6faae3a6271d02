import type { PackedMessages } from '../claude/packed/messages.ts';
import { bytesOf, haveSameBeginning, joined, messageAt } from '../claude/packed/messages.ts';
import { packMessages } from '../claude/packed/pack-messages.ts';
import type { AssistantMessage } from '../wire/anthropic/request.ts';
import { OcpError } from '../wire/errors.ts';
import type { OpenResult } from '../wire/open-result.ts';
import type { PackedRequest } from './packed-request.ts';
import { joinedMessages } from './session-join.ts';

/** What every conversation takes besides its messages, bytes: many tiny ones are bounded too. */
const SESSION_BYTES = 2000;
/** The part of the room that one conversation may take; a longer one is not remembered. */
const MOST_SHARE = 0.5;
/** Most turns of one conversation that run or wait at a time. */
const MOST_TURNS = 32;

export interface SessionsOptions {
  /** How long a conversation is remembered after its last use, ms; read again each time. */
  readonly ttlMs: () => number;
  /** Most bytes of all conversations together. Beyond it, the caller who holds the most loses their least recently used. */
  readonly maxBytes: number;
  /** Monotonic clock, ms. */
  readonly now: () => number;
  /** Wall clock, Unix ms. */
  readonly wallClock: () => number;
}

type Start = Pick<PackedRequest, 'model' | 'system' | 'messages' | 'tools'>;

interface Session {
  readonly owner: string;
  readonly id: string;
  /** The conversation up to its last answer; undefined before there is one. */
  known: Start | undefined;
  bytes: number;
  /** The first request, while its answer is on its way. */
  opening: Start | undefined;
  /** Resolves when the last turn that has begun, or waits, is over. */
  last: Promise<void>;
  turns: number;
  /** On the monotonic clock, ms. */
  usedAt: number;
  /** Unix time, ms. */
  lastUsed: number;
}

/** What one owner has in memory, the least recently used first. */
interface Holding {
  bytes: number;
  readonly sessions: Map<string, Session>;
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

/** One turn of a named conversation, from its request to its end. */
export interface SessionTurn {
  /** The whole conversation, when the client sent only what is new. */
  readonly request: PackedRequest;
  /** Remembers what the conversation is now, unless it was cleared meanwhile. `request` is the whole of it. */
  remember(request: PackedRequest, answer: AssistantMessage): void;
  /** To be called once it is over, however it ended: the next turn may begin. */
  end(): void;
}

/**
 * Conversations that clients gave a name, so that they may send only what is new. Kept in memory: a client whose name is
 * no longer known is one that begins again. Most clients that name a conversation send all of it all the same, and some
 * use one name for side requests too: only a request that can be nothing but a continuation gets the earlier messages, and
 * waits for the turn before it.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  /** The least recently used first. */
  readonly #sessions = new Map<string, Session>();
  readonly #owners = new Map<string, Holding>();
  #bytes = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Bytes of all conversations. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Begins a turn. A continuation waits until the turns before it are over, so that it builds on their answers. Raises
   * OcpError `invalid_request` for a tool result whose call is not remembered, `queue_full` where too many wait already, and
   * what the signal is aborted with.
   */
  async begin(
    owner: string,
    id: string,
    request: PackedRequest,
    openResults: readonly OpenResult[],
    signal: AbortSignal,
  ): Promise<SessionTurn> {
    this.#forgetOld();
    const key = keyOf(owner, id);
    const session = this.#sessions.get(key) ?? this.#add(key, owner, id);
    const start = session.known ?? session.opening;
    if (session.turns >= MOST_TURNS) {
      throw new OcpError('queue_full', 'Too many requests of this conversation are waiting for one another.', {
        retryAfterSeconds: 1,
      });
    }
    const isNext = start !== undefined && isContinuation(start, request, openResults);
    const before = session.last;
    const { promise, resolve } = Promise.withResolvers<void>();
    session.turns += 1;
    session.last = Promise.all([before, promise]).then(() => {});
    if (session.known === undefined) session.opening ??= request;
    const end = (): void => {
      resolve();
      session.turns -= 1;
      if (session.turns > 0) return;
      session.opening = undefined;
      if (session.known === undefined && this.#sessions.get(key) === session) this.#sessions.delete(key);
    };
    try {
      if (isNext && session.turns > 1) await untilOver(before, signal);
      return {
        request: this.#whole(session, request, openResults),
        remember: (whole, answer) => this.#remember(key, session, whole, answer),
        end,
      };
    } catch (error) {
      end();
      throw error;
    }
  }

  list(): readonly SessionSummary[] {
    this.#forgetOld();
    return [...this.#sessions.values()].flatMap(({ id, owner, known, lastUsed }) =>
      known === undefined ? [] : [{ id, owner, lastUsed, model: known.model, messages: known.messages.count }],
    );
  }

  /** Forgets those whose owner matches, turns that still run included; tells how many conversations they were. */
  clear(test: (owner: string) => boolean): number {
    const found = [...this.#sessions].filter(([, { owner }]) => test(owner));
    const count = found.filter(([, { known }]) => known !== undefined).length;
    for (const [key, session] of found) this.#forget(key, session);
    return count;
  }

  #whole(session: Session, request: PackedRequest, openResults: readonly OpenResult[]): PackedRequest {
    const { known } = session;
    if (known === undefined || !isContinuation(known, request, openResults)) {
      const [open] = openResults;
      if (open !== undefined) throw unmatched(open);
      return request;
    }
    return {
      ...request,
      system: known.system,
      // A client that sends results alone may leave out the tools that they belong to.
      tools: request.tools.names.length === 0 && openResults.length > 0 ? known.tools : request.tools,
      messages: joinedMessages(known.messages, request.messages, openResults),
    };
  }

  #add(key: string, owner: string, id: string): Session {
    const session: Session = {
      owner,
      id,
      known: undefined,
      bytes: 0,
      opening: undefined,
      last: Promise.resolve(),
      turns: 0,
      usedAt: this.#options.now(),
      lastUsed: this.#options.wallClock(),
    };
    this.#sessions.set(key, session);
    return session;
  }

  #remember(key: string, session: Session, request: PackedRequest, answer: AssistantMessage): void {
    if (this.#sessions.get(key) !== session) return;
    const { model, system, tools } = request;
    const most = this.#options.maxBytes * MOST_SHARE;
    const before =
      SESSION_BYTES + 2 * key.length + bytesOf(request.messages) + system.bytes.length + tools.bytes.length;
    this.#forget(key, session);
    if (before > most) return;
    const messages = withAnswer(request.messages, answer);
    const bytes = before - bytesOf(request.messages) + bytesOf(messages);
    if (bytes > most) return;
    session.known = { model, system, tools, messages };
    session.usedAt = this.#options.now();
    session.lastUsed = this.#options.wallClock();
    session.bytes = bytes;
    this.#sessions.set(key, session);
    const holding = this.#owners.get(session.owner) ?? { bytes: 0, sessions: new Map<string, Session>() };
    this.#owners.set(session.owner, holding);
    holding.sessions.set(key, session);
    holding.bytes += bytes;
    this.#bytes += bytes;
    while (this.#bytes > this.#options.maxBytes) this.#makeRoom();
  }

  #makeRoom(): void {
    const most = [...this.#owners.values()].reduce((best, holding) => (holding.bytes > best.bytes ? holding : best));
    for (const [key, session] of most.sessions) return this.#forget(key, session);
  }

  #forget(key: string, session: Session): void {
    this.#sessions.delete(key);
    session.known = undefined;
    session.opening = undefined;
    const holding = this.#owners.get(session.owner);
    if (holding?.sessions.delete(key) !== true) return;
    this.#bytes -= session.bytes;
    holding.bytes -= session.bytes;
    if (holding.sessions.size === 0) this.#owners.delete(session.owner);
  }

  #forgetOld(): void {
    const oldest = this.#options.now() - this.#options.ttlMs();
    for (const [key, session] of this.#sessions) {
      if (session.usedAt >= oldest) return;
      if (session.turns === 0) this.#forget(key, session);
    }
  }
}

function keyOf(owner: string, id: string): string {
  return JSON.stringify([owner, id]);
}

/**
 * Whether a request can only go on with a conversation: it holds no answer of the model, has no system prompt of its own,
 * and does not begin as the conversation did.
 */
function isContinuation(start: Start, request: PackedRequest, openResults: readonly OpenResult[]): boolean {
  if (openResults.length > 0) return true;
  const { system, messages } = request;
  for (let index = 0; index < messages.count; index += 1) {
    if (messageAt(messages, index).role === 'assistant') return false;
  }
  if (system.count > 0 && system.digest !== start.system.digest) return false;
  return !haveSameBeginning(messages, start.messages);
}

function withAnswer(messages: PackedMessages, answer: AssistantMessage): PackedMessages {
  return answer.content.length === 0 ? messages : joined(messages, packMessages([answer]));
}

export function unmatched({ problem, param }: OpenResult): OcpError {
  return new OcpError('invalid_request', problem, { param });
}

async function untilOver(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([turn, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
