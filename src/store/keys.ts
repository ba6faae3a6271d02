import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { OcpError } from '../wire/errors.ts';
import type { Store } from './database.ts';
import type { KeyToken } from './key-index.ts';
import { checkedKeyName } from './key-name.ts';
import type { KeyRecord } from './key-record.ts';
import { noLimits } from './key-record.ts';
import { keyParameters, keyRecord, keyStatements, keyToken } from './key-rows.ts';
import type { KeyEntry } from './key-table.ts';
import { KeyTable } from './key-table.ts';
import { keyDigest, keyPreview, newKeyText } from './key-text.ts';
import { inTransaction } from './transaction.ts';

/** Times of last use are written together, at most this long after the use, ms. */
const WRITE_USES_AFTER_MS = 1000;

/** What the admin chooses about a key. */
export type KeyProperties = Omit<KeyRecord, 'id' | 'preview' | 'createdAt' | 'lastUsedAt' | 'revokedAt'>;

/**
 * Called within the transaction of a change, so that the change and what is written down of it happen both or not at all.
 * What it raises undoes the change.
 */
export type Witness = (before: KeyRecord | null, after: KeyRecord) => void;

/** A key whose text is known for this one moment. */
export interface NewKey {
  readonly record: KeyRecord;
  /** `ocp_` and 32 characters; it cannot be shown again. */
  readonly key: string;
}

export interface KeyStoreOptions {
  readonly store: Pick<Store, 'durable' | 'quick'>;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
  /** Told of a time of last use that could not be written; requests do not fail for it. */
  readonly onError: (error: unknown) => void;
}

type Sql = Readonly<Record<keyof typeof keyStatements, StatementSync>>;

/**
 * People's keys. All of them stand in memory, so that finding one costs the same however many there are; only this process
 * may write them. A change is in the database, for good, before it counts.
 */
