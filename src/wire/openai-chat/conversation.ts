import type { ToolUseBlock } from '../anthropic/content.ts';
import type { Message } from '../anthropic/request.ts';
import { surroundings } from '../anthropic/surroundings.ts';
import { toMessages } from '../anthropic/transcript.ts';
import type { TranscriptEntry } from '../anthropic/transcript.ts';
import { OcpError, prefillError } from '../errors.ts';
import { listed } from '../name-list.ts';
import { JsonTexts } from '../json-text.ts';
import type { OpenResult } from '../open-result.ts';
import { toolInput } from './arguments.ts';
import type { AssistantMessage, ChatMessage, ToolCall } from './body.ts';
import { assistantTexts, mediaBlocks, systemText } from './parts.ts';

export interface Conversation {
  readonly system: readonly string[];
  readonly messages: readonly Message[];
}

/**
 * The conversation of a Chat Completions request: system and developer messages before it become the system
 * prompt, later ones stay where they are, tool messages become
 * the results of their calls. `field` is where the messages stand in the request (`messages`, or `input`).
 *
 * A system message at the very end speaks to the model now: where nothing of the user's stands before it (or an answer
 * of the assistant's), it is the user's message. `openResults` gets the tool messages whose calls the server may remember.
 * Raises OcpError `invalid_request` for a tool message without its call
 * and for a conversation that ends with the assistant: the CLI cannot continue an answer that the client began.
 */
export function toConversation(
  messages: readonly ChatMessage[],
  field: string,
  openResults?: OpenResult[],
): Conversation {
  const system: string[] = [];
  const entries: TranscriptEntry[] = [];
  const legacyCalls = new Map<string, string[]>();
  const texts = new JsonTexts();
  let lastAssistant = 0;
  for (const [index, message] of messages.entries()) {
    const path = `${field}[${index}]`;
    switch (message.role) {
      case 'system':
      case 'developer': {
        const text = systemText(message.content);
        if (text.trim() === '') break;
        const isQuestion = index === messages.length - 1 && (entries.at(-1)?.kind ?? 'assistant') === 'assistant';
        if (isQuestion) entries.push({ kind: 'user', content: [{ type: 'text', text }] });
        else if (entries.length === 0) system.push(text);
        else entries.push({ kind: 'user', content: [surroundings([text])] });
        break;
      }
      case 'user': {
        const content = mediaBlocks(message.content, `${path}.content`);
        if (!content.every(isBlank)) entries.push({ kind: 'user', content });
        break;
      }
      case 'assistant': {
        const content = [...assistantTexts(message), ...calls(message, path, legacyCalls, texts)];
        if (content.every(isBlank)) break;
        const callsAt = `${path}.tool_calls`;
        entries.push({ kind: 'assistant', content, ...(message.function_call ? {} : { callsAt }) });
        lastAssistant = index;
        break;
      }
      case 'tool':
        entries.push({
          kind: 'result',
          callId: message.tool_call_id,
          content: mediaBlocks(message.content, `${path}.content`),
          path: `${path}.tool_call_id`,
        });
        break;
      case 'function':
        entries.push({
          kind: 'result',
          callId: legacyCalls.get(message.name)?.pop() ?? message.name,
          content: mediaBlocks(message.content, `${path}.content`),
          path: `${path}.name`,
        });
        break;
    }
  }
  requireQuestion(entries, field, messages.length - 1, lastAssistant);
  return { system, messages: toMessages(entries, unanswered, openResults) };
}

/** Calls of the older `function_call` may stay open, as they may at OpenAI. */
function unanswered(callIds: readonly string[], param: string): OcpError {
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${listed(callIds)}`;
  return new OcpError('invalid_request', message, { param });
}

function requireQuestion(
  entries: readonly TranscriptEntry[],
  field: string,
  last: number,
  lastAssistant: number,
): void {
  const end = entries.at(-1);
  if (end === undefined) {
    const param = `${field}[${last}].content`;
    throw new OcpError('invalid_request', `'${param}' is empty: the conversation holds nothing to answer.`, { param });
  }
  if (end.kind !== 'assistant') return;
  throw prefillError(`${field}[${lastAssistant}].role`);
}

function calls(
  message: AssistantMessage,
  path: string,
  legacyCalls: Map<string, string[]>,
  texts: JsonTexts,
): ToolUseBlock[] {
  const blocks = (message.tool_calls ?? []).map((call, index) => toolUse(call, `${path}.tool_calls[${index}]`, texts));
  const legacy = message.function_call;
  if (legacy === null || legacy === undefined) return blocks;
  const id = `function_call_${path.replaceAll(/\D/g, '')}`;
  const open = legacyCalls.get(legacy.name) ?? [];
  open.push(id);
  legacyCalls.set(legacy.name, open);
  return [...blocks, { type: 'tool_use', id, name: legacy.name, input: toolInput(legacy.arguments, texts) }];
}

function toolUse(call: ToolCall, path: string, texts: JsonTexts): ToolUseBlock {
  if (call.type === 'custom') {
    const { custom } = call;
    if (custom === null || custom === undefined) throw required(`${path}.custom`);
    return { type: 'tool_use', id: call.id, name: custom.name, input: { input: custom.input } };
  }
  if (call.function === null || call.function === undefined) throw required(`${path}.function`);
  return { type: 'tool_use', id: call.id, name: call.function.name, input: toolInput(call.function.arguments, texts) };
}

function required(param: string): OcpError {
  return new OcpError('invalid_request', `'${param}' is required and must be an object.`, { param });
}

function isBlank(block: { readonly type: string; readonly text?: string }): boolean {
  return block.type === 'text' && (block.text ?? '').trim() === '';
}
