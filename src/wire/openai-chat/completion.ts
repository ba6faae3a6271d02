import type { ToolUseBlock } from '../anthropic/content.ts';
import type { AssembledMessage } from '../anthropic/message.ts';
import { inputText } from '../anthropic/message.ts';
import { callIdOf } from '../call-id.ts';
import type { ReplyContext } from '../surface.ts';
import { customInput } from './arguments.ts';
import { chatUsage, completionId, finishReason, refusalText } from './reply.ts';
import type { ChatReply, ChatUsage, FinishReason } from './reply.ts';

export type ChatToolCall =
  | { id: string; type: 'function'; function: { name: string; arguments: string } }
  | { id: string; type: 'custom'; custom: { name: string; input: string } };

export interface ChatAnswer {
  role: 'assistant';
  content: string | null;
  refusal: string | null;
  /** The model's thinking, under the name that OpenAI-compatible clients read it from. */
  reasoning_content?: string;
  tool_calls?: ChatToolCall[];
  function_call?: { name: string; arguments: string };
}

export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: { index: number; message: ChatAnswer; logprobs: null; finish_reason: FinishReason }[];
  usage: ChatUsage;
}

/** The body of a non-streaming answer. Contract: OpenAI API reference, "The chat completion object". */
export function toCompletion(message: AssembledMessage, reply: ChatReply, context: ReplyContext): ChatCompletion {
  const calls = message.content.filter((block) => block.type === 'tool_use');
  return {
    id: completionId(context),
    object: 'chat.completion',
    created: context.created,
    model: message.model === '' ? reply.model : message.model,
    choices: [
      {
        index: 0,
        message: answer(message, calls, reply),
        logprobs: null,
        finish_reason: finishReason(message.stopReason, calls.length > 0, reply),
      },
    ],
    usage: chatUsage(message.usage),
  };
}

function answer(message: AssembledMessage, calls: readonly ToolUseBlock[], reply: ChatReply): ChatAnswer {
  const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const reasoning = message.content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('');
  const refused = reply.structured && message.stopReason === 'refusal';
  const silent = text === '' && calls.length > 0;
  return {
    role: 'assistant',
    content: refused || silent ? null : text,
    refusal: refused ? refusalText(text) : null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...called(calls, reply),
  };
}

/** The older shape has room for one call, so the request allowed the model no more than one. */
function called(calls: readonly ToolUseBlock[], reply: ChatReply): Pick<ChatAnswer, 'tool_calls' | 'function_call'> {
  const [first] = calls;
  if (first === undefined) return {};
  if (reply.legacyFunctions) return { function_call: { name: first.name, arguments: inputText(first) } };
  return { tool_calls: calls.map((call) => toolCall(call, inputText(call), reply)) };
}

function toolCall(call: ToolUseBlock, json: string, reply: ChatReply): ChatToolCall {
  const id = callIdOf(call.id);
  return reply.customTools.has(call.name)
    ? { id, type: 'custom', custom: { name: call.name, input: customInput(json) } }
    : { id, type: 'function', function: { name: call.name, arguments: json } };
}
