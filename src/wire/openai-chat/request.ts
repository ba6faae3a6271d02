import { checkAskedSchemas } from '../anthropic/asked-schemas.ts';
import type { MessagesRequest } from '../anthropic/request.ts';
import { conversationIdOf } from '../conversation-id.ts';
import { requireImageLimit } from '../media.ts';
import type { OpenResult } from '../open-result.ts';
import type { ParsedRequest, RequestHeaders } from '../surface.ts';
import { parseWith } from '../validate.ts';
import { chatBody } from './body.ts';
import { toConversation } from './conversation.ts';
import { messagesOf } from './input.ts';
import {
  fieldsWithoutEffect,
  historyWithoutEffect,
  maxTokensOf,
  outputSchemaOf,
  refuseUnsupported,
  stopSequencesOf,
} from './parameters.ts';
import type { ChatReply } from './reply.ts';
import { thinkingWish } from './thinking.ts';
import { readTools } from './tools.ts';

/**
 * A Chat Completions request in the language inside. `model` is the empty string where the client named none.
 * Contract: OpenAI API reference, "Create chat completion". Raises OcpError `invalid_request`, `unsupported_parameter`
 * or one of the codes of media.ts, with the path of the field.
 */
export function parseChatRequest(body: unknown, headers: RequestHeaders): ParsedRequest<ChatReply> {
  const chat = parseWith(chatBody, body);
  refuseUnsupported(chat);
  const { field, list } = messagesOf(chat);
  const conversationId = conversationIdOf(chat, headers);
  const openResults: OpenResult[] | undefined = conversationId === undefined ? undefined : [];
  const conversation = toConversation(list, field, openResults);
  requireImageLimit(conversation.messages, field);
  const toolSet = readTools(chat);
  const maxTokens = maxTokensOf(chat);
  const thinking = thinkingWish(chat);
  const outputSchema = outputSchemaOf(chat);
  const model = chat.model ?? '';
  const request: MessagesRequest = {
    model,
    system: instructionsOf(chat.instructions).concat(conversation.system),
    messages: conversation.messages,
    tools: toolSet.tools,
    toolChoice: toolSet.choice,
    parallelToolUse: toolSet.parallel,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stopSequences: stopSequencesOf(chat),
    ...(thinking === undefined ? {} : { thinking }),
    ...(thinking?.level === undefined ? {} : { effort: thinking.level }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
  };
  const output = 'response_format.json_schema.schema';
  const tools = toolSet.legacy ? 'functions' : 'tools';
  return {
    request,
    stream: chat.stream === true,
    ignored: [
      ...fieldsWithoutEffect(chat),
      ...toolSet.ignored,
      ...checkAskedSchemas(request, { output, tools }),
      ...historyWithoutEffect(list),
    ],
    ...(conversationId === undefined ? {} : { conversationId, openResults }),
    reply: {
      model,
      includeUsage: chat.stream_options?.include_usage === true,
      legacyFunctions: toolSet.legacy,
      customTools: toolSet.custom,
      structured: outputSchema !== undefined,
    },
  };
}

function instructionsOf(instructions: string | null | undefined): readonly string[] {
  return instructions === null || instructions === undefined || instructions.trim() === '' ? [] : [instructions];
}
