import { anthropicError } from '../errors.ts';
import type { ReplyContext, Surface } from '../surface.ts';
import { createEncoder } from './encoder.ts';
import type { MessagesReply } from './parse.ts';
import { parseMessages } from './parse.ts';
import { messageReply } from './reply.ts';
import { hidingThinking, withoutThinking } from './thinking-hider.ts';

/** `POST /v1/messages`. Contract: Anthropic API reference, Messages. */
export const anthropicMessages: Surface<MessagesReply> = {
  name: 'anthropic-messages',
  parse: parseMessages,
  complete: (message, reply, context) => {
    const shown = reply.showsThinking === true ? message : withoutThinking(message);
    return messageReply(shown, { id: `msg_${context.replyId}`, model: reply.model });
  },
  encoder: (reply, context) => {
    const encoder = createEncoder(requestIdOf(context));
    return reply.showsThinking === true ? encoder : hidingThinking(encoder);
  },
  errorBody: (error, context) => anthropicError(error, requestIdOf(context)),
};

/** The id that the answer carries in its `request-id` header and in the body of an error. */
export function requestIdOf(context: ReplyContext): string {
  return `req_${context.replyId}`;
}
