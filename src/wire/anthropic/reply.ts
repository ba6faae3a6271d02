import type { AssistantBlock } from './content.ts';
import type { ContentBlockStartEvent, MessageDeltaEvent, MessageStartEvent, StopReason, Usage } from './events.ts';
import type { AssembledMessage } from './message.ts';

/** What the API says of a message beside the message; the CLI passes most of it on, older ones not all. */
const messageDefaults = { container: null, diagnostics: null, stop_details: null } as const;

const usageDefaults = {
  cache_creation: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  inference_geo: null,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: null,
  speed: null,
} as const;

const deltaUsageDefaults = {
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  input_tokens: null,
  output_tokens: 0,
  output_tokens_details: null,
  server_tool_use: null,
} as const;

/** Who called: the model itself, not code of Anthropic's. */
const direct = { type: 'direct' } as const;

/** A whole answer. Contract: Anthropic API reference, `Message`. */
export interface MessageReply {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly ReplyBlock[];
  readonly stop_reason: StopReason | null;
  readonly stop_sequence: string | null;
  readonly usage: ReplyUsage;
  readonly container: null;
  readonly diagnostics: null;
  readonly stop_details: null;
}

export type ReplyBlock = ReturnType<typeof replyBlock>;
export type ReplyUsage = ReturnType<typeof replyUsage>;

/** The body of a non-streaming answer; `fallback` stands in for what an answer that failed early does not say. */
export function messageReply(
  message: AssembledMessage,
  fallback: { readonly id: string; readonly model: string },
): MessageReply {
  return {
    id: message.id === '' ? fallback.id : message.id,
    type: 'message',
    role: 'assistant',
    model: message.model === '' ? fallback.model : message.model,
    content: message.content.map(replyBlock),
    stop_reason: message.stopReason,
    stop_sequence: message.stopSequence,
    usage: replyUsage(message.usage),
    ...messageDefaults,
  };
}

/** `message_start` with every field that the published type requires. */
export function completeStart(event: MessageStartEvent): MessageStartEvent {
  const { message } = event;
  return { ...event, message: { ...messageDefaults, ...message, usage: replyUsage(message.usage) } };
}

/** `message_delta` with every field that the published type requires. */
export function completeDelta(event: MessageDeltaEvent) {
  return {
    ...event,
    delta: { container: null, stop_details: null, ...event.delta },
    usage: { ...deltaUsageDefaults, ...event.usage },
  };
}

/** `content_block_start` likewise. */
export function completeBlock(event: ContentBlockStartEvent): ContentBlockStartEvent {
  const { content_block: block } = event;
  return block.type === 'tool_use' ? { ...event, content_block: { caller: direct, ...block } as typeof block } : event;
}

function replyBlock(block: AssistantBlock) {
  switch (block.type) {
    case 'text':
      return block;
    case 'tool_use':
      return { caller: direct, ...block };
    case 'thinking':
    case 'redacted_thinking':
      return block;
  }
}

function replyUsage(usage: Usage) {
  return { ...usageDefaults, ...usage };
}
