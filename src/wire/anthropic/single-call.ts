import { deltaLength, estimatedTokens } from './delta-length.ts';
import type { StreamEvent } from './events.ts';
import type { Emit, EventFilter } from './filter.ts';

/** A filter that ends the message after its first tool call. */
export interface SingleCallFilter extends EventFilter {
  /** True once the message was ended here: everything that still comes is dropped, and the turn should be interrupted. */
  readonly cut: boolean;
}

/**
 * Ends the message when a second tool call begins, for clients that take one call at a time. The CLI cannot be told so.
 * Contract: OpenAI API reference, `parallel_tool_calls`; Anthropic API reference, `disable_parallel_tool_use`.
 */
export function createSingleCallFilter(): SingleCallFilter {
  let calls = 0;
  let cut = false;
  let units = 0;
  let reported: number | undefined;
  return {
    get cut() {
      return cut;
    },
    push(event: StreamEvent, emit: Emit): void {
      if (cut) return;
      if (event.type === 'message_start') reported = event.message.usage.output_tokens;
      if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') {
        calls += 1;
        if (calls < 2) units += event.content_block.name.length;
      }
      units += deltaLength(event);
      if (calls < 2) {
        emit(event);
        return;
      }
      cut = true;
      emit({
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: { output_tokens: estimatedTokens(units, reported) },
      });
      emit({ type: 'message_stop' });
    },
  };
}
