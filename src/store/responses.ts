import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { OcpError } from '../wire/errors.ts';
import type { PackedItems } from '../wire/openai-responses/packed-items.ts';
import { itemText, packItems } from '../wire/openai-responses/packed-items.ts';
import { inTransaction } from './transaction.ts';
import { OwnerBytes } from './owner-bytes.ts';
import { statements } from './response-statements.ts';
import { Slices } from './slices.ts';

/** An item of `input` or `output`, as JSON. */
export type StoredItem = Readonly<Record<string, unknown>>;

/** A response as it is kept. */
export interface StoredResponse {
  readonly id: string;
  /** The response that this one builds on. */
  readonly previousId: string | undefined;
  /** The Response object without its output. */
  readonly body: StoredItem;
  /** The request's own input. */
  readonly input: readonly StoredItem[];
  readonly output: readonly StoredItem[];
}

/** A response as it is given to be kept. */
export interface NewResponse extends Omit<StoredResponse, 'input'> {
  readonly input: PackedItems;
  /** Members of its body that are JSON already: `"name":value`, joined by commas. */
  readonly heavyBody?: Uint8Array | undefined;
}

export interface ResponseStoreOptions {
  readonly database: DatabaseSync;
  /** How long responses are kept after their conversation was last used, ms; 0 keeps none. Read anew each time. */
  readonly ttlMs: () => number;
  /** Most bytes of JSON that are kept; beyond it the conversation that was not used for longest goes. */
  readonly maxBytes: number;
  /** Most bytes of stored items that one request may refer to. */
  readonly maxHistoryBytes: number;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  /** Told when room could not be made, or what has expired not be removed. */
  readonly onError: (error: unknown) => void;
}

type Names = keyof typeof statements;

/** Responses of one chain that are removed at a time, and their bytes: one alone can be larger. */
const REMOVED_AT_ONCE = 64;
const REMOVED_BYTES = 4_000_000;
/** Responses up to this size are written, read and removed in one step. */
export const SMALL_RESPONSE_BYTES = 262_144;
/** Items that are written or removed at a time, and their bytes: one alone can be larger. */
const ITEMS_AT_ONCE = 500;
const BYTES_AT_ONCE = 1_000_000;
/** The most responses of a chain that are looked at in one step. */
const SMALL_CHAIN = 64;

/** Owners of what nobody can find: responses that are being written, and those that are being removed. */
const WRITING = ' writing';
const LEAVING = ' leaving';
/** When chains were last used that do not expire. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Kept responses, for `previous_response_id`, `item_reference` and `GET /v1/responses/{id}`. An owner finds only what is
 * theirs. Responses that build on one another are one chain: using the last one keeps all of them.
 */
export class ResponseStore {
  readonly #options: ResponseStoreOptions;
  readonly #sql: Readonly<Record<Names, StatementSync>>;
  readonly #bytes = new OwnerBytes();
  readonly #room: Slices;
  readonly #expiry: Slices;
  readonly #leaving: Slices;
  #expired = 0;

