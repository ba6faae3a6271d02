import type { Message } from '../../wire/anthropic/request.ts';
import type { PackedMessages } from './messages.ts';
import { packMessages } from './pack-messages.ts';
import { unpackMessage } from './unpack-messages.ts';

/** How a thinking block, and a redacted one, begins in packed messages. */
const MARKS = ['"type":"thinking"', '"type":"redacted_thinking"'];

/** The conversation without its thinking blocks; undefined when there are none. */
export function withoutThinking(messages: PackedMessages): PackedMessages | undefined {
  const { buffer, byteOffset, byteLength } = messages.bytes;
  const json = Buffer.from(buffer, byteOffset, byteLength);
  if (!MARKS.some((mark) => json.includes(mark))) return undefined;
  let left = 0;
  const kept: Message[] = [];
  for (let index = 0; index < messages.count; index += 1) {
    const message = unpackMessage(messages, index);
    if (message.role === 'user') {
      kept.push(message);
      continue;
    }
    const content = message.content.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
    left += message.content.length - content.length;
    // An answer that was all thinking has said nothing.
    if (content.length > 0) kept.push({ role: 'assistant', content });
  }
  return left === 0 ? undefined : packMessages(kept, { expectedBytes: byteLength });
}
