/** Bytes that are kept, in all and for each owner, so that whoever keeps the most is found without asking the database. */
export class OwnerBytes {
  readonly #byOwner = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  of(owner: string): number {
    return this.#byOwner.get(owner) ?? 0;
  }

  /** Adds bytes; negative ones are taken away. */
  add(owner: string, bytes: number): void {
    const left = (this.#byOwner.get(owner) ?? 0) + bytes;
    this.#total += bytes;
    if (left === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, left);
  }

  clear(): void {
    this.#byOwner.clear();
    this.#total = 0;
  }

  /** Who keeps the most; undefined when nobody keeps anything. */
  most(): string | undefined {
    let most: string | undefined;
    let bytes = 0;
    for (const [owner, own] of this.#byOwner) {
      if (own <= bytes) continue;
      most = owner;
      bytes = own;
    }
    return most;
  }
}
