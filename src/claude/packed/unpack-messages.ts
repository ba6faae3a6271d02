import type { AssistantBlock, ToolResultBlock, UserBlock } from '../../wire/anthropic/content.ts';
import type { Message } from '../../wire/anthropic/request.ts';
import type { PackedMessages } from './messages.ts';
import { messageAt } from './messages.ts';

/** One packed message as it was before; only for what is known to be short. */
export function unpackMessage(messages: PackedMessages, index: number): Message {
  const { start, end, role } = messageAt(messages, index);
  const { buffer, byteOffset } = messages.bytes;
  const json = Buffer.from(buffer, byteOffset + start, end - start).toString('utf8');
  const blocks = JSON.parse(`[${json}]`) as readonly unknown[];
  return role === 'assistant'
    ? { role, content: blocks as readonly AssistantBlock[] }
    : { role, content: (blocks as readonly WrittenUserBlock[]).map(unwritten) };
}

type WrittenUserBlock =
  | UserBlock
  | (Pick<ToolResultBlock, 'type' | 'tool_use_id' | 'is_error'> & { readonly content: string });

/** What a failed tool said is written as a text. */
function unwritten(block: WrittenUserBlock): UserBlock {
  if (block.type !== 'tool_result') return block;
  const { type, tool_use_id, content, ...rest } = block;
  return {
    type,
    tool_use_id,
    content: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
    ...rest,
  };
}
