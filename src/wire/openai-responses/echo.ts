import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Body } from './schema.ts';
import type { RequestEcho } from './types.ts';

/** What the Response repeats of its request, OpenAI's defaults filled in. */
export function echoOf(body: Body): RequestEcho {
  const { text, reasoning } = body;
  return {
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: {
      effort: reasoning?.effort ?? null,
      summary: summaryOf(reasoning?.summary ?? reasoning?.generate_summary),
    },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: {
      format: isObject(text?.format) ? (text.format as JsonObject) : { type: 'text' },
      verbosity: text?.verbosity ?? 'medium',
    },
    tool_choice: isChoice(body.tool_choice) ? body.tool_choice : 'auto',
    tools: (body.tools ?? []).map(wholeTool),
    top_logprobs: 0,
    top_p: body.top_p ?? 1,
    presence_penalty: body.presence_penalty ?? 0,
    frequency_penalty: body.frequency_penalty ?? 0,
    max_tool_calls: null,
    conversation: conversationOf(body.conversation),
    truncation: body.truncation ?? 'disabled',
    user: body.user ?? null,
  };
}

function summaryOf(summary: string | null | undefined): RequestEcho['reasoning']['summary'] {
  return summary === 'auto' || summary === 'concise' || summary === 'detailed' ? summary : null;
}

/** A function with every member that the published schema requires; that it is not strict is the truth here. */
function wholeTool(tool: unknown): JsonObject {
  if (!isObject(tool) || tool['type'] !== 'function') return tool as JsonObject;
  const { description = null, parameters = null, strict } = tool;
  return { ...tool, description, parameters, strict: strict ?? false } as unknown as JsonObject;
}

function conversationOf(conversation: Body['conversation']): { readonly id: string } | null {
  if (conversation === undefined || conversation === null) return null;
  return { id: typeof conversation === 'string' ? conversation : conversation.id };
}

function isChoice(value: unknown): value is string | JsonObject {
  return typeof value === 'string' || isObject(value);
}
