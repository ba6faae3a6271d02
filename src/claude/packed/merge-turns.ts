import type { AssistantBlock, UserBlock } from '../../wire/anthropic/content.ts';
import type { Message, UserMessage } from '../../wire/anthropic/request.ts';

/**
 * The messages in the form that goes through the CLI unharmed: consecutive ones of a role joined, which it would otherwise
 * queue and merge in an order of its own, and what failed tools show beside their results.
 */
export function mergeTurns(messages: readonly Message[]): readonly Message[] {
  const merged: Message[] = [];
  let open: { readonly role: Message['role']; readonly content: (UserBlock | AssistantBlock)[] } | undefined;
  for (const original of messages) {
    const message = original.role === 'user' ? withMediaBesideFailures(original) : original;
    if (open?.role === message.role) {
      for (const block of message.content) open.content.push(block);
      continue;
    }
    open = { role: message.role, content: [...message.content] };
    merged.push(open as Message);
  }
  return merged;
}

/** The API takes only text in the result of a failed call, and the CLI drops all else from it. */
function withMediaBesideFailures(message: UserMessage): UserMessage {
  const media: UserBlock[] = [];
  const content = message.content.map((block): UserBlock => {
    if (block.type !== 'tool_result' || block.is_error !== true) return block;
    for (const part of block.content) if (part.type !== 'text') media.push(part);
    return { ...block, content: block.content.filter((part) => part.type === 'text') };
  });
  return media.length === 0 ? message : { role: 'user', content: content.concat(media) };
}
