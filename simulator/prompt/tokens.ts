import type { WireObject } from '../json.ts';
import { contentBlocks, isObject } from '../json.ts';

const imageTokens = 1_600;
const documentTokens = 3_000;

/** Tokens of a text: one for four UTF-16 units, rounded up. Deterministic; close to Anthropic's counts for English. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Cuts a text into pieces of about one token each: a word or a part of one, with the white space before it. */
export function splitTokens(text: string): readonly string[] {
  return text.match(/\s*\S{1,6}|\s+$/gu) ?? [];
}

/** Tokens of one content block, tool definition or system block. Bytes of images and documents are not text. */
export function countBlockTokens(block: WireObject): number {
  switch (block['type']) {
    case 'text':
      return countTokens(String(block['text']));
    case 'image':
      return imageTokens;
    case 'document':
      return countDocumentTokens(block);
    case 'tool_result':
      return 4 + contentBlocks(block['content']).reduce((sum, inner) => sum + countBlockTokens(inner), 0);
    default:
      return countTokens(JSON.stringify(block));
  }
}

function countDocumentTokens(block: WireObject): number {
  const source = block['source'];
  return isObject(source) && source['type'] === 'text' ? countTokens(String(source['data'])) : documentTokens;
}
