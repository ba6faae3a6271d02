import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { listedModel, modelList } from '../claude/model-list.ts';
import type { ModelCatalogue } from '../claude/models.ts';
import { resolveModel } from '../claude/models.ts';
import type { Config } from '../config/config.ts';
import { parseCountTokens, tokenCount } from '../wire/anthropic/count-tokens.ts';
import { anthropicMessages } from '../wire/anthropic/surface.ts';
import type { ResponseStore } from '../store/responses.ts';
import { OcpError } from '../wire/errors.ts';
import { openAiChat } from '../wire/openai-chat/surface.ts';
import { callerOf } from './caller.ts';
import type { EntranceOptions } from './entrance.ts';
import { afterRefusal, enter } from './entrance.ts';
import { fromFastify, sendError } from './error-reply.ts';
import type { HealthSource } from './health.ts';
import { health } from './health.ts';
import { isLocal } from './identity.ts';
import type { Log } from './log.ts';
import { addResponsesRoutes } from './responses-routes.ts';
import type { TurnRouteOptions } from './turn-route.ts';
import { ownerOf, profileOf, serveTurn } from './turn-route.ts';

export interface ServerOptions extends EntranceOptions {
  readonly config: Config;
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
    genReqId: () => `req_${randomBytes(12).toString('hex')}`,
    // An address that cannot be decoded never reaches a hook or a handler.
    frameworkErrors: (error, request, reply) => void sendError(request, reply, fromFastify(error, request)),
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
  server.addHook('onRequest', async (request, reply) => enter(request, reply, options));
  server.setErrorHandler(async (error, request, reply) => {
    const shown = await afterRefusal(fromFastify(error, request), request, reply, options);
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
      profile: profileOf(callerOf(request)),
      isStreamed: false,
      signal: abort.signal,
    });
    return tokenCount(tokens);
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new OcpError('invalid_json', `The body is not valid JSON: ${(error as Error).message}`);
  }
}