  constructor(options: ResponseStoreOptions) {
    this.#options = options;
    const prepared = Object.entries(statements).map(([name, sql]) => [name, options.database.prepare(sql)]);
    this.#sql = Object.fromEntries(prepared) as Record<Names, StatementSync>;
    for (const row of this.#sql.owners.all()) this.#bytes.add(String(row['owner']), Number(row['bytes']));
    this.#room = new Slices(() => this.#makeRoom(), options.onError);
    this.#expiry = new Slices(() => this.#removeExpired(), options.onError);
    this.#leaving = new Slices(() => this.#removeLeaving(), options.onError);
    this.#room.begin();
  }

  /** Removes what was being written when an earlier OCP ended, some at a time. Only for the store that removes. */
  clearUnfinished(): void {
    this.#sql.disown.run(LEAVING, NEVER, WRITING);
    this.#leaving.begin();
  }

  /** Bytes that are kept in all. */
  get bytes(): number {
    return this.#bytes.total;
  }

  /** Keeps a response, as part of its predecessor's chain; one that is larger than all room is not kept. */
  save(owner: string, response: NewResponse): void {
    const { now, database, ttlMs, maxBytes } = this.#options;
    if (ttlMs() === 0) return;
    const { id, previousId } = response;
    const { body, items, bytes } = written(response);
    if (bytes > maxBytes) return;
    inTransaction(database, () => {
      const chain = this.#chainFor(owner, previousId);
      this.#sql.add.run(id, chain, previousId ?? null, bytes, body);
      for (const item of items) this.#sql.addItem.run(id, item.part, item.position, item.itemId, item.body);
      this.#sql.useChain.run(now(), bytes, chain);
    });
    this.count(owner, bytes);
  }

  /**
   * Does what `save` does in many short transactions, and calls `pause` between them, so that others can write meanwhile.
   * Nobody finds the response before it is complete. Returns its bytes, which are not counted here; 0 when it is not kept.
   */
  saveInSteps(owner: string, response: NewResponse, pause: () => void): number {
    const { now, database, maxBytes } = this.#options;
    const { id, previousId } = response;
    const { body, items, bytes } = written(response);
    if (bytes > maxBytes) return 0;
    const step = <T>(work: () => T): T => {
      const result = inTransaction(database, work);
      pause();
      return result;
    };
    const draft = step(() => {
      const chain = Number(this.#sql.addChain.run(WRITING, NEVER).lastInsertRowid);
      this.#sql.add.run(id, chain, previousId ?? null, 0, body);
      return chain;
    });
    try {
      for (const some of portions(items)) {
        step(() => {
          for (const item of some) this.#sql.addItem.run(id, item.part, item.position, item.itemId, item.body);
        });
      }
      step(() => {
        const chain = this.#chainFor(owner, previousId);
        this.#sql.move.run(chain, bytes, id);
        this.#sql.useChain.run(now(), bytes, chain);
        this.#sql.removeChain.run(draft);
      });
    } catch (error) {
      this.#sql.disownOne.run(LEAVING, draft);
      throw error;
    }
    return bytes;
  }

  /** Counts bytes that were kept for an owner, and makes room for them. */
  count(owner: string, bytes: number): void {
    this.#bytes.add(owner, bytes);
    this.#room.begin();
  }

  /** Removes what could not be written to its end, some at a time. */
  removeDrafts(): void {
    this.#leaving.begin();
  }

  /** Bytes of a response; undefined when it is not there. */
  bytesOf(owner: string, id: string): number | undefined {
    return this.#find(owner, id)?.bytes;
  }

  /** Whether what a request refers to is little enough to be read in one step. */
  isLittle(owner: string, previousId: string | undefined, itemIds: readonly string[]): boolean {
    let bytes = 0;
    let seen = 0;
    for (let next = previousId; next !== undefined; seen += 1) {
      const found = this.#find(owner, next);
      bytes += found?.bytes ?? 0;
      if (bytes > SMALL_RESPONSE_BYTES || seen > SMALL_CHAIN) return false;
      next = found?.previousId;
    }
    if (itemIds.length > SMALL_CHAIN) return false;
    for (const id of itemIds) bytes += Number(this.#sql.itemBytes.get(id, owner, this.#oldest())?.['bytes'] ?? 0);
    return bytes <= SMALL_RESPONSE_BYTES;
  }

  get(owner: string, id: string): StoredResponse | undefined {
    const found = this.#find(owner, id);
    if (found === undefined) return undefined;
    const body = object(this.#sql.body.get(id)?.['body']);
    return {
      id,
      previousId: found.previousId,
      body,
      input: this.#items(id, 'input'),
      output: this.#items(id, 'output'),
    };
  }

  /** Tells whether there was such a response. What builds on it cannot be gone on with any more. */
  delete(owner: string, id: string): boolean {
    const found = this.#find(owner, id);
    if (found === undefined) return false;
    inTransaction(this.#options.database, () => {
      this.#remove(id, found.bytes);
      this.#sql.shrinkChain.run(found.bytes, found.chainId);
      this.#sql.removeEmptyChain.run(found.chainId, found.chainId);
    });
    this.#bytes.add(owner, -found.bytes);
    this.#leaving.begin();
    return true;
  }

  /**
   * Every item of the conversation up to and with this response as JSON, oldest first; undefined when the response, or one that
   * it builds on, is not there. Raises OcpError `context_length_exceeded` beyond `maxHistoryBytes`.
   */
  chain(owner: string, id: string): readonly string[] | undefined {
    const ids: string[] = [];
    let bytes = 0;
    for (let next: string | undefined = id; next !== undefined;) {
      const found = this.#find(owner, next);
      if (found === undefined) return undefined;
      ids.unshift(next);
      bytes += found.bytes;
      this.#requireHistory(bytes, 'previous_response_id');
      next = found.previousId;
    }
    return ids.flatMap((each) => [...this.#texts(each, 'input'), ...this.#texts(each, 'output')]);
  }

  /**
   * The JSON of single items by their ids, each once; unknown ones are left out. Raises OcpError `context_length_exceeded` when all
   * mentions together go beyond `maxHistoryBytes`.
   */
  items(owner: string, ids: readonly string[]): readonly string[] {
    const found = new Map<string, string | undefined>();
    let bytes = 0;
    for (const id of ids) {
      if (!found.has(id)) found.set(id, text(this.#sql.itemById.get(id, owner, this.#oldest())?.['body']));
      bytes += Buffer.byteLength(found.get(id) ?? '');
      this.#requireHistory(bytes, 'input');
    }
    return [...found.values()].flatMap((body) => body ?? []);
  }

  /** Removes what has expired, some at a time; tells how many chains went at once. */
  sweep(): number {
    this.#expired = 0;
    this.#expiry.begin();
    return this.#expired;
  }

  /** Ends what goes on in slices. */
  close(): void {
    this.#room.close();
    this.#expiry.close();
    this.#leaving.close();
  }

  /** The chain of the response that another builds on, or a new one. */
  #chainFor(owner: string, previousId: string | undefined): number {
    const previous = previousId === undefined ? undefined : this.#find(owner, previousId);
    return previous?.chainId ?? Number(this.#sql.addChain.run(owner, this.#options.now()).lastInsertRowid);
  }

  /** Removes a small response, and hides a large one, which is then removed some items at a time. */
  #remove(id: string, bytes: number): void {
    if (bytes <= SMALL_RESPONSE_BYTES) {
      this.#sql.remove.run(id);
      return;
    }
    const known = this.#sql.chainOf.get(LEAVING)?.['id'];
    this.#sql.move.run(Number(known ?? this.#sql.addChain.run(LEAVING, NEVER).lastInsertRowid), 0, id);
  }

  /** Removes some items of a hidden response, or the response with the last of them. Tells whether there is more to do. */
  #removeLeaving(): boolean {
    const chain = this.#sql.chainOf.get(LEAVING)?.['id'];
    if (chain === undefined) return false;
    const id = this.#sql.oneOfChain.get(Number(chain))?.['id'];
    if (id === undefined) this.#sql.removeChain.run(Number(chain));
    else if (Number(this.#sql.removeItems.run(String(id), ITEMS_AT_ONCE).changes) < ITEMS_AT_ONCE)
      this.#sql.remove.run(String(id));
    return true;
  }

  #find(owner: string, id: string): Found | undefined {
    const row = this.#sql.find.get(id, owner, this.#oldest());
    if (row === undefined) return undefined;
    return { chainId: Number(row['chain_id']), bytes: Number(row['bytes']), previousId: text(row['previous_id']) };
  }

  #items(id: string, part: 'input' | 'output'): StoredItem[] {
    return this.#texts(id, part).map(object);
  }

  #texts(id: string, part: 'input' | 'output'): string[] {
    return this.#sql.items.all(id, part).map((row) => text(row['body']) ?? '{}');
  }

  /** Chains that were last used then or before have expired. */
  #oldest(): number {
    return this.#options.now() - this.#options.ttlMs();
  }

  /** Whoever keeps the most makes room, so that nobody can push out what others keep. Tells whether there is more to do. */
  #makeRoom(): boolean {
    if (this.#bytes.total <= this.#options.maxBytes) return false;
    const owner = this.#bytes.most();
    const victim = owner === undefined ? undefined : this.#sql.leastUsed.get(owner);
    if (owner === undefined || victim === undefined) return false;
    this.#removeFrom(owner, Number(victim['id']));
    return true;
  }

  #removeExpired(): boolean {
    const found = this.#sql.expired.get(this.#oldest());
    if (found === undefined) return false;
    if (this.#removeFrom(String(found['owner']), Number(found['id']))) this.#expired += 1;
    return true;
  }

  /** Takes some responses off a chain, and the chain itself with the last of them; tells whether it is gone. */
  #removeFrom(owner: string, chain: number): boolean {
    let isGone = false;
    const removed = inTransaction(this.#options.database, () => {
      let bytes = 0;
      for (const row of this.#sql.someOfChain.all(chain, REMOVED_AT_ONCE)) {
        if (bytes >= REMOVED_BYTES) break;
        this.#remove(String(row['id']), Number(row['bytes']));
        bytes += Number(row['bytes']);
      }
      this.#sql.shrinkChain.run(bytes, chain);
      isGone = Number(this.#sql.removeEmptyChain.run(chain, chain).changes) > 0;
      return bytes;
    });
    this.#bytes.add(owner, -removed);
    this.#leaving.begin();
    return isGone;
  }

  #requireHistory(bytes: number, param: string): void {
    const { maxHistoryBytes } = this.#options;
    if (bytes <= maxHistoryBytes) return;
    const message = `The stored items that this request refers to are larger than ${maxHistoryBytes} bytes.`;
    throw new OcpError('context_length_exceeded', message, { param });
  }
}

interface Found {
  readonly chainId: number;
  readonly bytes: number;
  readonly previousId: string | undefined;
}

interface ItemRow {
  readonly part: 'input' | 'output';
  readonly position: number;
  readonly itemId: string;
  readonly body: string;
}

function rows(part: ItemRow['part'], items: PackedItems): ItemRow[] {
  return items.ids.map((itemId, position) => ({ part, position, itemId, body: itemText(items, position) }));
}

/** The rows of a response, and how many bytes they hold. */
function written(response: NewResponse): { body: string; items: readonly ItemRow[]; bytes: number } {
  const light = JSON.stringify(response.body);
  const heavy = response.heavyBody && Buffer.from(response.heavyBody).toString('utf8');
  const body = heavy === undefined ? light : `${light.slice(0, -1)}${light === '{}' ? '' : ','}${heavy}}`;
  const items = [...rows('input', response.input), ...rows('output', packItems(response.output))];
  const bytes = items.reduce((sum, item) => sum + Buffer.byteLength(item.body), Buffer.byteLength(body));
  return { body, items, bytes };
}

function* portions(items: readonly ItemRow[]): Iterable<readonly ItemRow[]> {
  let some: ItemRow[] = [];
  let length = 0;
  for (const item of items) {
    some.push(item);
    length += item.body.length;
    if (some.length < ITEMS_AT_ONCE && length < BYTES_AT_ONCE) continue;
    yield some;
    some = [];
    length = 0;
  }
  if (some.length > 0) yield some;
}

function object(body: unknown): StoredItem {
  return JSON.parse(text(body) ?? '{}') as StoredItem;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
