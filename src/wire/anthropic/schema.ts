import { z } from 'zod';
import { caps } from '../caps.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { thinkingSchema } from './thinking-schema.ts';

/**
 * The request as clients send it. Contract: Anthropic API reference, Messages; where the reference leaves a choice, what
 * the clients of the compatibility page send. Optional fields may be null; `cache_control` and fields that are not named
 * here are dropped, those of the top level are reported as ignored. Content blocks and tools are only told apart by their
 * `type` here and read one by one, each with its own schema (content-schema.ts, tools.ts).
 */
export const jsonObject = z.custom<JsonObject>(isObject, 'expected an object');

const typed = z.looseObject({ type: z.string() });

/** A content block whose type has not been looked at. */
export type RawBlock = z.infer<typeof typed>;

const blocks = z.union([z.string(), z.array(typed).max(caps.contentBlocks)]);

const effort = z.enum(['low', 'medium', 'high', 'xhigh', 'max']);

const outputFormat = z.object({ type: z.literal('json_schema'), schema: jsonObject });

const message = z.object({
  role: z.enum(['user', 'assistant', 'system']),
  content: blocks,
  output_config: z.object({ effort: effort.nullish() }).nullish(),
});

export type WireMessage = z.infer<typeof message>;

const tool = z.looseObject({ type: z.string().nullish(), name: z.string().nullish() });

/** A tool whose type has not been looked at. */
export type RawTool = z.infer<typeof tool>;

const parallel = z.boolean().nullish();

const toolChoice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auto'), disable_parallel_tool_use: parallel }),
  z.object({ type: z.literal('any'), disable_parallel_tool_use: parallel }),
  z.object({ type: z.literal('tool'), name: z.string().min(1), disable_parallel_tool_use: parallel }),
  z.object({ type: z.literal('none') }),
]);

export type WireToolChoice = z.infer<typeof toolChoice>;

const prompt = {
  model: z.string().min(1),
  messages: z.array(message).min(1).max(caps.messages),
  system: blocks.nullish(),
  tools: z.array(tool).max(caps.tools).nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: thinkingSchema.nullish(),
  output_config: z.object({ effort: effort.nullish(), format: outputFormat.nullish() }).nullish(),
  output_format: outputFormat.nullish(),
};

/** The body of `POST /v1/messages/count_tokens`: what an answer would be made from, without how long it may get. */
export const countTokensBody = z.looseObject(prompt);

/** The body of `POST /v1/messages`. */
export const messagesBody = z.looseObject({
  ...prompt,
  max_tokens: z.int().min(1),
  stop_sequences: z.array(z.string().max(caps.stopCharacters)).max(caps.stops).nullish(),
  stream: z.boolean().nullish(),
});

export type CountTokensBody = z.infer<typeof countTokensBody>;
export type MessagesBody = z.infer<typeof messagesBody>;
