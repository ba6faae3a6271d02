import { z } from 'zod';
import { caps } from '../caps.ts';
import { isObject } from '../json.ts';

/**
 * The request body as clients send it, widened by what they are known to do beyond the published type
 * (`ChatCompletionCreateParams` of the `openai` package). Unknown members pass everywhere.
 */
const jsonObject = z.custom<Readonly<Record<string, unknown>>>(isObject, 'expected an object');

const text = z.looseObject({ type: z.enum(['text', 'input_text', 'output_text']), text: z.string() });
const refusal = z.looseObject({ type: z.literal('refusal'), refusal: z.string() });
/** Reasoning that came back: it has no signature, so it cannot be replayed. */
const reasoning = z.looseObject({ type: z.enum(['thinking', 'redacted_thinking', 'reasoning', 'reasoning_text']) });
const image = z.looseObject({
  type: z.literal('image_url'),
  image_url: z.union([z.string(), z.looseObject({ url: z.string() })]),
});
const inputImage = z.looseObject({
  type: z.literal('input_image'),
  image_url: z.string().nullish(),
  file_id: z.unknown().optional(),
});
const fileFields = {
  file_data: z.string().nullish(),
  file_url: z.string().nullish(),
  filename: z.string().nullish(),
  file_id: z.unknown().optional(),
};
const file = z.looseObject({ type: z.literal('file'), file: z.looseObject(fileFields) });
const inputFile = z.looseObject({ type: z.literal('input_file'), ...fileFields });
const audio = z.looseObject({ type: z.literal('input_audio') });

const systemPart = z.discriminatedUnion('type', [text]);
const assistantPart = z.discriminatedUnion('type', [text, refusal, reasoning]);
const mediaPart = z.discriminatedUnion('type', [text, image, inputImage, file, inputFile, audio]);

const listOf = <Part extends z.ZodType>(part: Part) => z.union([z.string(), z.array(part).max(caps.contentBlocks)]);

const functionCall = z.looseObject({
  name: z.string().min(1),
  arguments: z.union([z.string(), jsonObject]).nullish(),
});
const toolCall = z.looseObject({
  id: z.string(),
  type: z.enum(['function', 'custom']).nullish(),
  function: functionCall.nullish(),
  custom: z.looseObject({ name: z.string().min(1), input: z.string() }).nullish(),
});

const systemMessage = z.looseObject({
  role: z.enum(['system', 'developer']),
  content: listOf(systemPart).nullish(),
});
const userMessage = z.looseObject({ role: z.literal('user'), content: listOf(mediaPart) });
const assistantMessage = z.looseObject({
  role: z.literal('assistant'),
  content: listOf(assistantPart).nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(toolCall).max(caps.calls).nullish(),
  function_call: functionCall.nullish(),
});
const toolContent = listOf(mediaPart).nullish();
const toolMessage = z.looseObject({ role: z.literal('tool'), tool_call_id: z.string(), content: toolContent });
const functionMessage = z.looseObject({ role: z.literal('function'), name: z.string(), content: toolContent });

const message = z.discriminatedUnion('role', [
  systemMessage,
  userMessage,
  assistantMessage,
  toolMessage,
  functionMessage,
]);

export const messageList = z.array(message).min(1).max(caps.messages);

const limit = z.int().min(1).nullish();
const label = z.string().max(256).nullish();
const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish();

export const chatBody = z.looseObject({
  model: z.string().nullish(),
  messages: messageList.nullish(),
  /** Accepted in place of `messages`. */
  input: z.union([z.string(), z.array(z.looseObject({})).max(caps.messages)]).nullish(),
  /** Accepted in place of `messages`. */
  prompt: z.string().nullish(),
  /** The system prompt beside `input`. */
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: limit,
  max_completion_tokens: limit,
  max_output_tokens: limit,
  stop: z
    .union([z.string().max(caps.stopCharacters), z.array(z.string().max(caps.stopCharacters)).max(caps.chatStops)])
    .nullish(),
  reasoning_effort: effort,
  reasoning: z
    .looseObject({
      effort,
      max_tokens: z.int().nullish(),
      enabled: z.boolean().nullish(),
      exclude: z.boolean().nullish(),
    })
    .nullish(),
  /** Anthropic's field, which other servers of this API take too. */
  thinking: z.looseObject({ type: z.string() }).nullish(),
  enable_thinking: z.boolean().nullish(),
  thinking_budget: z.int().nullish(),
  n: z.int().min(1).nullish(),
  tools: z
    .array(z.looseObject({ type: z.string() }))
    .max(caps.chatTools)
    .nullish(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  functions: z.array(z.unknown()).max(caps.chatTools).nullish(),
  function_call: z.union([z.enum(['none', 'auto']), z.looseObject({ name: z.string() })]).nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.looseObject({ type: z.enum(['text', 'json_object']) }),
      z.looseObject({
        type: z.literal('json_schema'),
        json_schema: z.looseObject({ schema: jsonObject.nullish() }),
      }),
    ])
    .nullish(),
  json_mode: z.boolean().nullish(),
  /** vLLM's way to ask for JSON of a schema, the older name and the newer. */
  guided_json: z.unknown().optional(),
  structured_outputs: z.looseObject({ json: z.unknown().optional() }).nullish(),
  session_id: label,
  conversation_id: label,
});

export type ChatBody = z.output<typeof chatBody>;
export type ChatMessage = z.output<typeof message>;
export type SystemMessage = z.output<typeof systemMessage>;
export type AssistantMessage = z.output<typeof assistantMessage>;
export type ToolCall = z.output<typeof toolCall>;
export type FunctionCall = z.output<typeof functionCall>;
export type MediaPart = z.output<typeof mediaPart>;
