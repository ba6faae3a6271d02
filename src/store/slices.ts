/** How long one slice of work may hold the event loop, ms; a single step may take longer. */
const SLICE_MS = 20;

/** Work that is done a slice at a time, so that requests come in between. */
export class Slices {
  readonly #step: () => boolean;
  readonly #onError: (error: unknown) => void;
  #next: NodeJS.Immediate | undefined;
  #isClosed = false;

  /** `step` does a little and tells whether there is more; an error of it ends the work until it is begun again. */
  constructor(step: () => boolean, onError: (error: unknown) => void) {
    this.#step = step;
    this.#onError = onError;
  }

  /** Does the first slice at once; what is left follows by itself. */
  begin(): void {
    if (this.#next === undefined && !this.#isClosed) this.#slice();
  }

  close(): void {
    this.#isClosed = true;
    clearImmediate(this.#next);
  }

  #slice(): void {
    this.#next = undefined;
    const end = performance.now() + SLICE_MS;
    try {
      while (this.#step()) {
        if (performance.now() < end) continue;
        this.#next = setImmediate(() => this.#slice());
        return;
      }
    } catch (error) {
      this.#onError(error);
    }
  }
}
