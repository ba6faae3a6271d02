import type { ToolResultBlock, UserBlock } from '../wire/anthropic/content.ts';
import { isAltered } from './form/images.ts';
import type { HeldResult } from './packed/messages.ts';
import { MAX_HELD_RESULT_CHARACTERS } from './packed/setup-parts.ts';

/** More calls than this are in no answer of a model. */
export const MOST_CALLS = 1000;

/** The results of a message that holds nothing else, as a waiting worker takes them; undefined when it cannot take all. */
export function heldResults(content: readonly UserBlock[]): readonly HeldResult[] | undefined {
  if (content.length > MOST_CALLS) return undefined;
  const results: HeldResult[] = [];
  for (const block of content) {
    if (block.type !== 'tool_result' || !canBeHeld(block)) return undefined;
    const { content: parts, is_error: isError = false } = block;
    results.push({
      id: block.tool_use_id,
      json: Buffer.from(JSON.stringify({ content: parts.map(mcpContent), isError })),
    });
  }
  return results;
}

/**
 * Whether a result can go through a worker that waits for it. The CLI loses images of failed calls, documents and
 * addresses of images, makes large images smaller, puts overlong texts into a file, its own words in the place of blank ones, and
 * trims what failed calls say: those go in by replay, as native tool results.
 */
function canBeHeld(result: ToolResultBlock): boolean {
  let characters = 0;
  for (const block of result.content) {
    if (block.type === 'text') {
      characters += block.text.length;
      if (result.is_error === true && block.text !== block.text.trim()) return false;
    } else if (block.type !== 'image' || block.source.type !== 'base64' || result.is_error === true) return false;
    else if (isAltered(block)) return false;
  }
  const saysSomething = result.content.some((block) => block.type !== 'text' || block.text.trim() !== '');
  return characters <= MAX_HELD_RESULT_CHARACTERS && saysSomething;
}

function mcpContent(block: ToolResultBlock['content'][number]): object {
  if (block.type === 'image' && block.source.type === 'base64') {
    return { type: 'image', data: block.source.data, mimeType: block.source.media_type };
  }
  return { type: 'text', text: block.type === 'text' ? block.text : '' };
}
