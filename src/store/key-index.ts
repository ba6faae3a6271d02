import { timingSafeEqual } from 'node:crypto';

/** One text that opens a key. */
export interface KeyToken {
  readonly keyId: number;
  /** SHA-256 of the text. */
  readonly digest: Buffer;
  /** Unix ms; null = as long as the key itself. */
  readonly expiresAt: number | null;
}

/**
 * Finds a token by its digest at the same cost however many there are. The table is asked for a part of the digest only;
 * the whole of it is compared in constant time.
 */
export class KeyIndex {
  readonly #byStart = new Map<string, readonly KeyToken[]>();

  add(token: KeyToken): void {
    const start = startOf(token.digest);
    this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), token]);
  }

  remove(token: KeyToken): void {
    const start = startOf(token.digest);
    const left = (this.#byStart.get(start) ?? []).filter((other) => !other.digest.equals(token.digest));
    if (left.length === 0) this.#byStart.delete(start);
    else this.#byStart.set(start, left);
  }

  find(digest: Buffer): KeyToken | undefined {
    return this.#byStart.get(startOf(digest))?.find((token) => timingSafeEqual(token.digest, digest));
  }
}

function startOf(digest: Buffer): string {
  return digest.toString('latin1', 0, 8);
}
