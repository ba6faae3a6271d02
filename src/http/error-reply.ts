import type { FastifyReply, FastifyRequest } from 'fastify';
import { anthropicMessages } from '../wire/anthropic/surface.ts';
import { lasting, OcpError, toOcpError } from '../wire/errors.ts';
import { openAiChat } from '../wire/openai-chat/surface.ts';
import { bareId } from './request-id.ts';

/** The families of clients, each with a shape of errors of its own. */
const shapes = { openai: openAiChat, anthropic: anthropicMessages } as const;

export type ErrorShape = keyof typeof shapes;

/** Fastify's own refusals in terms of the catalogue. */
export function fromFastify(error: unknown): OcpError {
  if (error instanceof OcpError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new OcpError('unsupported_media_type', 'The request needs the header Content-Type: application/json.');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new OcpError('invalid_json', 'The body is empty or incomplete.');
    case 'FST_ERR_BAD_URL':
      return new OcpError('invalid_request', 'The path of the request cannot be decoded.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new OcpError('not_found', 'There is nothing under so long a name.');
    case 'ECONNRESET':
      return new OcpError('client_closed', 'The client hung up before its request was complete.');
    default:
      return toOcpError(error);
  }
}

/**
 * The shape in which a request's errors are written: that of its route, and where a route serves both families, or there
 * is none, that of the client, which Anthropic's clients show by `anthropic-version` or by their address.
 */
export function errorShapeOf(request: FastifyRequest): ErrorShape {
  const ofRoute = request.routeOptions.config?.errors;
  if (ofRoute !== undefined) return ofRoute;
  if (request.headers['anthropic-version'] !== undefined) return 'anthropic';
  return /\/messages(?![\w-])/u.test(request.url.split('?', 1)[0] ?? '') ? 'anthropic' : 'openai';
}

/** The body of an error for whoever sent the request. */
function errorBody(request: FastifyRequest, error: OcpError): unknown {
  return shapes[errorShapeOf(request)].errorBody(error, { replyId: bareId(request.id), created: 0 });
}

/** Sends an error in the shape of the route. Its ids and CORS headers are on the reply already. */
export function sendError(request: FastifyRequest, reply: FastifyReply, error: OcpError): FastifyReply {
  return reply.headers(retryHeaders(error)).code(error.status).send(errorBody(request, error));
}

/** Does the same for an answer that no longer belongs to Fastify; does nothing where the answer has begun. */
export function writeError(request: FastifyRequest, reply: FastifyReply, error: OcpError): void {
  const { raw } = reply;
  reply.hijack();
  if (raw.headersSent || raw.destroyed) return;
  const body = JSON.stringify(errorBody(request, error));
  raw.writeHead(error.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...retryHeaders(error),
  });
  raw.end(body);
}

/** When to try again, and whether at all: Anthropic's and OpenAI's clients both read `x-should-retry`. */
function retryHeaders({ code, retryAfterSeconds: seconds }: OcpError): Record<string, string> {
  return {
    ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    ...(lasting.has(code) ? { 'x-should-retry': 'false' } : {}),
  };
}
