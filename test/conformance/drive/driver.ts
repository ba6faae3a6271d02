import type { JsonObject } from '../../../src/wire/json.ts';

/** A tool of the client's, in no surface's shape. */
export interface ToolSpec {
  readonly name: string;
  readonly description?: string;
  readonly schema: JsonObject;
}

/** One part of a message or of a tool's answer. */
export type Part =
  | { readonly text: string }
  /** A `data:` URI or an https address. */
  | { readonly image: string }
  /** Base64. */
  | { readonly pdf: string };

export interface Result {
  /** The id of the call as the client got it. */
  readonly id: string;
  readonly content: string | readonly Part[];
  /** Only Messages can say so. */
  readonly isError?: boolean;
}

/** One step of a conversation; an answer is sent back as its own surface gave it. */
export type Entry =
  | { readonly kind: 'user'; readonly content: string | readonly Part[] }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'results'; readonly results: readonly Result[] };

export type Choice =
  | 'auto'
  | 'none'
  | 'required'
  | { readonly tool: string }
  /** OpenAI's `allowed_tools`; a client of Messages offers fewer tools instead. */
  | { readonly allowed: readonly string[]; readonly mode: 'auto' | 'required' };

/** What stays the same through a conversation. */
export interface Terms {
  readonly stream: boolean;
  readonly system?: string;
  readonly tools?: readonly ToolSpec[];
  readonly choice?: Choice;
  /** False: at most one call at a time. */
  readonly parallel?: boolean;
  /** The JSON Schema that the answer must follow. */
  readonly schema?: JsonObject;
  readonly effort?: 'low' | 'medium' | 'high';
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** `sonnet` unless given. */
  readonly model?: string;
  readonly key?: string;
}

export interface Request extends Terms {
  readonly entries: readonly Entry[];
}

export interface Call {
  readonly id: string;
  readonly name: string;
  /** The arguments, as JSON. */
  readonly json: string;
  /** The pieces that they came in; empty for an answer that was not streamed. */
  readonly pieces: readonly string[];
}

/** What the official package made of an answer. */
export interface Answer {
  readonly text: string;
  readonly textPieces: readonly string[];
  readonly reasoning: string;
  readonly refusal: string;
  readonly calls: readonly Call[];
  readonly stop: 'end' | 'calls' | 'length' | 'refusal';
  /** Tokens of the prompt, those read from the cache among them. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** What the client sends back on the next turn. */
  readonly native: unknown;
}

/** One surface, through the official package for it. */
export interface Driver {
  readonly name: string;
  ask(ocp: { readonly url: string }, request: Request): Promise<Answer>;
}

/** Values of a kind in the order of their first mention, each made when it is first needed. */
export class Slots<T> {
  readonly #slots = new Map<number, T>();
  readonly #make: () => T;

  constructor(make: () => T) {
    this.#make = make;
  }

  at(index: number): T {
    const found = this.#slots.get(index) ?? this.#make();
    this.#slots.set(index, found);
    return found;
  }

  all(): readonly T[] {
    return [...this.#slots.values()];
  }
}
