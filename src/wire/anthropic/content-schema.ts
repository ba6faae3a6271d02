import { z } from 'zod';
import { caps } from '../caps.ts';
import { jsonObject } from './schema.ts';

/** Content blocks as clients send them, by their type. Contract: Anthropic API reference, Messages, `content`. */
const text = z.object({ type: z.literal('text'), text: z.string() });

const image = z.object({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.string(), data: z.string() }),
    z.object({ type: z.literal('url'), url: z.string() }),
    z.object({ type: z.literal('file') }),
  ]),
});

const document = z.object({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: z.string() }),
    z.object({ type: z.literal('text'), media_type: z.literal('text/plain'), data: z.string() }),
    z.object({ type: z.literal('url'), url: z.string() }),
    z.object({
      type: z.literal('content'),
      content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image])).max(caps.contentBlocks)]),
    }),
    z.object({ type: z.literal('file') }),
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations: z.object({ enabled: z.boolean().nullish() }).nullish(),
});

const searchResult = z.object({
  type: z.literal('search_result'),
  source: z.string(),
  title: z.string(),
  content: z.array(text).max(caps.contentBlocks),
});

const toolResult = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string().min(1),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })).max(caps.contentBlocks)]).nullish(),
  is_error: z.boolean().nullish(),
});

const toolReference = z.object({ type: z.literal('tool_reference'), tool_name: z.string() });

const thinking = z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });

const redactedThinking = z.object({ type: z.literal('redacted_thinking'), data: z.string() });

const toolUse = z.object({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/, 'expected only letters, digits, _ and -'),
  name: z.string().min(1),
  input: jsonObject,
});

export type WireImage = z.infer<typeof image>;
export type WireDocument = z.infer<typeof document>;
export type WireMedia = z.infer<typeof text> | WireImage | WireDocument | z.infer<typeof searchResult>;
export type WireToolResult = z.infer<typeof toolResult>;
export type WireUserBlock = WireMedia | WireToolResult;
export type WireToolReference = z.infer<typeof toolReference>;
export type WireAssistantBlock = z.infer<typeof text | typeof thinking | typeof redactedThinking | typeof toolUse>;

/** The schemas of the blocks that one place may hold, by type. */
export type BlockSchemas<Block> = Readonly<Record<string, z.ZodType<Block>>>;

const media = { text, image, document, search_result: searchResult };

export const textBlocks: BlockSchemas<z.infer<typeof text>> = { text };

export const userBlocks: BlockSchemas<WireUserBlock> = { ...media, tool_result: toolResult };

export const resultParts: BlockSchemas<WireMedia | WireToolReference> = { ...media, tool_reference: toolReference };

export const assistantBlocks: BlockSchemas<WireAssistantBlock> = {
  text,
  thinking,
  redacted_thinking: redactedThinking,
  tool_use: toolUse,
};
