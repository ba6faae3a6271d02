import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { ResponsesReply } from './reply.ts';
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

/** From so many characters of JSON on a member is heavy. */
const HEAVY_CHARACTERS = 65_536;

/** An echo whose long members are JSON already. Made where the body is translated: for a large body that is a thread. */
export function packedEcho(echo: Partial<RequestEcho>, bodyBytes: number): Pick<ResponsesReply, 'echo' | 'heavyEcho'> {
  if (bodyBytes < HEAVY_CHARACTERS) return { echo };
  const light: [string, unknown][] = [];
  const heavy: string[] = [];
  for (const [name, value] of Object.entries(echo)) {
    const json = JSON.stringify(value);
    if (json.length < HEAVY_CHARACTERS) light.push([name, value]);
    else heavy.push(`${JSON.stringify(name)}:${json}`);
  }
  if (heavy.length === 0) return { echo };
  return { echo: Object.fromEntries(light), heavyEcho: ownBytes(heavy.join(',')) };
}

/** In memory of its own, which can be handed over. */
function ownBytes(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
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
