import type { FastifyRequest } from 'fastify';
import type { CallerAddress } from './caller-address.ts';
import type { LoginThrottle, Tried } from './login-throttle.ts';

/** Where a request comes in: from where, and what it tried. */
export class Door implements CallerAddress {
  readonly address: string;
  readonly isLocal: boolean;
  readonly place: string;
  readonly #throttle: LoginThrottle;
  #tried: Tried | undefined;

  constructor(from: CallerAddress, throttle: LoginThrottle) {
    this.address = from.address;
    this.isLocal = from.isLocal;
    this.place = from.place;
    this.#throttle = throttle;
  }

  /** Whether any key of the request opened nothing. */
  get hasTried(): boolean {
    return this.#tried !== undefined;
  }

  /** Whether a secret that somebody chose may be compared with what came in here; `secret` is its digest. */
  mayTry(secret: Buffer): boolean {
    return this.#throttle.mayTry(this.place, secret);
  }

  /** Notes what keys of the request opened, and which opened nothing, all by their digests. */
  note(right: readonly Buffer[], wrong: readonly Buffer[]): void {
    for (const secret of right) this.#throttle.succeeded(this.place, secret);
    if (wrong.length > 0) this.#tried = this.#throttle.tried(this.place, wrong);
  }

  /**
   * Resolves when a refusal may be sent. Rejects with OcpError `rate_limit_exceeded` when there were too many wrong keys.
   */
  async holdBack(signal: AbortSignal): Promise<void> {
    if (this.#tried !== undefined) await this.#throttle.holdBack(this.#tried, signal);
  }
}

/** The door of a request; every request that has passed the entrance has one. */
export function doorOf(request: FastifyRequest): Door {
  if (request.door === undefined) throw new Error('the request came past the entrance');
  return request.door;
}
