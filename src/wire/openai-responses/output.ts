import type { AssistantBlock, RedactedThinkingBlock, ThinkingBlock, ToolUseBlock } from '../anthropic/content.ts';
import type { StopReason } from '../anthropic/events.ts';
import type { AssembledMessage } from '../anthropic/message.ts';
import { inputText } from '../anthropic/message.ts';
import { callIdOf } from '../call-id.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { ReplyContext } from '../surface.ts';
import { encryptReasoning } from './encrypted-reasoning.ts';
import { FreeformInputDecoder } from './freeform-input.ts';
import type { ResponsesReply } from './reply.ts';
import type {
  CustomToolCallItem,
  FunctionCallItem,
  ItemStatus,
  MessageItem,
  OutputItem,
  OutputRefusal,
  OutputText,
  ReasoningItem,
  ResponseProgress,
} from './types.ts';

/** How a response ended. */
export interface Outcome {
  readonly status: 'completed' | 'incomplete';
  readonly details: ResponseProgress['incomplete_details'];
  /** The model declined, and the answer says so in a `refusal` part. */
  readonly refused: boolean;
}

/** A refusal is content where JSON was asked for, so that a client does not read half of an object. */
export function outcomeOf(stopReason: StopReason | null, reply: ResponsesReply): Outcome {
  switch (stopReason) {
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return { status: 'incomplete', details: { reason: 'max_output_tokens' }, refused: false };
    case 'refusal':
      if (reply.structured) return { status: 'completed', details: null, refused: true };
      return { status: 'incomplete', details: { reason: 'content_filter' }, refused: false };
    default:
      return { status: 'completed', details: null, refused: false };
  }
}

/** The items of a whole answer: one a content block, and one for a refusal that follows no text. */
export function outputItems(message: AssembledMessage, reply: ResponsesReply, context: ReplyContext): OutputItem[] {
  const outcome = outcomeOf(message.stopReason, reply);
  const last = message.content.length - 1;
  const items = message.content.map((block, index): OutputItem => {
    const ended = index === last ? outcome : undefined;
    if (block.type === 'text' && ended?.refused === true) {
      return messageItem(itemId('msg', context, index), 'completed', [refusalPart(block.text)]);
    }
    return itemOf(block, index, ended?.status ?? 'completed', reply, context);
  });
  if (outcome.refused && message.content.at(-1)?.type !== 'text') {
    items.push(messageItem(itemId('msg', context, items.length), 'completed', [refusalPart('')]));
  }
  return items;
}

function itemOf(
  block: AssistantBlock,
  index: number,
  status: ItemStatus,
  reply: ResponsesReply,
  context: ReplyContext,
): OutputItem {
  switch (block.type) {
    case 'text':
      return messageItem(itemId('msg', context, index), status, [textPart(block.text)]);
    case 'thinking':
    case 'redacted_thinking':
      return reasoningItem(itemId('rs', context, index), block, reply);
    case 'tool_use': {
      const call = callOf(block, index, reply, context);
      return call.type === 'custom_tool_call'
        ? { ...call, status, input: freeformText(inputText(block)) }
        : { ...call, status, arguments: inputText(block) };
    }
  }
}

/** An id that no other item of this or another response has. */
export function itemId(prefix: 'msg' | 'rs' | 'fc' | 'ctc', context: ReplyContext, index: number): string {
  return `${prefix}_${context.replyId}${index}`;
}

export function messageItem(id: string, status: ItemStatus, content: MessageItem['content']): MessageItem {
  return { id, type: 'message', status, role: 'assistant', content };
}

export function textPart(text: string): OutputText {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** What the model said in place of its JSON; a piece of that JSON, or nothing, is no explanation. */
export function refusalPart(said: string): OutputRefusal {
  const isExplanation = said.trim() !== '' && !/^\s*[[{]/.test(said);
  return { type: 'refusal', refusal: isExplanation ? said : 'The model declined to answer.' };
}

export function reasoningItem(
  id: string,
  block: ThinkingBlock | RedactedThinkingBlock,
  reply: ResponsesReply,
): ReasoningItem {
  const shown = reply.reasoningSummary && block.type === 'thinking' && block.thinking !== '';
  return {
    id,
    type: 'reasoning',
    summary: shown ? [{ type: 'summary_text', text: block.thinking }] : [],
    ...(reply.encryptedReasoning ? { encrypted_content: encryptReasoning(block) } : {}),
  };
}

/** A call as it starts, under the name by which the client knows the tool. */
export function callOf(
  block: Pick<ToolUseBlock, 'id' | 'name'>,
  index: number,
  reply: ResponsesReply,
  context: ReplyContext,
): FunctionCallItem | CustomToolCallItem {
  const tool = reply.tools.get(block.name) ?? { kind: 'function', name: block.name };
  const status = 'in_progress';
  const names = { name: tool.name, ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }) };
  const call_id = callIdOf(block.id);
  return tool.kind === 'custom'
    ? { id: itemId('ctc', context, index), type: 'custom_tool_call', status, call_id, ...names, input: '' }
    : { id: itemId('fc', context, index), type: 'function_call', status, call_id, ...names, arguments: '' };
}

/** The text of a freeform tool's call. */
export function freeformInput(input: JsonObject): string {
  if (typeof input['input'] === 'string') return input['input'];
  return Object.keys(input).length === 0 ? '' : JSON.stringify(input);
}

/** The same from the arguments as the model wrote them; what was cut off in the middle is given as far as it came. */
function freeformText(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    if (isObject(value)) return freeformInput(value as JsonObject);
  } catch {
    // It is decoded as far as it goes.
  }
  return new FreeformInputDecoder().push(json);
}
