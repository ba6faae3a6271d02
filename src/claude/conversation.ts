import type { JsonPieces, PackedMessages } from './packed/messages.ts';
import { contentOf, contentWithBreakpoint, messageAt } from './packed/messages.ts';
import type { ToolNames } from './tool-names.ts';

/** What a worker is to be told of a conversation. */
export interface Conversation {
  readonly messages: PackedMessages;
  /** The first message that the worker does not know. */
  readonly from: number;
  /** Whether OCP's cache breakpoint is written into it. */
  readonly hasBreakpoint: boolean;
}

/**
 * The message that carries OCP's one cache breakpoint when a new worker is told a whole conversation. Where the last request
 * ended, live or not, the CLI had one of its own: ours goes on the same block, the last of the newest user message but one, so
 * that all that was sent before is found even where the API, which looks 20 blocks back, would not find it from the new end.
 * In a worker that goes on there must not be a second one: it keeps this one, and the API takes four in all.
 */
export function breakpointOf({ messages, hasBreakpoint }: Conversation): number | undefined {
  if (!hasBreakpoint) return undefined;
  for (let index = messages.count - 2; index >= 0; index -= 1) {
    const { role, breakpoint } = messageAt(messages, index);
    if (role === 'user' && breakpoint > 0) return index;
  }
  return undefined;
}

/** The JSON of one message's content as a worker is told it. */
export function writtenContent(
  messages: PackedMessages,
  index: number,
  names: ToolNames,
  breakpoint?: number,
): JsonPieces {
  return index === breakpoint ? contentWithBreakpoint(messages, index) : contentOf(messages, index, names);
}
