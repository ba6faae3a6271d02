import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import { listedModel, modelList } from '../claude/model-list.ts';
import type { ModelCatalogue } from '../claude/models.ts';
import { resolveModel } from '../claude/models.ts';
import type { Config } from '../config/config.ts';
import { parseCountTokens, tokenCount } from '../wire/anthropic/count-tokens.ts';
import { anthropicMessages } from '../wire/anthropic/surface.ts';
import type { ResponseStore } from '../store/responses.ts';
import { anthropicError, OcpError, openAiError, toOcpError } from '../wire/errors.ts';
import { openAiChat } from '../wire/openai-chat/surface.ts';
import { callerOf } from './caller.ts';
import type { AllowedHosts } from './gate.ts';
import { checkContentType, checkHost, checkOrigin, checkTarget, corsHeaders } from './gate.ts';
import type { HealthSource } from './health.ts';
import { health } from './health.ts';
import type { Caller, IdentityRules } from './identity.ts';
import { identify, isLocal } from './identity.ts';
import type { Log } from './log.ts';
import { addResponsesRoutes } from './responses-routes.ts';
import type { TurnRouteOptions } from './turn-route.ts';
import { ownerOf, serveTurn } from './turn-route.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call: everybody, or everybody whom the auth mode lets in. It hangs on the route, never on its address. */
    readonly access: 'public' | 'callers';
    /** Takes no body and changes nothing: a POST without a content type, as clients send it here, is let through. */
    readonly isEmptyPost?: true;
  }
  interface FastifyRequest {
    caller: Caller | undefined;
  }
}

export interface ServerOptions {
  readonly config: Config;
  readonly hosts: AllowedHosts;
  readonly identity: IdentityRules;
  readonly models: () => ModelCatalogue;
  readonly turns: TurnRouteOptions;
  readonly responses: ResponseStore;
  readonly health: HealthSource;
  readonly log: Log;
}

/** The HTTP server with its routes. What reaches a route has passed the Host and Origin gate and has a known caller. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { config, log } = options;
  const server = fastify({
    bodyLimit: config.maxBodySize,
    routerOptions: { ignoreTrailingSlash: false },
    // A request has to arrive within this time; how long its answer takes is the turn's own limit.
    requestTimeout: 60_000,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    // An address that cannot be decoded never reaches a hook or a handler.
    frameworkErrors: (error, request, reply) => void sendError(request, reply, fromFastify(error)),
  });
  server.decorateRequest('caller');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(error as OcpError);
    }
  });
  server.addHook('onRequest', async (request, reply) => gate(request, reply, options));
  server.setErrorHandler((error, request, reply) => {
    const shown = fromFastify(error);
    if (shown.code === 'internal_error') log.error({ err: error, path: request.routeOptions.url }, 'request_failed');
    return sendError(request, reply, shown);
  });
  addRoutes(server, options);
  addResponsesRoutes(server, options);
  return server;
}

function addRoutes(server: FastifyInstance, options: ServerOptions): void {
  const open = { config: { access: 'public' } } as const;
  const callers = { config: { access: 'callers' } } as const;
  server.get('/health', open, (request) =>
    health(options.health, isLocal({ headers: request.headers, remoteAddress: request.socket.remoteAddress })),
  );
  server.get('/v1/models', callers, () => modelList(options.models()));
  server.get<{ Params: { id: string } }>('/v1/models/:id', callers, (request) => {
    const { model } = resolveModel(options.models(), request.params.id);
    if (model === undefined)
      throw new OcpError('model_not_found', 'No model of this name is listed.', { param: 'model' });
    return listedModel(model);
  });
  server.post('/v1/chat/completions', callers, async (request, reply) =>
    serveTurn(openAiChat, request, reply, callerOf(request), options.turns),
  );
  server.post('/v1/messages', callers, async (request, reply) =>
    serveTurn(anthropicMessages, request, reply, callerOf(request), options.turns),
  );
  server.post('/v1/messages/count_tokens', callers, async (request, reply) => {
    const abort = new AbortController();
    reply.raw.once('close', () => abort.abort());
    const tokens = await options.turns.gateway.countTokens({
      request: parseCountTokens(request.body).request,
      surface: anthropicMessages.name,
      owner: ownerOf(callerOf(request)),
      isStreamed: false,
      signal: abort.signal,
    });
    return tokenCount(tokens);
  });
}

async function gate(
  request: FastifyRequest,
  reply: FastifyReply,
  options: ServerOptions,
): Promise<FastifyReply | undefined> {
  const { config, hosts, identity } = options;
  checkTarget(request.raw.url);
  checkHost(request.headers.host, hosts);
  checkOrigin(request.headers, config.corsOrigins);
  void reply.headers(corsHeaders(request.headers.origin, config.corsOrigins));
  // A browser asks first whether a page of a listed origin may call; the headers above are the answer.
  if (request.method === 'OPTIONS') return reply.code(204).send();
  // Here, so that nobody's body is read for nothing.
  if (request.is404) {
    throw new OcpError('not_found', 'There is no such endpoint. See the table of endpoints in the README.');
  }
  if (request.routeOptions.config.isEmptyPost !== true) checkContentType(request.method, request.headers);
  if (request.routeOptions.config.access === 'public') return undefined;
  request.caller = identify({ headers: request.headers, remoteAddress: request.socket.remoteAddress }, identity);
  return undefined;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new OcpError('invalid_json', `The body is not valid JSON: ${(error as Error).message}`);
  }
}

/** Fastify's own refusals in terms of the catalogue. */
function fromFastify(error: unknown): OcpError {
  if (error instanceof OcpError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new OcpError('body_too_large', 'The body is larger than CLAUDE_MAX_BODY_SIZE allows.');
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

function sendError(request: FastifyRequest, reply: FastifyReply, error: OcpError): FastifyReply {
  const isAnthropic = request.url.startsWith('/v1/messages');
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', String(error.retryAfterSeconds));
  return reply.code(error.status).send(isAnthropic ? anthropicError(error) : openAiError(error));
}
