import { FairQueue } from '../../gateway/admission.ts';
import { neededState } from '../../wire/openai-responses/state.ts';
import { readJson } from './parse-json.ts';
import type { ReceivedBody } from './receive-body.ts';
import type { KeptTexts, Translated, TranslationInput } from './translate.ts';
import { translate } from './translate.ts';
import type { FindKept } from './translation-thread.ts';
import { TranslationThread } from './translation-thread.ts';

/** Bodies up to this size are translated on the loop: it takes a few milliseconds, less than handing them over. */
export interface SmallBody {
  readonly bytes: number;
  readonly values: number;
}

export const usualSmallBody: SmallBody = { bytes: 262_144, values: 5000 };

/** How many large bodies may wait for the thread. */
const MOST_WAITING = 64;
const RETRY_AFTER_SECONDS = 5;

export interface TranslatorOptions {
  /** The largest body, bytes. */
  readonly maxBytes: number;
  readonly small?: SmallBody | undefined;
}

/** A body to be translated, and for whom: whoever sends many large ones does not keep the others waiting. */
export interface Translation extends Omit<TranslationInput, 'bytes'> {
  readonly received: ReceivedBody;
  readonly owner: string;
  readonly findKept?: FindKept;
  readonly signal: AbortSignal;
}

/** Turns bodies into requests: small ones at once, large ones in a thread, whoever has the fewest there first. */
export class Translator {
  readonly #small: SmallBody;
  readonly #thread: TranslationThread;
  readonly #queue = new FairQueue({
    maxRunning: () => 1,
    maxQueued: MOST_WAITING,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

  constructor({ maxBytes, small = usualSmallBody }: TranslatorOptions) {
    this.#small = small;
    this.#thread = new TranslationThread(maxBytes);
  }

  /** Raises OcpError: `invalid_json`, what the surface's translation raises, and `queue_full`. */
  async translate({ received, owner, findKept, signal, ...rest }: Translation): Promise<Translated> {
    const { bytes, values } = received;
    const input: TranslationInput = { ...rest, bytes: bytes.length };
    const find = findKept ?? ((): undefined => undefined);
    if (bytes.length > this.#small.bytes || values > this.#small.values) {
      return await this.#inThread(owner, bytes, input, find, signal);
    }
    const body = readJson(bytes);
    if (input.endpoint !== 'openai-responses') return translate(body, undefined, input);
    const needed = neededState(body.value);
    if (needed.previousResponseId === undefined && needed.itemIds.length === 0)
      return translate(body, undefined, input);
    const kept = await find(needed);
    // What a small body goes on from can be large.
    return bytes.length + lengthOf(kept) > this.#small.bytes
      ? await this.#inThread(owner, bytes, input, () => kept, signal)
      : translate(body, kept, input);
  }

  close(): void {
    this.#thread.close();
  }

  async #inThread(
    owner: string,
    bytes: ReceivedBody['bytes'],
    input: TranslationInput,
    find: FindKept,
    signal: AbortSignal,
  ): Promise<Translated> {
    const leave = await this.#queue.enter(owner, signal);
    try {
      return await this.#thread.run(bytes, input, find);
    } finally {
      leave();
    }
  }
}

function lengthOf(kept: KeptTexts | undefined): number {
  return (kept?.previous?.length ?? 0) + (kept?.items.length ?? 0);
}
