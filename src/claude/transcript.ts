import { createHash } from 'node:crypto';
import type { AssistantMessage } from '../wire/anthropic/request.ts';

/**
 * Names an answer of the model by what it says, so that a conversation is found again from what the client sends. Tool use
 * ids count by their place only, because clients rewrite them; thinking does not count, because clients drop it. What users
 * say is named where it is packed (packed/pack-messages.ts).
 */
export function answerDigest({ content }: AssistantMessage): Uint8Array {
  const hash = createHash('sha256').update('assistant');
  const texts = content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
  // Where one text ends and the next begins is no part of what was said.
  hash.update(`${texts.reduce((sum, text) => sum + text.length, 0)}:`);
  for (const text of texts) hash.update(text);
  for (const block of content) {
    if (block.type === 'tool_use') hash.update(JSON.stringify([block.name, sorted(block.input)]));
  }
  return hash.digest();
}

/** The ids of a message's tool calls, in order. */
export function callIds(message: AssistantMessage): readonly string[] {
  return message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
}

/** The same value with its keys in order: clients parse arguments and write them again. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
