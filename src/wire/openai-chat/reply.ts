import type { StopReason, Usage } from '../anthropic/events.ts';
import type { ReplyContext } from '../surface.ts';

/** What the answer's shape depends on. */
export interface ChatReply {
  /** The model as the client asked for it. */
  readonly model: string;
  /** A chunk with the usage ends the stream, and every other chunk says `usage: null`. */
  readonly includeUsage: boolean;
  /** The request used `functions`: a call is answered as `function_call`. */
  readonly legacyFunctions: boolean;
  /** Names of tools that take free text. */
  readonly customTools: ReadonlySet<string>;
  /** The answer had to follow a schema. */
  readonly structured: boolean;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

/** `CompletionUsage` of the OpenAI API. Prompt tokens are all that were read, from the cache or not. */
export interface ChatUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number; cache_write_tokens: number };
  completion_tokens_details: { reasoning_tokens: number };
}

export function completionId(context: ReplyContext): string {
  return `chatcmpl-${context.replyId}`;
}

export function chatUsage(usage: Usage): ChatUsage {
  const read = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  const prompt = usage.input_tokens + read + written;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output_tokens,
    total_tokens: prompt + usage.output_tokens,
    prompt_tokens_details: { cached_tokens: read, cache_write_tokens: written },
    completion_tokens_details: { reasoning_tokens: usage.output_tokens_details?.thinking_tokens ?? 0 },
  };
}

/**
 * Why the answer ended, as OpenAI names it. A refusal where a schema was asked for ends with `stop` and a `refusal`
 * text: the official SDK raises on `content_filter` before a program could read that text.
 */
export function finishReason(stopReason: StopReason | null, called: boolean, reply: ChatReply): FinishReason {
  switch (stopReason) {
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'refusal':
      return reply.structured ? 'stop' : 'content_filter';
    case 'tool_use':
    case null:
      if (!called) return 'stop';
      return reply.legacyFunctions ? 'function_call' : 'tool_calls';
    default:
      return 'stop';
  }
}

/** The text of a structured refusal; it must not be empty, or clients take the answer for a good one. */
export function refusalText(said: string): string {
  return said.trim() === '' ? 'The model declined to answer.' : said;
}
