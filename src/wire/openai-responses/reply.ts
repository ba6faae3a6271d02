import type { RequestEcho } from './types.ts';

/** An item of `input` or `output` as it is stored and listed. */
export type InputItem = Readonly<Record<string, unknown>>;

/** A tool under the name by which the client knows it. */
export interface ClientTool {
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly namespace?: string;
}

/** What an answer on `/v1/responses` depends on, and what the gateway has to know to store it and to chain on it. */
export interface ResponsesReply {
  /** The model as asked; the answer names the one that really answered. */
  readonly model: string;
  /** The answer is JSON of a schema, so that a refusal is a `refusal` part. */
  readonly structured: boolean;
  /** Thinking is shown as reasoning summaries. */
  readonly reasoningSummary: boolean;
  /** Reasoning items carry `encrypted_content`. */
  readonly encryptedReasoning: boolean;
  /** The client's tools by the names that the model sees. */
  readonly tools: ReadonlyMap<string, ClientTool>;
  /** What the Response repeats of the request, without the members of `heavyEcho`. */
  readonly echo: Partial<RequestEcho>;
  /** Members of the echo that are too large to be written again on the loop, as JSON: `"name":value`, joined by commas. */
  readonly heavyEcho?: Uint8Array;
  /** The response is to be kept for `previous_response_id`, `GET` and `DELETE`. */
  readonly store: boolean;
  readonly previousResponseId?: string;
  /** This request's own input (without that of earlier responses); ids come from `storedInput`. */
  readonly inputItems: readonly InputItem[];
}
