import type { ParsedRequest, RequestHeaders } from '../surface.ts';
import { conversationIdOf } from '../conversation-id.ts';
import { parseWith } from '../validate.ts';
import { readPrompt } from './prompt.ts';
import { messagesBody } from './schema.ts';

/** What a Messages answer depends on beside the message itself. */
export interface MessagesReply {
  /** The model as asked, for an answer that names none. */
  readonly model: string;
}

/** Reads the body of `POST /v1/messages`. Raises OcpError `invalid_request` or `unsupported_parameter` with the path. */
export function parseMessages(body: unknown, headers: RequestHeaders): ParsedRequest<MessagesReply> {
  const wire = parseWith(messagesBody, body);
  const { request, ignored } = readPrompt(wire);
  const conversationId = conversationIdOf(body, headers);
  return {
    request: { ...request, maxTokens: wire.max_tokens, stopSequences: wire.stop_sequences ?? [] },
    stream: wire.stream === true,
    ignored,
    ...(conversationId === undefined ? {} : { conversationId }),
    reply: { model: wire.model },
  };
}
