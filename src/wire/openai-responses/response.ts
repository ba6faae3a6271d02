import type { Usage } from '../anthropic/events.ts';
import type { AssembledMessage } from '../anthropic/message.ts';
import type { OcpError } from '../errors.ts';
import type { ReplyContext } from '../surface.ts';
import { outcomeOf, outputItems } from './output.ts';
import type { ResponsesReply } from './reply.ts';
import type {
  OutputItem,
  RequestEcho,
  ResponseIdentity,
  ResponseProgress,
  ResponseStatus,
  ResponseUsage,
} from './types.ts';

/** The members of a Response that are the same in all its states. */
export function responseFrame(reply: ResponsesReply, context: ReplyContext): ResponseIdentity & Partial<RequestEcho> {
  return {
    id: `resp_${context.replyId}`,
    object: 'response',
    created_at: context.created,
    background: false,
    access_programs: null,
    ...reply.echo,
  };
}

/** The whole answer as a Response object: a value, or its JSON where it repeats much of the request. */
export function wholeResponse(
  message: AssembledMessage,
  reply: ResponsesReply,
  context: ReplyContext,
): CompleteResponse | Uint8Array {
  const response = completeResponse(message, reply, context);
  if (reply.heavyEcho === undefined) return response;
  return Buffer.concat([Buffer.from(`${JSON.stringify(response).slice(0, -1)},`), reply.heavyEcho, Buffer.from('}')]);
}

/** A Response object without the members of `heavyEcho`. */
export type CompleteResponse = ResponseIdentity & Partial<RequestEcho> & ResponseProgress;

/** The whole answer as a Response object, apart from the members of `heavyEcho`. */
export function completeResponse(
  message: AssembledMessage,
  reply: ResponsesReply,
  context: ReplyContext,
): CompleteResponse {
  const { status, details } = outcomeOf(message.stopReason, reply);
  const progress: ResponseProgress = {
    model: message.model,
    status,
    completed_at: completedAt(status, context),
    error: null,
    incomplete_details: details,
    output: outputItems(message, reply, context),
    usage: responseUsage(message.usage),
  };
  return { ...responseFrame(reply, context), ...progress };
}

/** When the response was completed. */
export function completedAt(status: ResponseStatus, { created, now }: ReplyContext): number | null {
  return status === 'completed' ? (now?.() ?? created) : null;
}

/**
 * The output as the gateway stores it: reasoning always with its `encrypted_content`, asked for or not, so that a
 * request that builds on the response replays the thinking unchanged.
 */
export function storedOutput(message: AssembledMessage, reply: ResponsesReply, context: ReplyContext): OutputItem[] {
  return outputItems(message, { ...reply, encryptedReasoning: true }, context);
}

export function responseUsage(usage: Usage): ResponseUsage {
  const cached = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  const input = usage.input_tokens + cached + written;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens: usage.output_tokens_details?.thinking_tokens ?? 0 },
    total_tokens: input + usage.output_tokens,
  };
}

/**
 * The error of a failed Response. Its codes are fewer than ours: clients know `rate_limit_exceeded` and `server_error`
 * as worth another try, and `context_length_exceeded` as the moment to shorten the conversation.
 */
export function responseError(error: OcpError): { code: string; message: string } {
  if (error.status >= 500) return { code: 'server_error', message: error.message };
  const code = error.status === 429 && error.code !== 'quota_exceeded' ? 'rate_limit_exceeded' : error.code;
  return { code, message: error.message };
}
