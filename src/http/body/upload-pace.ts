import { OcpError } from '../../wire/errors.ts';

export interface PaceRules {
  /** How often it is looked at, ms. */
  readonly windowMs: number;
  /** Least bytes within each of these times. */
  readonly leastBytes: number;
  /** The longest that a whole body may take, ms. */
  readonly deadlineMs: number;
}

export const usualPace: PaceRules = { windowMs: 10_000, leastBytes: 40_000, deadlineMs: 300_000 };

/** Watches that a body keeps coming. `onTooSlow` gets OcpError `request_timeout`, once. */
export class UploadPace {
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;

  constructor({ windowMs, leastBytes, deadlineMs }: PaceRules, onTooSlow: (error: OcpError) => void) {
    let waited = 0;
    this.#timer = setInterval(() => {
      waited += windowMs;
      if (this.#bytes < leastBytes) onTooSlow(tooSlow('came too slowly'));
      else if (waited >= deadlineMs) onTooSlow(tooSlow(`took longer than ${deadlineMs / 1000} seconds`));
      this.#bytes = 0;
    }, windowMs);
    this.#timer.unref();
  }

  saw(bytes: number): void {
    this.#bytes += bytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function tooSlow(what: string): OcpError {
  return new OcpError('request_timeout', `The body of the request ${what}.`);
}
