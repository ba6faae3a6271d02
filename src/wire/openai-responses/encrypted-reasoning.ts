import * as z from 'zod';
import type { RedactedThinkingBlock, ThinkingBlock } from '../anthropic/content.ts';
import type { JsonTexts } from '../json-text.ts';

/**
 * The `encrypted_content` of a reasoning item. Clients keep it and send it back without looking inside, which is how a
 * thinking block and its signature come back unchanged. It is not secret from the client, whose own conversation it is;
 * Anthropic checks the signature. The prefix names the format and its version: anything else is another server's.
 */
const prefix = 'ocp1.';

const blockSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
]);

export function encryptReasoning(block: ThinkingBlock | RedactedThinkingBlock): string {
  return prefix + Buffer.from(JSON.stringify(block), 'utf8').toString('base64url');
}

/** The block that `encryptReasoning` was given; undefined for content of another origin or a later version. */
export function decryptReasoning(content: string, texts: JsonTexts): ThinkingBlock | RedactedThinkingBlock | undefined {
  if (!content.startsWith(prefix)) return undefined;
  const json = Buffer.from(content.slice(prefix.length), 'base64url').toString('utf8');
  return blockSchema.safeParse(texts.parse(json)).data;
}
