import type { MessagesRequest } from './anthropic/request.ts';
import type { AssembledMessage } from './anthropic/message.ts';
import type { StreamEvent } from './anthropic/events.ts';
import type { OpenResult } from './open-result.ts';
import type { OcpError } from './errors.ts';

/** Headers of a request, names in lower case, as node:http gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Facts of one reply that come from outside the translation, so that translators stay pure. */
export interface ReplyContext {
  /** Unique part of the reply's ids: 24 characters of `[A-Za-z0-9]`. */
  readonly replyId: string;
  /** Unix time in seconds. */
  readonly created: number;
  /** The time when it is asked, Unix time in seconds; where it is absent, time stands still. */
  readonly now?: () => number;
}

/** A request after translation: what the worker is told, and what the surface itself has to remember to answer in kind. */
export interface ParsedRequest<Reply> {
  readonly request: MessagesRequest;
  readonly stream: boolean;
  /** Names of accepted fields that have no effect; sent back in `x-ocp-ignored`. */
  readonly ignored: readonly string[];
  /** The client's own name for the conversation (`session_id`, …), when it gave one. */
  readonly conversationId?: string;
  /** Tool results of such a conversation whose calls are not in the request, in their order. */
  readonly openResults?: readonly OpenResult[] | undefined;
  /** The client lets the oldest messages be left out where the conversation does not fit. */
  readonly truncate?: boolean;
  /** What the answer's shape depends on (the model as asked, `include_usage`, legacy functions …). */
  readonly reply: Reply;
}

/** A comment of server-sent events, which every client of a stream passes over. */
export const KEEPALIVE = ': keepalive\n\n';

/** Stands in a frame for the encoder's `spliced`. No JSON and no other frame holds this character. */
export const SPLICE = '\u0000';

/** Turns the events of one message into the bytes of one event stream. Every method returns SSE text, possibly empty. */
export interface StreamEncoder {
  /** JSON that is too large to be part of a text: it goes out wherever a frame holds SPLICE. */
  readonly spliced?: Uint8Array | undefined;
  event(event: StreamEvent): string;
  /** What tells a client during silence that the answer is still being made. */
  ping(): string;
  /** After `message_stop`: whatever the surface's stream ends with. */
  end(): string;
  /** Instead of `end`, when the turn failed after the stream had begun. */
  error(error: OcpError): string;
}

/** One wire format: pure translation, no I/O. */
export interface Surface<Reply> {
  readonly name: 'openai-chat' | 'openai-responses' | 'anthropic-messages';
  /** Raises OcpError `invalid_request` or `unsupported_parameter` with the field's path. */
  parse(body: unknown, headers: RequestHeaders): ParsedRequest<Reply>;
  /** The body of a non-streaming answer; bytes where it is JSON already. */
  complete(message: AssembledMessage, reply: Reply, context: ReplyContext): unknown;
  encoder(reply: Reply, context: ReplyContext): StreamEncoder;
  /** The body of an error before any byte of the answer was sent. */
  errorBody(error: OcpError, context: ReplyContext): unknown;
}
