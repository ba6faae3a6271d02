import type { DatabaseSync } from 'node:sqlite';
import type { NewResponse } from '../../store/responses.ts';
import { ResponseStore } from '../../store/responses.ts';
import type { KeptTexts } from '../body/translate.ts';
import { pageOf } from './item-page.ts';
import { shownItems, shownResponse } from './shown.ts';

/** What the thread has to know besides its question. */
export interface Setting {
  /** Wall clock, Unix ms. */
  readonly now: number;
  readonly ttlMs: number;
  readonly maxBytes: number;
  readonly maxHistoryBytes: number;
}

/** What is asked about large kept responses. Answers that may be long are JSON. */
export type ResponseQuestions = ReturnType<typeof responseQuestions>;

/** How much longer than a step the others may write, and at least, ms. */
const PAUSE_FACTOR = 2;
const LEAST_PAUSE_MS = 2;

/** The answers on a connection of its own that can write. */
export function responseQuestions(database: DatabaseSync) {
  const on = ({ now, ttlMs, maxBytes, maxHistoryBytes }: Setting): ResponseStore =>
    new ResponseStore({
      database,
      now: () => now,
      ttlMs: () => ttlMs,
      maxBytes,
      maxHistoryBytes,
      onError: () => {},
    });
  return {
    save: (setting: Setting, owner: string, response: NewResponse): number =>
      on(setting).saveInSteps(owner, response, pauses()),
    kept: (setting: Setting, owner: string, previousId: string | undefined, itemIds: readonly string[]): KeptTexts => {
      const store = on(setting);
      const previous = previousId === undefined ? [] : store.chain(owner, previousId);
      return {
        previous: previous === undefined ? undefined : bytesOf(`[${previous.join(',')}]`),
        items: bytesOf(`[${store.items(owner, itemIds).join(',')}]`),
      };
    },
    response: (setting: Setting, owner: string, id: string, withReasoning: boolean): Uint8Array | undefined => {
      const found = on(setting).get(owner, id);
      return found === undefined ? undefined : bytesOf(JSON.stringify(shownResponse(found, withReasoning)));
    },
    inputItems: (
      setting: Setting,
      owner: string,
      id: string,
      withReasoning: boolean,
      query: unknown,
    ): Uint8Array | undefined => {
      const found = on(setting).get(owner, id);
      if (found === undefined) return undefined;
      return bytesOf(JSON.stringify(pageOf(shownItems(found.input, withReasoning), query)));
    },
  };
}

/** In memory of its own, which can be handed over. */
function bytesOf(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** Whoever waits for the database looks at it now and then: the pauses must be long enough to be seen. */
function pauses(): () => void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  let last = performance.now();
  return () => {
    Atomics.wait(nothing, 0, 0, Math.max(LEAST_PAUSE_MS, PAUSE_FACTOR * (performance.now() - last)));
    last = performance.now();
  };
}
