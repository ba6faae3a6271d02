import { KeyIndex } from './key-index.ts';
import type { KeyToken } from './key-index.ts';
import type { KeyRecord } from './key-record.ts';

/** A key and what opens it. */
export interface KeyEntry {
  record: KeyRecord;
  /** Changed by `setTokens` only, once the key is in a table. */
  tokens: readonly KeyToken[];
}

/** The keys in memory, found by id, by name and by what opens them. */
export class KeyTable {
  readonly #byId = new Map<number, KeyEntry>();
  /** The key that bears a name, or else the newest revoked one of that name. */
  readonly #byName = new Map<string, KeyEntry>();
  readonly #index = new KeyIndex();

  get size(): number {
    return this.#byId.size;
  }

  /** In the order of their ids. */
  all(): IterableIterator<KeyEntry> {
    return this.#byId.values();
  }

  byId(id: number): KeyEntry | undefined {
    return this.#byId.get(id);
  }

  byName(name: string): KeyEntry | undefined {
    return this.#byName.get(name);
  }

  /** What a text with this SHA-256 opens, whatever has become of it. */
  byDigest(digest: Buffer): KeyToken | undefined {
    return this.#index.find(digest);
  }

  /** Whether a key that is not revoked bears this name. */
  isTaken(name: string): boolean {
    return this.#byName.get(name)?.record.revokedAt === null;
  }

  /** Called in the order of the ids. */
  add(entry: KeyEntry): void {
    this.#byId.set(entry.record.id, entry);
    this.#name(entry);
    for (const token of entry.tokens) this.#index.add(token);
  }

  setTokens(entry: KeyEntry, tokens: readonly KeyToken[]): void {
    for (const token of entry.tokens) this.#index.remove(token);
    for (const token of tokens) this.#index.add(token);
    entry.tokens = tokens;
  }

  /** Finds out anew whose a name is, after a key took it or gave it up. */
  refreshName(name: string): void {
    this.#byName.delete(name);
    for (const entry of this.#byId.values()) if (entry.record.name === name) this.#name(entry);
  }

  /** Called in the order of the ids. */
  #name(entry: KeyEntry): void {
    const { name, revokedAt } = entry.record;
    if (revokedAt === null || !this.isTaken(name)) this.#byName.set(name, entry);
  }
}
