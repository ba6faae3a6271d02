import * as z from 'zod';
import { caps, metadata } from '../caps.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';

/**
 * The body of `POST /v1/responses`, as far as it has a meaning here. Contract: OpenAI API reference, Create a response.
 * Items, tools and the tool choice are of many kinds and are read by their own files.
 */
export const bodySchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.unknown()).max(caps.messages)]).nullish(),
  instructions: z.string().nullish(),
  tools: z.array(z.unknown()).max(caps.tools).nullish(),
  tool_choice: z.unknown().optional(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.looseObject({ format: z.unknown().optional(), verbosity: z.string().nullish() }).nullish(),
  reasoning: z
    .looseObject({
      effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      summary: z.enum(['auto', 'concise', 'detailed', 'none']).nullish(),
      generate_summary: z.enum(['auto', 'concise', 'detailed', 'none']).nullish(),
    })
    .nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  previous_response_id: z.string().min(1).nullish(),
  conversation: z.union([z.string(), z.looseObject({ id: z.string() })]).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  include: z.array(z.string()).max(caps.include).nullish(),
  metadata: metadata.nullish(),
  prompt: z.unknown().optional(),
  prompt_cache_key: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  session_id: z.string().nullish(),
  conversation_id: z.string().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_logprobs: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  user: z.string().nullish(),
});

export type Body = z.output<typeof bodySchema>;

/** `text.format`. */
export const formatSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    name: z.string().optional(),
    schema: z.custom<JsonObject>(isObject, 'expected an object'),
    strict: z.boolean().nullish(),
  }),
]);
