import { OwnerBytes } from '../../store/owner-bytes.ts';
import { OcpError } from '../../wire/errors.ts';

/** When it is worth trying again, s. */
const RETRY_AFTER_SECONDS = 5;

/** A body's part of the budget; grows as the body comes. */
export interface BodyShare {
  /** Raises OcpError `bodies_full` when there is no room for so many bytes in all; takes nothing. */
  requireRoom(bytes: number): void;
  /** Takes room for so many bytes in all. Raises OcpError `bodies_full` when there is none. */
  growTo(bytes: number): void;
  release(): void;
}

/**
 * The memory that all bodies share that are being received or worked on, in bytes of the bodies themselves. Only what has
 * come takes room. Whoever has one body there gets at most half of the room for all of theirs.
 */
export class BodyBudget {
  readonly #maxBytes: number;
  readonly #owners = new OwnerBytes();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#owners.total;
  }

  open(owner: string): BodyShare {
    let held = 0;
    let isOpen = true;
    const requireRoom = (bytes: number): void => {
      const more = bytes - held;
      if (more <= 0 || !isOpen) return;
      if (this.#owners.total + more > this.#maxBytes) throw full('OCP is');
      const others = this.#owners.of(owner) - held;
      if (others > 0 && others + bytes > this.#maxBytes / 2) throw full('You have OCP');
    };
    return {
      requireRoom,
      growTo: (bytes) => {
        requireRoom(bytes);
        if (bytes <= held || !isOpen) return;
        this.#owners.add(owner, bytes - held);
        held = bytes;
      },
      release: () => {
        isOpen = false;
        this.#owners.add(owner, -held);
        held = 0;
      },
    };
  }
}

function full(who: 'OCP is' | 'You have OCP'): OcpError {
  const message = `${who} working on as many large requests as its memory allows${who === 'OCP is' ? '' : ' for one caller'}.`;
  return new OcpError('bodies_full', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
