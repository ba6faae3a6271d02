/** Bytes that a writer begins with when nothing better is known. */
const FIRST_BYTES = 1024;

/** Collects text as UTF-8. Give it the expected size where that is known: growing copies what is there. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(expectedBytes = FIRST_BYTES) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, expectedBytes));
  }

  get length(): number {
    return this.#length;
  }

  /** Appends a text; returns how many bytes it took. */
  write(text: string): number {
    // A character takes at most three bytes: counting is only worth it where that does not fit.
    if (this.#length + text.length * 3 > this.#buffer.length) this.#reserve(Buffer.byteLength(text));
    const written = this.#buffer.write(text, this.#length);
    this.#length += written;
    return written;
  }

  /** What was written from one place to another. The memory stays the writer's. */
  between(start: number, end = this.#length): Uint8Array {
    return this.#buffer.subarray(start, end);
  }

  /** All that was written, in memory of its own when much of the writer's is left over. */
  finish(): Uint8Array {
    const whole = this.#buffer.subarray(0, this.#length);
    return this.#length > this.#buffer.length / 2 ? whole : Buffer.from(new Uint8Array(whole).buffer);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(this.#buffer.length * 1.5)));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
