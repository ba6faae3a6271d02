import { openAiError } from '../errors.ts';
import type { Surface } from '../surface.ts';
import { toCompletion } from './completion.ts';
import type { ChatReply } from './reply.ts';
import { parseChatRequest } from './request.ts';
import { ChatStreamEncoder } from './stream.ts';

/** OpenAI Chat Completions: `POST /v1/chat/completions`. */
export const openAiChat: Surface<ChatReply> = {
  name: 'openai-chat',
  parse: parseChatRequest,
  complete: toCompletion,
  encoder: (reply, context) => new ChatStreamEncoder(reply, context),
  errorBody: openAiError,
};
