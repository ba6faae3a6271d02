import type { JsonObject } from '../json.ts';
import type { AssistantBlock, UserBlock } from './content.ts';
import type { Effort, ThinkingWish } from './thinking.ts';

export interface UserMessage {
  readonly role: 'user';
  readonly content: readonly UserBlock[];
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: readonly AssistantBlock[];
}

export type Message = UserMessage | AssistantMessage;

/** A tool that the client runs. `input_schema` is the client's JSON Schema, untouched. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: JsonObject;
}

/** Which tools the model may or must call. `tool` forces one by name, `any` forces one of its choice. */
export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  | { readonly type: 'any' }
  | { readonly type: 'tool'; readonly name: string };

/**
 * A request in the language that OCP speaks inside: an Anthropic Messages request reduced to what a worker can be told.
 * Every surface translates into it; messages are normalised (consecutive messages of one role are allowed, every
 * content is a non-empty list of blocks, every tool result follows the call that it answers).
 */
export interface MessagesRequest {
  /** As the client wrote it: an id, an alias, or any `claude-*`. */
  readonly model: string;
  /** The system prompt in its parts, in order; empty when there is none. */
  readonly system: readonly string[];
  /** At least one; the last one is a user message. */
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** False when the client wants at most one call a message. */
  readonly parallelToolUse: boolean;
  /** Tokens; absent = the model's own limit. */
  readonly maxTokens?: number;
  readonly stopSequences: readonly string[];
  /** How hard to work, where that was asked apart from thinking. */
  readonly effort?: Effort;
  /** What was asked about thinking; absent = nothing. */
  readonly thinking?: ThinkingWish;
  /** The answer must be JSON: of this schema, or any object when the schema is `{type:'object'}`. */
  readonly outputSchema?: JsonObject;
}
