import type { ParsedRequest, RequestHeaders } from '../surface.ts';
import { conversationIdOf } from '../conversation-id.ts';
import type { OpenResult } from '../open-result.ts';
import { parseWith } from '../validate.ts';
import { readPrompt } from './prompt.ts';
import { messagesBody } from './schema.ts';

/** What a Messages answer depends on beside the message itself. */
export interface MessagesReply {
  /** The model as asked, for an answer that names none. */
  readonly model: string;
  /**
   * Thinking or effort was asked for. Without, thinking is left out of the answer: programs that ask for nothing read
   * `content[0].text`.
   */
  readonly showsThinking?: boolean;
}

/** Reads the body of `POST /v1/messages`. Raises OcpError `invalid_request` or `unsupported_parameter` with the path. */
export function parseMessages(body: unknown, headers: RequestHeaders): ParsedRequest<MessagesReply> {
  const wire = parseWith(messagesBody, body);
  const conversationId = conversationIdOf(body, headers);
  const openResults: OpenResult[] | undefined = conversationId === undefined ? undefined : [];
  const { request, ignored } = readPrompt(wire, openResults);
  return {
    request: { ...request, maxTokens: wire.max_tokens, stopSequences: wire.stop_sequences ?? [] },
    stream: wire.stream === true,
    ignored,
    ...(conversationId === undefined ? {} : { conversationId, openResults }),
    reply: {
      model: wire.model,
      ...(request.thinking === undefined && request.effort === undefined ? {} : { showsThinking: true }),
    },
  };
}
