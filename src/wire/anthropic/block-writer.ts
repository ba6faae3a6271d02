import type { BlockDelta, StartedBlock, StreamEvent } from './events.ts';
import type { Emit } from './filter.ts';

/**
 * Writes the blocks of one message one after another, numbered without gaps. What is written between `hold` and
 * `release` waits and can be taken back.
 */
export class BlockWriter {
  #emit: Emit = () => {};
  #next = 0;
  #queue: StreamEvent[] | undefined;
  #nextBeforeHold = 0;

  /** Where events go from now on. */
  to(emit: Emit): void {
    this.#emit = emit;
  }

  write(event: StreamEvent): void {
    if (this.#queue === undefined) this.#emit(event);
    else this.#queue.push(event);
  }

  open(block: StartedBlock): void {
    this.write({ type: 'content_block_start', index: this.#next, content_block: block });
  }

  /** Adds to the open block; `original` is the upstream event with this delta, passed on itself where the number fits. */
  add(delta: BlockDelta, original?: StreamEvent & { readonly type: 'content_block_delta' }): void {
    const fits = original !== undefined && original.index === this.#next;
    this.write(fits ? original : { type: 'content_block_delta', index: this.#next, delta });
  }

  close(): void {
    this.write({ type: 'content_block_stop', index: this.#next });
    this.#next += 1;
  }

  hold(): void {
    if (this.#queue !== undefined) return;
    this.#queue = [];
    this.#nextBeforeHold = this.#next;
  }

  release(): void {
    const queue = this.#queue ?? [];
    this.#queue = undefined;
    for (const event of queue) this.#emit(event);
  }

  takeBack(): void {
    if (this.#queue === undefined) return;
    this.#queue = undefined;
    this.#next = this.#nextBeforeHold;
  }
}
