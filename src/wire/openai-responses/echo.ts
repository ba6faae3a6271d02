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
    temperature: body.temperature ?? null,
    text: { format: isObject(text?.format) ? (text.format as JsonObject) : { type: 'text' } },
    tool_choice: isChoice(body.tool_choice) ? body.tool_choice : 'auto',
    tools: (body.tools ?? []) as JsonObject[],
    top_logprobs: 0,
    top_p: body.top_p ?? null,
    truncation: body.truncation ?? 'disabled',
    ...(typeof body.user === 'string' ? { user: body.user } : {}),
  };
}

function summaryOf(summary: string | null | undefined): RequestEcho['reasoning']['summary'] {
  return summary === 'auto' || summary === 'concise' || summary === 'detailed' ? summary : null;
}

function isChoice(value: unknown): value is string | JsonObject {
  return typeof value === 'string' || isObject(value);
}
