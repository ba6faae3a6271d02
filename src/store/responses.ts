import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { OcpError } from '../wire/errors.ts';
import { inTransaction } from './transaction.ts';
import { statements } from './response-statements.ts';

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
}

type Names = keyof typeof statements;

/** How much is left when room had to be made, so that it is not made anew for every response. */
const KEPT_SHARE = 0.9;

/**
 * Kept responses, for `previous_response_id`, `item_reference` and `GET /v1/responses/{id}`. An owner finds only what is
 * theirs. Responses that build on one another are one chain: using the last one keeps all of them.
 */
export class ResponseStore {
  readonly #options: ResponseStoreOptions;
  readonly #sql: Readonly<Record<Names, StatementSync>>;
  /** At least as much as there is. */
  #bytes: number;

  constructor(options: ResponseStoreOptions) {
    this.#options = options;
    const prepared = Object.entries(statements).map(([name, sql]) => [name, options.database.prepare(sql)]);
    this.#sql = Object.fromEntries(prepared) as Record<Names, StatementSync>;
    this.#bytes = this.#total();
  }

  /** Keeps a response, as part of its predecessor's chain. */
  save(owner: string, response: StoredResponse): void {
    const { now, database, ttlMs, maxBytes } = this.#options;
    if (ttlMs() === 0) return;
    const { id, previousId } = response;
    const body = JSON.stringify(response.body);
    const items = [...rows('input', response.input), ...rows('output', response.output)];
    const bytes = items.reduce((sum, item) => sum + Buffer.byteLength(item.body), Buffer.byteLength(body));
    inTransaction(database, () => {
      const previous = previousId === undefined ? undefined : this.#find(owner, previousId);
      const chain = previous?.chainId ?? Number(this.#sql.addChain.run(owner, now()).lastInsertRowid);
      this.#sql.add.run(id, chain, previousId ?? null, bytes, body);
      for (const item of items) this.#sql.addItem.run(id, item.part, item.position, item.itemId, item.body);
      this.#sql.useChain.run(now(), bytes, chain);
    });
    this.#bytes += bytes;
    if (this.#bytes > maxBytes) this.#makeRoom();
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
      this.#sql.remove.run(id);
      this.#sql.shrinkChain.run(found.bytes, found.chainId);
      this.#sql.removeEmptyChain.run(found.chainId, found.chainId);
    });
    return true;
  }

  /**
   * Every item of the conversation up to and with this response, oldest first; undefined when the response, or one that
   * it builds on, is not there. Raises OcpError `context_length_exceeded` beyond `maxHistoryBytes`.
   */
  chain(owner: string, id: string): readonly StoredItem[] | undefined {
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
    return ids.flatMap((id) => [...this.#items(id, 'input'), ...this.#items(id, 'output')]);
  }

  /**
   * Single items by their ids, each once; unknown ones are left out. Raises OcpError `context_length_exceeded` when all
   * mentions together go beyond `maxHistoryBytes`.
   */
  items(owner: string, ids: readonly string[]): readonly StoredItem[] {
    const found = new Map<string, string | undefined>();
    let bytes = 0;
    for (const id of ids) {
      if (!found.has(id)) found.set(id, text(this.#sql.itemById.get(id, owner, this.#oldest())?.['body']));
      bytes += Buffer.byteLength(found.get(id) ?? '');
      this.#requireHistory(bytes, 'input');
    }
    return [...found.values()].flatMap((body) => (body === undefined ? [] : [object(body)]));
  }

  /** Removes what has expired; tells how many chains that were. */
  sweep(): number {
    const removed = Number(this.#sql.removeExpired.run(this.#oldest()).changes);
    this.#bytes = this.#total();
    return removed;
  }

  #find(owner: string, id: string): Found | undefined {
    const row = this.#sql.find.get(id, owner, this.#oldest());
    if (row === undefined) return undefined;
    return { chainId: Number(row['chain_id']), bytes: Number(row['bytes']), previousId: text(row['previous_id']) };
  }

  #items(id: string, part: 'input' | 'output'): StoredItem[] {
    return this.#sql.items.all(id, part).map((row) => object(row['body']));
  }

  /** Chains that were last used then or before have expired. */
  #oldest(): number {
    return this.#options.now() - this.#options.ttlMs();
  }

  #total(): number {
    return Number(this.#sql.total.get()?.['bytes'] ?? 0);
  }

  /** Whoever keeps the most makes room, so that nobody can push out what others keep. */
  #makeRoom(): void {
    this.#bytes = this.#total();
    if (this.#bytes <= this.#options.maxBytes) return;
    inTransaction(this.#options.database, () => {
      while (this.#bytes > this.#options.maxBytes * KEPT_SHARE) {
        const victim = this.#sql.leastUsed.get();
        if (victim === undefined) return;
        this.#sql.removeChain.run(Number(victim['id']));
        this.#bytes -= Number(victim['bytes']);
      }
    });
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

function rows(part: ItemRow['part'], items: readonly StoredItem[]): ItemRow[] {
  return items.map((item, position) => {
    return { part, position, itemId: text(item['id']) ?? '', body: JSON.stringify(item) };
  });
}

function object(body: unknown): StoredItem {
  return JSON.parse(text(body) ?? '{}') as StoredItem;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
