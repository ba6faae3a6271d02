/** How much is set aside at a time, bytes. */
const BLOCK_BYTES = 262_144;

/** Puts a body together. What arrives in tiny pieces is copied, because each piece keeps all that arrived with it alive. */
export class Collector {
  #blocks: Buffer[] = [];
  /** How much of the last block is filled. */
  #filled = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    let from = 0;
    this.#length += chunk.length;
    while (from < chunk.length) {
      let block = this.#blocks.at(-1);
      if (block === undefined || this.#filled === block.length) {
        // A small body that arrives at once is kept as it is.
        if (block === undefined) {
          this.#blocks = [chunk];
          this.#filled = chunk.length;
          return;
        }
        block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
        this.#blocks.push(block);
        this.#filled = 0;
      }
      const copied = chunk.copy(block, this.#filled, from);
      this.#filled += copied;
      from += copied;
    }
  }

  /** The whole; in memory of its own when it did not come in one piece. */
  finish(): Buffer {
    const [only, ...more] = this.#blocks;
    if (only === undefined) return Buffer.alloc(0);
    if (more.length === 0) return only.subarray(0, this.#length);
    const whole = Buffer.allocUnsafeSlow(this.#length);
    let at = 0;
    for (const [index, block] of this.#blocks.entries()) {
      at += block.copy(whole, at, 0, index === this.#blocks.length - 1 ? this.#filled : block.length);
    }
    this.#blocks = [];
    return whole;
  }
}
