import type { JsonObject } from '../json.ts';

/** Tokens of a message as Anthropic counts them. Contract: API reference, Messages, `usage`. */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  /** How long what was written into the cache stays there. */
  readonly cache_creation?: { readonly ephemeral_1h_input_tokens?: number } | null;
  /** Tokens of `output_tokens` that were thinking, where the API says so. */
  readonly output_tokens_details?: { readonly thinking_tokens?: number } | null;
}

/** Why a message ended. An unknown reason of a later API passes as it is. */
export type StopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded'
  | (string & {});

export interface MessageStartEvent {
  readonly type: 'message_start';
  readonly message: {
    readonly id: string;
    readonly type: 'message';
    readonly role: 'assistant';
    readonly model: string;
    readonly content: readonly [];
    readonly stop_reason: null;
    readonly stop_sequence: null;
    readonly usage: Usage;
  };
}

/** The block as it starts: texts empty, a tool's input `{}`. */
export type StartedBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: JsonObject };

export interface ContentBlockStartEvent {
  readonly type: 'content_block_start';
  readonly index: number;
  readonly content_block: StartedBlock;
}

export type BlockDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string };

export interface ContentBlockDeltaEvent {
  readonly type: 'content_block_delta';
  readonly index: number;
  readonly delta: BlockDelta;
}

export interface ContentBlockStopEvent {
  readonly type: 'content_block_stop';
  readonly index: number;
}

export interface MessageDeltaEvent {
  readonly type: 'message_delta';
  readonly delta: { readonly stop_reason: StopReason | null; readonly stop_sequence: string | null };
  readonly usage: UsageUpdate;
}

/** The final counts; a field that is absent or null keeps the value of `message_start`. */
export type UsageUpdate = Partial<Omit<Usage, 'input_tokens'>> & { readonly input_tokens?: number | null };

export interface MessageStopEvent {
  readonly type: 'message_stop';
}

/**
 * One event of a streamed message: the Anthropic SSE event itself, as the CLI passes it on in `stream_event` lines.
 * Contract: Anthropic API reference, Streaming Messages. `ping` is dropped before it gets here, and a block or delta of
 * a type that is not listed never reaches a translator.
 */
export type StreamEvent =
  | MessageStartEvent
  | ContentBlockStartEvent
  | ContentBlockDeltaEvent
  | ContentBlockStopEvent
  | MessageDeltaEvent
  | MessageStopEvent;
