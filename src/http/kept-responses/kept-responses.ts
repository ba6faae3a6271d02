import { Reader } from '../../store/reading/reader.ts';
import type { NewResponse, ResponseStoreOptions } from '../../store/responses.ts';
import { ResponseStore, SMALL_RESPONSE_BYTES } from '../../store/responses.ts';
import { caps } from '../../wire/caps.ts';
import { OcpError } from '../../wire/errors.ts';
import type { NeededState } from '../../wire/openai-responses/state.ts';
import type { KeptTexts } from '../body/translate.ts';
import type { ItemPage } from './item-page.ts';
import { pageOf } from './item-page.ts';
import type { ResponseQuestions, Setting } from './questions.ts';
import { shownItems, shownResponse } from './shown.ts';

/** Items of a response that is written in one step. */
const SMALL_ITEMS = 1000;
/** How long the end of OCP waits for responses that are being written, ms. */
const LAST_WRITES_MS = 5000;

export interface KeptResponsesOptions extends ResponseStoreOptions {
  /** Of the database. */
  readonly path: string;
}

/**
 * The kept responses as the server uses them: small ones are written and read at once, large ones in a thread. A response
 * that is being written is waited for, so that a client finds it as soon as it has its answer.
 */
export class KeptResponses {
  readonly #options: KeptResponsesOptions;
  readonly #store: ResponseStore;
  readonly #thread: Reader<ResponseQuestions>;
  readonly #writing = new Set<Promise<void>>();

  constructor(options: KeptResponsesOptions) {
    this.#options = options;
    this.#store = new ResponseStore(options);
    this.#store.clearUnfinished();
    this.#thread = new Reader({ path: options.path, thread: new URL('./thread', import.meta.url) });
  }

  /** Keeps a response; the memory of a large one's input is given away. Failures are told to `onFailure`. */
  save(owner: string, response: NewResponse, onFailure: (error: unknown) => void): void {
    const { input, heavyBody } = response;
    const isSmall =
      input.ids.length <= SMALL_ITEMS && input.bytes.length + (heavyBody?.length ?? 0) <= SMALL_RESPONSE_BYTES;
    try {
      if (isSmall) this.#store.save(owner, response);
      else if (this.#options.ttlMs() > 0) this.#saveInThread(owner, response, onFailure);
    } catch (error) {
      onFailure(error);
    }
  }

  /** What a request refers to. Raises OcpError `context_length_exceeded` or `invalid_request` where it is too much. */
  async kept(owner: string, { previousResponseId, itemIds }: NeededState): Promise<KeptTexts> {
    if (itemIds.length > caps.references) {
      const message = `'input' may refer to at most ${caps.references} stored items.`;
      throw new OcpError('invalid_request', message, { param: 'input' });
    }
    await this.#written();
    if (!this.#store.isLittle(owner, previousResponseId, itemIds)) {
      return await this.#thread.ask('kept', [this.#setting(), owner, previousResponseId, itemIds]);
    }
    const previous = previousResponseId === undefined ? [] : this.#store.chain(owner, previousResponseId);
    return {
      previous: previous && `[${previous.join(',')}]`,
      items: `[${this.#store.items(owner, itemIds).join(',')}]`,
    };
  }

  /** Whether there is such a response. */
  async has(owner: string, id: string): Promise<boolean> {
    await this.#written();
    return this.#store.bytesOf(owner, id) !== undefined;
  }

  /** A response as its owner sees it; a large one as JSON. */
  async response(owner: string, id: string, withReasoning: boolean): Promise<object | undefined> {
    if (await this.#isLarge(owner, id)) {
      return await this.#thread.ask('response', [this.#setting(), owner, id, withReasoning]);
    }
    const found = this.#store.get(owner, id);
    return found && shownResponse(found, withReasoning);
  }

  /** A page of a response's input, as JSON where that is large. Raises OcpError `invalid_request` for a query that makes no sense. */
  async inputItems(
    owner: string,
    id: string,
    withReasoning: boolean,
    query: unknown,
  ): Promise<ItemPage | Uint8Array | undefined> {
    if (await this.#isLarge(owner, id)) {
      return await this.#thread.ask('inputItems', [this.#setting(), owner, id, withReasoning, query]);
    }
    const found = this.#store.get(owner, id);
    return found && pageOf(shownItems(found.input, withReasoning), query);
  }

  /** Tells whether there was such a response. */
  async delete(owner: string, id: string): Promise<boolean> {
    await this.#written();
    return this.#store.delete(owner, id);
  }

  sweep(): void {
    this.#store.sweep();
  }

  /** Waits for what is being written, but not for long. */
  async finish(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAST_WRITES_MS);
    await Promise.race([this.#written(), promise]);
    clearTimeout(timer);
    await this.#thread.close();
  }

  close(): void {
    void this.#thread.close();
    this.#store.close();
  }

  #saveInThread(owner: string, response: NewResponse, onFailure: (error: unknown) => void): void {
    const { buffer, byteLength } = response.input.bytes;
    const own = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
    const writing = this.#thread
      .ask('save', [this.#setting(), owner, response], undefined, own)
      .then((bytes) => this.#store.count(owner, bytes))
      .catch((error: unknown) => {
        this.#store.removeDrafts();
        onFailure(error);
      })
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  async #written(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #isLarge(owner: string, id: string): Promise<boolean> {
    await this.#written();
    return (this.#store.bytesOf(owner, id) ?? 0) > SMALL_RESPONSE_BYTES;
  }

  #setting(): Setting {
    const { now, ttlMs, maxBytes, maxHistoryBytes } = this.#options;
    return { now: now(), ttlMs: ttlMs(), maxBytes, maxHistoryBytes };
  }
}
