/** How many are kept for those who come back after a lost connection. */
const KEPT = 500;

/** Something that happened. */
export interface NewsItem {
  /** Counts from 1. */
  readonly id: number;
  /** `request`, `audit`, `log` and so on. */
  readonly name: string;
  readonly data: unknown;
  /** The account that may know of it besides the admin; null = nobody. */
  readonly account: string | null;
}

/** Who looks on. */
export interface Viewer {
  readonly isAdmin: boolean;
  /** Null for somebody unknown. */
  readonly account: string | null;
}

/** What happens on the server, for the pages that are open, and for a while also for those that lost their connection. */
export class News {
  /** The oldest first. */
  #kept: NewsItem[] = [];
  #lastId = 0;
  readonly #listeners = new Set<(item: NewsItem) => void>();

  get lastId(): number {
    return this.#lastId;
  }

  publish(name: string, data: unknown, account: string | null = null): void {
    const item = { id: (this.#lastId += 1), name, data, account };
    this.#kept.push(item);
    if (this.#kept.length >= 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
    for (const listener of this.#listeners) listener(item);
  }

  /** What came after the item of an id; undefined when that is not known any more. */
  since(id: number): readonly NewsItem[] | undefined {
    if (id > this.#lastId) return undefined;
    const first = this.#kept[0]?.id ?? this.#lastId + 1;
    return id < first - 1 ? undefined : this.#kept.slice(id - first + 1);
  }

  /** Calls the listener for everything that happens, until the function that comes back is called. */
  listen(listener: (item: NewsItem) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

export function maySee({ isAdmin, account }: Viewer, item: NewsItem): boolean {
  return isAdmin || (account !== null && item.account === account);
}
