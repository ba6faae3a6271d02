import type { AssistantBlock, ToolResultContent, UserBlock } from '../wire/anthropic/content.ts';
import type { StreamEvent } from '../wire/anthropic/events.ts';

/** About how many characters of text make a token. */
export const CHARACTERS_PER_TOKEN = 3.5;

type Block = UserBlock | AssistantBlock | ToolResultContent;

/** Characters of a message; images, documents and hidden thinking count as none. */
export function contentCharacters(content: readonly Block[]): number {
  return content.reduce((sum: number, block) => sum + blockCharacters(block), 0);
}

function blockCharacters(block: Block): number {
  switch (block.type) {
    case 'text':
      return block.text.length;
    case 'thinking':
      return block.thinking.length;
    case 'tool_use':
      return JSON.stringify(block.input).length;
    case 'tool_result':
      return contentCharacters(block.content);
    case 'image':
    case 'document':
    case 'redacted_thinking':
      return 0;
  }
}

/** Characters that an event adds to an answer. */
export function deltaCharacters(event: StreamEvent): number {
  if (event.type !== 'content_block_delta') return 0;
  const { delta } = event;
  switch (delta.type) {
    case 'text_delta':
      return delta.text.length;
    case 'thinking_delta':
      return delta.thinking.length;
    case 'input_json_delta':
      return delta.partial_json.length;
    case 'signature_delta':
      return 0;
  }
}
