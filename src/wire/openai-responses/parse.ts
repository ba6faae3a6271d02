import { checkAskedSchemas } from '../anthropic/asked-schemas.ts';
import type { MessagesRequest } from '../anthropic/request.ts';
import type { ThinkingWish } from '../anthropic/thinking.ts';
import type { TranscriptEntry } from '../anthropic/transcript.ts';
import { toMessages } from '../anthropic/transcript.ts';
import { OcpError, prefillError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { requireImageLimit } from '../media.ts';
import type { OpenResult } from '../open-result.ts';
import type { ParsedRequest, RequestHeaders } from '../surface.ts';
import { fieldName, parseAt, parseWith } from '../validate.ts';
import { conversationIdOf } from '../conversation-id.ts';
import { echoOf } from './echo.ts';
import { ignoredFields, refuseUnsupported } from './ignored.ts';
import type { PlacedItem } from './items.ts';
import { readItems, toolsInInput } from './items.ts';
import type { InputItem, ResponsesReply } from './reply.ts';
import type { Body } from './schema.ts';
import { bodySchema, formatSchema } from './schema.ts';
import { normaliseInput, referencedId } from './state.ts';
import { chooseTools } from './tool-choice.ts';
import { ToolSet } from './tools.ts';

/**
 * Translates a request that carries its whole conversation. Raises OcpError `previous_response_not_found` for one that
 * builds on a stored response: look that up (`neededState`) and use `parseWithPrevious`.
 */
export function parse(body: unknown, headers: RequestHeaders): ParsedRequest<ResponsesReply> {
  const checked = parseWith(bodySchema, body);
  const previous = checked.previous_response_id;
  if (typeof previous === 'string') {
    throw new OcpError(
      'previous_response_not_found',
      `Previous response with id '${previous.slice(0, 64)}' not found.`,
      {
        param: 'previous_response_id',
      },
    );
  }
  return translate(checked, headers, [], new Map());
}

/**
 * Translates a request that builds on stored items. `previous` is the input and output of the responses that
 * `previous_response_id` leads back to, oldest first; `referenced` are further stored items, for `item_reference`.
 */
export function parseWithPrevious(
  body: unknown,
  headers: RequestHeaders,
  previous: readonly unknown[],
  referenced: readonly unknown[] = [],
): ParsedRequest<ResponsesReply> {
  const byId = new Map([...previous, ...referenced].flatMap((item) => idOf(item)));
  return translate(parseWith(bodySchema, body), headers, previous, byId);
}

function translate(
  body: Body,
  headers: RequestHeaders,
  previous: readonly unknown[],
  stored: ReadonlyMap<string, unknown>,
): ParsedRequest<ResponsesReply> {
  refuseUnsupported(body);
  const earlier = previous.map((item, index): PlacedItem => ({ item, at: ['previous', index] }));
  const own = ownItems(body, stored, previous);
  const items = [...earlier, ...own];
  const tools = new ToolSet([{ tools: body.tools ?? [], at: ['tools'] }, ...toolsInInput(items)]);
  const chosen = chooseTools(body.tool_choice, tools);
  const conversation = readItems(items, tools);
  requireQuestion(conversation.entries, own);
  const outputSchema = outputSchemaOf(body);
  const thinking = thinkingWish(body);
  const conversationId = conversationIdOf(body, headers, [['conversation', conversationName(body)]]);
  const openResults: OpenResult[] | undefined = conversationId === undefined ? undefined : [];
  const request: MessagesRequest = {
    model: body.model,
    system: [body.instructions ?? '', ...conversation.system].filter((text) => text.trim() !== ''),
    messages: toMessages(conversation.entries, unanswered, openResults),
    tools: chosen.tools,
    toolChoice: chosen.toolChoice,
    parallelToolUse: body.parallel_tool_calls ?? true,
    stopSequences: [],
    ...(typeof body.max_output_tokens === 'number' ? { maxTokens: body.max_output_tokens } : {}),
    ...(thinking === undefined ? {} : { thinking }),
    ...(thinking?.level === undefined ? {} : { effort: thinking.level }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
  };
  requireImageLimit(request.messages, 'input');
  return {
    request,
    stream: body.stream ?? false,
    ignored: [
      ...ignoredFields(body),
      ...tools.ignored,
      ...conversation.ignored,
      ...checkAskedSchemas(request, { output: 'text.format.schema', tools: 'tools' }),
    ],
    ...(conversationId === undefined ? {} : { conversationId, openResults }),
    ...(body.truncation === 'auto' ? { truncate: true } : {}),
    reply: replyOf(body, tools, own, outputSchema !== undefined),
  };
}

function replyOf(body: Body, tools: ToolSet, own: readonly PlacedItem[], structured: boolean): ResponsesReply {
  const summary = body.reasoning?.summary ?? body.reasoning?.generate_summary ?? 'none';
  const echo = echoOf(body);
  return {
    model: body.model,
    structured,
    reasoningSummary: summary !== 'none',
    encryptedReasoning: (body.include ?? []).includes('reasoning.encrypted_content'),
    tools: tools.clientTools,
    echo,
    store: echo.store,
    ...(typeof body.previous_response_id === 'string' ? { previousResponseId: body.previous_response_id } : {}),
    inputItems: own.map(({ item }) => item).filter((item): item is InputItem => isObject(item)),
  };
}

/** The request's own items, references replaced by what they name; one that stands in the history already is left out. */
function ownItems(body: Body, stored: ReadonlyMap<string, unknown>, previous: readonly unknown[]): PlacedItem[] {
  const input = normaliseInput(body.input ?? []);
  if (input.length === 0 && previous.length === 0) {
    throw new OcpError('invalid_request', "'input' is required and must not be empty.", { param: 'input' });
  }
  const known = new Set(previous.flatMap((item) => idOf(item).map(([id]) => id)));
  return input.flatMap((item, index): PlacedItem[] => {
    const at = ['input', index];
    const id = referencedId(item);
    if (id === undefined) return [{ item, at }];
    if (known.has(id)) return [];
    if (!stored.has(id)) {
      const param = fieldName([...at, 'id']);
      throw new OcpError('invalid_request', `Item with id '${id.slice(0, 64)}' not found.`, { param });
    }
    return [{ item: stored.get(id), at }];
  });
}

function idOf(item: unknown): [string, unknown][] {
  return isObject(item) && typeof item['id'] === 'string' ? [[item['id'], item]] : [];
}

/** Contract: OpenAI's own words for it. */
function unanswered([callId = '']: readonly string[], param: string): OcpError {
  return new OcpError('invalid_request', `No tool output found for function call ${callId.slice(0, 64)}.`, { param });
}

/** The CLI cannot go on with an answer that the client began, and cannot answer nothing. */
function requireQuestion(entries: readonly TranscriptEntry[], own: readonly PlacedItem[]): void {
  const last = entries.findLast(({ content }) =>
    content.some((block) => block.type !== 'text' || block.text.trim() !== ''),
  );
  if (last === undefined) {
    throw new OcpError('invalid_request', "'input' is empty: the conversation holds nothing to answer.", {
      param: 'input',
    });
  }
  if (last.kind === 'assistant' && last.content.at(-1)?.type === 'text') {
    throw prefillError(fieldName(own.at(-1)?.at ?? ['input']));
  }
}

/** What `reasoning` asks; the wish for a summary alone is one to think, where the model can. */
function thinkingWish({ reasoning }: Body): ThinkingWish | undefined {
  const effort = reasoning?.effort ?? undefined;
  const summary = reasoning?.summary ?? reasoning?.generate_summary ?? 'none';
  const display = summary === 'none' ? 'omitted' : 'summarized';
  if (effort !== undefined) {
    return { level: effort === 'minimal' ? 'low' : effort, display, field: 'reasoning.effort' };
  }
  return summary === 'none' ? undefined : { display, field: 'reasoning.summary' };
}

function outputSchemaOf(body: Body): JsonObject | undefined {
  const format = parseAt(formatSchema.nullish(), body.text?.format, ['text', 'format']);
  if (format?.type === 'json_schema') return format.schema;
  return format?.type === 'json_object' ? { type: 'object' } : undefined;
}

/** `conversation` as a name or as an object with an id. Raises OcpError when it stands beside `previous_response_id`. */
function conversationName({ conversation, previous_response_id: previous }: Body): string | undefined {
  if (conversation === undefined || conversation === null) return undefined;
  if (typeof previous === 'string') {
    const message = "'conversation' and 'previous_response_id' cannot be used together.";
    throw new OcpError('invalid_request', message, { param: 'conversation' });
  }
  return typeof conversation === 'string' ? conversation : conversation.id;
}
