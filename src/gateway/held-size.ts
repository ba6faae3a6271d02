import type { AssistantBlock, ToolResultContent, UserBlock } from '../wire/anthropic/content.ts';
import type { Message } from '../wire/anthropic/request.ts';

/** What a block takes besides its texts, bytes. */
const BLOCK_BYTES = 100;
/** Characters outside Latin-1 take two. */
const BYTES_PER_CHARACTER = 2;

/** About how many bytes of memory messages take; never less. Looks at every block and reads no text. */
export function heldBytes(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + blocksBytes(content), 0);
}

function blocksBytes(blocks: readonly (UserBlock | AssistantBlock | ToolResultContent)[]): number {
  return blocks.reduce((sum: number, block) => sum + BLOCK_BYTES + valueBytes(block), 0);
}

/** The same of any value, by its texts; a field that a block gets later is counted by itself. */
export function valueBytes(value: unknown): number {
  if (typeof value === 'string') return BYTES_PER_CHARACTER * value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 0;
  for (const [name, member] of Object.entries(value)) sum += 16 + name.length + valueBytes(member);
  return sum;
}
