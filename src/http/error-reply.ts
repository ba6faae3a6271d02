import type { FastifyReply, FastifyRequest } from 'fastify';
import { anthropicError, OcpError, openAiError, toOcpError } from '../wire/errors.ts';

/** Fastify's own refusals in terms of the catalogue. */
export function fromFastify(error: unknown, request: FastifyRequest): OcpError {
  if (error instanceof OcpError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new OcpError('body_too_large', `The body is larger than ${request.routeOptions.bodyLimit} bytes.`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new OcpError('unsupported_media_type', 'The request needs the header Content-Type: application/json.');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new OcpError('invalid_json', 'The body is empty or incomplete.');
    case 'FST_ERR_BAD_URL':
      return new OcpError('invalid_request', 'The path of the request cannot be decoded.');
    case 'ECONNRESET':
      return new OcpError('client_closed', 'The client hung up before its request was complete.');
    default:
      return toOcpError(error);
  }
}

/** Sends an error in the shape of the surface that was called. */
export function sendError(request: FastifyRequest, reply: FastifyReply, error: OcpError): FastifyReply {
  const isAnthropic = request.url.startsWith('/v1/messages');
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', String(error.retryAfterSeconds));
  return reply.code(error.status).send(isAnthropic ? anthropicError(error) : openAiError(error));
}
