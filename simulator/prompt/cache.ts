import { hash } from 'node:crypto';
import type { CacheTtl, PromptBlock } from './blocks.ts';

const lookBackBlocks = 20;
const ttlMs: Readonly<Record<CacheTtl, number>> = { '5m': 5 * 60_000, '1h': 60 * 60_000 };
/** Above this many entries the oldest ones go: a long benchmark must not grow without a bound. */
const maxEntries = 50_000;

/** Input tokens as the API bills them. Contract: Anthropic API reference, `usage`. */
export interface PromptUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  };
}

export interface CacheLookup {
  readonly usage: PromptUsage;
  /** Makes what this prompt writes readable; called when the answer begins, since earlier it is in nobody's cache. */
  readonly commit: () => void;
}

export interface PromptCacheOptions {
  /** Tokens; a shorter prefix is neither written nor read. */
  readonly minimumTokens: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Entry {
  readonly ttl: CacheTtl;
  readonly expiresAt: number;
}

/** A prefix of the prompt that ends at a block. */
interface Prefix {
  readonly key: string;
  readonly tokens: number;
  readonly breakpoint: CacheTtl | undefined;
}

/**
 * The prompt cache of the simulated API: exact prefixes at block granularity, written at breakpoints only, found again
 * by looking back from each breakpoint over 20 blocks (itself included).
 * Contract: Anthropic documentation, "Prompt caching".
 */
export class PromptCache {
  readonly #entries = new Map<string, Entry>();
  readonly #minimumTokens: number;
  readonly #now: () => number;

  constructor(options: PromptCacheOptions) {
    this.#minimumTokens = options.minimumTokens;
    this.#now = options.now;
  }

  /** `scope` separates caches that share nothing: model and credential. */
  lookup(scope: string, blocks: readonly PromptBlock[]): CacheLookup {
    const total = blocks.reduce((sum, block) => sum + block.tokens, 0);
    if (!blocks.some((block) => block.breakpoint !== undefined)) {
      return { usage: usageOf(total, 0, []), commit: () => {} };
    }

    const prefixes = chain(scope, blocks);
    const hit = this.#longestHit(prefixes);
    const readTokens = prefixes[hit]?.tokens ?? 0;
    const written = prefixes.filter(
      (prefix, at) => at > hit && prefix.breakpoint !== undefined && prefix.tokens >= this.#minimumTokens,
    );
    return { usage: usageOf(total, readTokens, written), commit: () => this.#store(prefixes[hit], written) };
  }

  #longestHit(prefixes: readonly Prefix[]): number {
    const now = this.#now();
    let longest = -1;
    prefixes.forEach((prefix, at) => {
      if (prefix.breakpoint === undefined) return;
      for (let back = at; back > at - lookBackBlocks && back > longest; back--) {
        const candidate = prefixes[back];
        if (candidate === undefined) return;
        const entry = this.#entries.get(candidate.key);
        if (entry !== undefined && entry.expiresAt > now) longest = back;
      }
    });
    return longest;
  }

  #store(read: Prefix | undefined, written: readonly Prefix[]): void {
    const now = this.#now();
    const touched = read === undefined ? undefined : this.#entries.get(read.key);
    if (read !== undefined && touched !== undefined) this.#set(read.key, touched.ttl, now);
    for (const prefix of written) this.#set(prefix.key, prefix.breakpoint ?? '5m', now);
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= maxEntries) break;
      this.#entries.delete(key);
    }
  }

  /** Deletes first so that the map stays ordered by last use. */
  #set(key: string, ttl: CacheTtl, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { ttl, expiresAt: now + ttlMs[ttl] });
  }
}

function chain(scope: string, blocks: readonly PromptBlock[]): readonly Prefix[] {
  let key = scope;
  let tokens = 0;
  return blocks.map((block) => {
    key = hash('sha256', `${key}\n${block.canonical()}`, 'base64');
    tokens += block.tokens;
    return { key, tokens, breakpoint: block.breakpoint };
  });
}

function usageOf(total: number, read: number, written: readonly Prefix[]): PromptUsage {
  const created = { '5m': 0, '1h': 0 };
  let covered = read;
  for (const prefix of written) {
    created[prefix.breakpoint ?? '5m'] += prefix.tokens - covered;
    covered = prefix.tokens;
  }
  return {
    input_tokens: total - covered,
    cache_creation_input_tokens: covered - read,
    cache_read_input_tokens: read,
    cache_creation: { ephemeral_5m_input_tokens: created['5m'], ephemeral_1h_input_tokens: created['1h'] },
  };
}
