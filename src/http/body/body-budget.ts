import { OcpError } from '../../wire/errors.ts';

/** When it is worth trying again, s. */
const RETRY_AFTER_SECONDS = 5;

/** A body's part of the budget; grows while its length is not known. */
export interface BodyShare {
  /** Raises OcpError `bodies_full` when there is no room for so many bytes in all. */
  growTo(bytes: number): void;
  release(): void;
}

/** The memory that all bodies share that are being received or worked on, in bytes of the bodies themselves. */
export class BodyBudget {
  readonly #maxBytes: number;
  #used = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#used;
  }

  open(): BodyShare {
    let held = 0;
    let isOpen = true;
    return {
      growTo: (bytes) => {
        const more = bytes - held;
        if (more <= 0 || !isOpen) return;
        if (this.#used + more > this.#maxBytes) throw full();
        this.#used += more;
        held = bytes;
      },
      release: () => {
        isOpen = false;
        this.#used -= held;
        held = 0;
      },
    };
  }
}

function full(): OcpError {
  const message = 'OCP is working on as many large requests as its memory allows.';
  return new OcpError('bodies_full', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
