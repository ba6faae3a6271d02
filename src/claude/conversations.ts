import type { PackedMessages } from './packed/messages.ts';
import { digestOf } from './packed/messages.ts';
import type { Worker } from './worker.ts';

/** A worker that waits for the next request of its conversation. */
export interface LiveConversation {
  readonly worker: Worker;
  /** Whose it is: workers never change hands. */
  readonly owner: string;
  readonly setupKey: string;
  /** Names the transcript that is in the worker, the model's last message included. */
  readonly digest: string;
  /** How many messages that transcript has. */
  readonly length: number;
  /** Ids of the tool calls that the worker waits on, as the CLI knows them; empty when its turn is over. */
  readonly openCalls: readonly string[];
  /** Unix time, ms. */
  readonly since: number;
}

/**
 * The conversations whose workers still live, for one login. Only a faster way: a conversation that is not found here is
 * replayed from the request. A worker that is given out is no longer listed, so two requests never share one.
 */
export class Conversations {
  readonly #live = new Set<LiveConversation>();

  get size(): number {
    return this.#live.size;
  }

  keep(conversation: LiveConversation): void {
    this.#live.add(conversation);
    void conversation.worker.ended.then(() => this.#live.delete(conversation));
  }

  /** Gives out the conversation with the longest transcript that these messages begin with. */
  take(owner: string, setupKey: string, messages: PackedMessages): LiveConversation | undefined {
    let best: LiveConversation | undefined;
    const names = new PrefixNames(messages);
    for (const conversation of this.#of(owner, setupKey)) {
      const isLonger = best === undefined || conversation.length > best.length;
      if (isLonger && names.includes(conversation)) best = conversation;
    }
    if (best !== undefined) this.#live.delete(best);
    return best;
  }

  /** Gives out the worker of the same owner and set-up that has been idle longest, to be emptied for a new conversation. */
  takeIdle(owner: string, setupKey: string): Worker | undefined {
    for (const conversation of this.#of(owner, setupKey)) {
      if (conversation.openCalls.length > 0) continue;
      this.#live.delete(conversation);
      return conversation.worker;
    }
    return undefined;
  }

  /** Gives out the worker that has waited longest, of anybody. */
  takeOldest(): Worker | undefined {
    const [oldest] = this.#live;
    if (oldest !== undefined) this.#live.delete(oldest);
    return oldest?.worker;
  }

  /** Gives out all that have waited since before this time (Unix, ms), or all of one owner. */
  takeWhere(test: (conversation: LiveConversation) => boolean): readonly Worker[] {
    const found = [...this.#live].filter(test);
    for (const conversation of found) this.#live.delete(conversation);
    return found.map((conversation) => conversation.worker);
  }

  *#of(owner: string, setupKey: string): Iterable<LiveConversation> {
    for (const conversation of this.#live) {
      const matches = conversation.owner === owner && conversation.setupKey === setupKey;
      if (matches && !conversation.worker.hasEnded) yield conversation;
    }
  }
}

/** The names of what a conversation begins with, each found out once. */
export class PrefixNames {
  readonly #messages: PackedMessages;
  readonly #known = new Map<number, string>();

  constructor(messages: PackedMessages) {
    this.#messages = messages;
  }

  includes({ digest, length }: Pick<LiveConversation, 'digest' | 'length'>): boolean {
    if (length === 0 || length > this.#messages.count) return false;
    const name = this.#known.get(length) ?? digestOf(this.#messages, length);
    this.#known.set(length, name);
    return name === digest;
  }
}