export class KeyStore {
  readonly #options: KeyStoreOptions;
  readonly #sql: Sql;
  readonly #use: StatementSync;
  readonly #table = new KeyTable();
  readonly #used = new Set<KeyEntry>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KeyStoreOptions) {
    this.#options = options;
    const { durable, quick } = options.store;
    const prepared = Object.entries(keyStatements).map(([name, sql]) => [name, durable.prepare(sql)]);
    this.#sql = Object.fromEntries(prepared) as Sql;
    this.#use = quick.prepare(keyStatements.use);
    this.#load();
  }

  get size(): number {
    return this.#table.size;
  }

  /** The key that this text opens now: not revoked, not switched off, not expired. Records nothing. */
  find(text: string): KeyRecord | undefined {
    return this.findByDigest(keyDigest(text));
  }

  /** The same by the digest of the text. */
  findByDigest(digest: Buffer): KeyRecord | undefined {
    const token = this.#table.byDigest(digest);
    if (token === undefined || isOver(token.expiresAt, this.#options.now())) return undefined;
    return this.usable(token.keyId);
  }

  /** The key of this id if it may be used now. */
  usable(id: number): KeyRecord | undefined {
    const record = this.#table.byId(id)?.record;
    if (record === undefined || !record.enabled || record.revokedAt !== null) return undefined;
    return isOver(record.expiresAt, this.#options.now()) ? undefined : record;
  }

  byId(id: number): KeyRecord | undefined {
    return this.#table.byId(id)?.record;
  }

  /**
   * The key of this name, or of this id where no key has or had that name. So a name never leads to the key whose id looks
   * like it, not even after the key of that name was revoked.
   */
  get(idOrName: string): KeyRecord | undefined {
    const named = this.#table.byName(idOrName);
    if (named !== undefined) return named.record;
    return /^[1-9]\d{0,14}$/.test(idOrName) ? this.byId(Number(idOrName)) : undefined;
  }

  /** Every key, the newest first, revoked ones included. */
  list(): readonly KeyRecord[] {
    return [...this.#table.all()].map(({ record }) => record).toReversed();
  }

  /** Makes a key. Raises OcpError `invalid_request` for an unusable name, `conflict` for one that is in use. */
  create(wanted: Partial<KeyProperties>, witness?: Witness): NewKey {
    const { now, randomBytes } = this.#options;
    const name = wanted.name === undefined || wanted.name.trim() === '' ? `key-${now()}` : checkedKeyName(wanted.name);
    const properties: KeyProperties = { ...plainKey, ...wanted, name };
    this.#requireFree(name);
    const key = newKeyText(randomBytes);
    const entry = inTransaction(this.#database, () => {
      const added = this.#add(properties, key, { createdAt: now(), isRevoked: false, importedId: null });
      witness?.(null, added.record);
      return added;
    });
    this.#table.add(entry);
    return { record: entry.record, key };
  }

  /**
   * Takes over keys of an earlier product, whose texts are known. `write` puts them in, within the caller's transaction;
   * `list` makes them count, after it.
   */
  prepareImport(): { readonly write: (key: ImportedKey) => void; readonly list: () => void } {
    const entries: KeyEntry[] = [];
    return {
      write: ({ text, properties, createdAt, isRevoked, importedId }) => {
        entries.push(this.#add(properties, text, { createdAt, isRevoked, importedId }));
      },
      list: () => {
        for (const entry of entries) this.#table.add(entry);
      },
    };
  }

  /** Changes what is given. Raises OcpError `not_found` for a revoked or unknown key, and what `create` raises. */
  change(id: number, wanted: Partial<KeyProperties>, witness?: Witness): KeyRecord {
    const entry = this.#living(id);
    const before = entry.record;
    const name = wanted.name === undefined ? before.name : checkedKeyName(wanted.name);
    if (name !== before.name) this.#requireFree(name);
    const after: KeyRecord = { ...before, ...wanted, name };
    inTransaction(this.#database, () => {
      this.#sql.change.run({ ...keyParameters(after), id });
      witness?.(before, after);
    });
    entry.record = after;
    if (name !== before.name) for (const changed of [before.name, name]) this.#table.refreshName(changed);
    return after;
  }

  /** Ends a key for good. Raises OcpError `not_found` for a revoked or unknown key. */
  revoke(id: number, witness?: Witness): KeyRecord {
    const entry = this.#living(id);
    const before = entry.record;
    const after: KeyRecord = { ...before, revokedAt: this.#options.now() };
    inTransaction(this.#database, () => {
      this.#sql.revoke.run(after.revokedAt, id);
      this.#sql.removeTokensOf.run(id);
      witness?.(before, after);
    });
    entry.record = after;
    this.#table.setTokens(entry, []);
    this.#table.refreshName(after.name);
    return after;
  }

  /**
   * Gives a key a new text; the ones it has work for `overlapMs` longer. Raises OcpError `not_found` for a revoked or
   * unknown key.
   */
  rotate(id: number, overlapMs: number, witness?: Witness): NewKey {
    const { now, randomBytes } = this.#options;
    const entry = this.#living(id);
    const before = entry.record;
    const key = newKeyText(randomBytes);
    const after: KeyRecord = { ...before, preview: keyPreview(key.slice(-4)) };
    const end = now() + overlapMs;
    const old = entry.tokens.map((token) => ({ ...token, expiresAt: Math.min(token.expiresAt ?? end, end) }));
    const left = old.filter((token) => !isOver(token.expiresAt, now()));
    const token: KeyToken = { keyId: id, digest: keyDigest(key), expiresAt: null };
    inTransaction(this.#database, () => {
      for (const { digest, expiresAt } of left) this.#sql.expireToken.run(expiresAt, digest);
      for (const gone of old.filter((other) => !left.includes(other))) this.#sql.removeToken.run(gone.digest);
      this.#sql.addToken.run(token.digest, id, now(), null);
      this.#sql.newLast4.run(key.slice(-4), id);
      witness?.(before, after);
    });
    entry.record = after;
    this.#table.setTokens(entry, [...left, token]);
    return { record: after, key };
  }

  /** Notes that a key is used now; in the database within a second. */
  touch(id: number): void {
    const entry = this.#table.byId(id);
    if (entry === undefined) return;
    entry.record = { ...entry.record, lastUsedAt: this.#options.now() };
    this.#used.add(entry);
    this.#timer ??= setTimeout(() => this.flush(), WRITE_USES_AFTER_MS).unref();
  }

  /** Writes the times of last use that wait. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = [...this.#used];
    this.#used.clear();
    if (entries.length === 0) return;
    try {
      inTransaction(this.#options.store.quick, () => {
        for (const { record } of entries) this.#use.run(record.lastUsedAt, record.id);
      });
    } catch (error) {
      for (const entry of entries) this.#used.add(entry);
      this.#timer = setTimeout(() => this.flush(), WRITE_USES_AFTER_MS).unref();
      this.#options.onError(error);
    }
  }

  get #database(): DatabaseSync {
    return this.#options.store.durable;
  }

  #load(): void {
    const tokens = Map.groupBy(this.#sql.tokens.all().map(keyToken), ({ keyId }) => keyId);
    for (const row of this.#sql.all.iterate()) {
      const record = keyRecord(row);
      this.#table.add({ record, tokens: tokens.get(record.id) ?? [] });
    }
  }

  #living(id: number): KeyEntry {
    const entry = this.#table.byId(id);
    if (entry === undefined || entry.record.revokedAt !== null) throw keyNotFound();
    return entry;
  }

  #requireFree(name: string): void {
    if (!this.isTaken(name)) return;
    throw new OcpError('conflict', `There is a key named '${name}' already.`, { param: 'name' });
  }

  /** Whether a key that is not revoked bears this name. */
  isTaken(name: string): boolean {
    return this.#table.isTaken(name);
  }

  #add(properties: KeyProperties, text: string, from: Origin): KeyEntry {
    const revokedAt = from.isRevoked ? this.#options.now() : null;
    const { lastInsertRowid } = this.#sql.add.run({
      ...keyParameters(properties),
      last4: text.slice(-4),
      createdAt: from.createdAt,
      revokedAt,
      importedId: from.importedId,
    });
    const id = Number(lastInsertRowid);
    const digest = keyDigest(text);
    if (!from.isRevoked) this.#sql.addToken.run(digest, id, from.createdAt, null);
    const preview = keyPreview(text.slice(-4));
    const record: KeyRecord = { ...properties, id, preview, createdAt: from.createdAt, lastUsedAt: null, revokedAt };
    return { record, tokens: from.isRevoked ? [] : [{ keyId: id, digest, expiresAt: null }] };
  }
}

interface Origin {
  /** Unix ms. */
  readonly createdAt: number;
  readonly isRevoked: boolean;
  readonly importedId: number | null;
}

/** A key as an earlier product kept it. */
export interface ImportedKey extends Origin {
  readonly text: string;
  readonly properties: KeyProperties;
}

/** A key of which nothing is said. */
export const plainKey: KeyProperties = {
  name: '',
  expiresAt: null,
  enabled: true,
  note: '',
  profile: 'default',
  models: null,
  defaultModel: null,
  serverTools: false,
  limits: noLimits,
};

export function keyNotFound(): OcpError {
  return new OcpError('not_found', 'Key not found');
}

function isOver(time: number | null, now: number): boolean {
  return time !== null && time <= now;
}
