/** How fast an answer comes; what is absent is taken from the simulator's own setting. */
export interface Pace {
  /** Milliseconds from the request to the first event (streamed) or to the reply. */
  readonly firstTokenDelayMs?: number;
  /** Milliseconds before each further token. */
  readonly tokenDelayMs?: number;
}

/** Every delta is one token. `pieces` gives the exact deltas and may be lazy, for answers too long to hold. */
export type TextContent = { readonly text: string } | { readonly pieces: Iterable<string> };

export type AnswerBlock =
  | ({ readonly type: 'text' } & TextContent)
  | ({ readonly type: 'thinking'; readonly signature?: string } & TextContent)
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | {
      readonly type: 'tool_use';
      readonly name: string;
      /** Absent: a value that satisfies the tool's JSON Schema. */
      readonly input?: unknown;
      readonly id?: string;
      /** The exact deltas of the arguments' JSON, instead of `input`. */
      readonly pieces?: readonly string[];
    };

/**
 * What goes wrong within an answer, once `afterTokens` tokens are out. Without streaming, `cut` closes the connection,
 * `stall` never answers, `malformed` sends broken JSON and `error` is the error's status.
 */
export interface AnswerFault {
  readonly kind: 'cut' | 'stall' | 'malformed' | 'error';
  readonly afterTokens: number;
  /** For `error`: its type and message; `overloaded_error` unless given. */
  readonly errorType?: string;
  readonly message?: string;
}

export interface MessageAnswer extends Pace {
  readonly kind: 'message';
  readonly content: readonly AnswerBlock[];
  /** Absent: `tool_use` when there is a tool call, else `end_turn`. `max_tokens` of the request wins over it. */
  readonly stopReason?: string;
  readonly stopSequence?: string;
  readonly fault?: AnswerFault;
}

/** Structured output: a call of the tool `StructuredOutput` if it is offered, else JSON text. */
export interface StructuredAnswer extends Pace {
  readonly kind: 'structured';
  /** Absent: a value that satisfies the schema of the request. */
  readonly value?: unknown;
}

/** An error status instead of a message. */
export interface ErrorAnswer extends Pace {
  readonly kind: 'error';
  readonly status: number;
  readonly type?: string;
  readonly message?: string;
  /** Sent as `retry-after`. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The connection is closed before any header. */
export interface HangUpAnswer extends Pace {
  readonly kind: 'hang_up';
}

/** Nothing is ever sent, not even headers, until the client closes. */
export interface SilentAnswer extends Pace {
  readonly kind: 'silent';
}

/** What the simulated model answers; a bare string is that text. */
export type Answer = string | MessageAnswer | StructuredAnswer | ErrorAnswer | HangUpAnswer | SilentAnswer;

/** An answer of plain text, or of exact pieces. */
export function textAnswer(
  text: string | Iterable<string>,
  options: Omit<MessageAnswer, 'kind' | 'content'> = {},
): MessageAnswer {
  const block: AnswerBlock = typeof text === 'string' ? { type: 'text', text } : { type: 'text', pieces: text };
  return { ...options, kind: 'message', content: [block] };
}

/** An answer that thinks first. */
export function thinkingAnswer(thinking: string, text: string, signature?: string): MessageAnswer {
  return {
    kind: 'message',
    content: [
      { type: 'thinking', text: thinking, ...(signature === undefined ? {} : { signature }) },
      { type: 'text', text },
    ],
  };
}

/** One or several parallel tool calls; a bare name is called with satisfying arguments. */
export function toolAnswer(
  ...calls: readonly (string | { readonly name: string; readonly input?: unknown })[]
): MessageAnswer {
  return {
    kind: 'message',
    content: calls.map((call) => ({ type: 'tool_use', ...(typeof call === 'string' ? { name: call } : call) })),
  };
}

/** An error status, with the type and message that Anthropic uses for it unless given. */
export function errorAnswer(status: number, options: Omit<ErrorAnswer, 'kind' | 'status'> = {}): ErrorAnswer {
  return { ...options, kind: 'error', status };
}

/** The 400 for a prompt that is longer than the model's window (both in tokens). */
export function promptTooLongAnswer(tokens: number, maximum: number): ErrorAnswer {
  return errorAnswer(400, { message: `prompt is too long: ${tokens} tokens > ${maximum} maximum` });
}

/** A refusal in the model's words. */
export function refusalAnswer(text = 'I cannot help with that.'): MessageAnswer {
  return textAnswer(text, { stopReason: 'refusal' });
}
