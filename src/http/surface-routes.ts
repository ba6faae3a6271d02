import type { FastifyInstance } from 'fastify';
import { listedModel, modelList, modelPage } from '../claude/model-list.ts';
import type { ModelCatalogue } from '../claude/models.ts';
import { resolveModel } from '../claude/models.ts';
import { isAllowed } from '../gateway/limits/allowed-models.ts';
import { tokenCount } from '../wire/anthropic/count-tokens.ts';
import { countTokensBody, messagesBody } from '../wire/anthropic/schema.ts';
import { anthropicMessages } from '../wire/anthropic/surface.ts';
import { OcpError } from '../wire/errors.ts';
import { chatBody } from '../wire/openai-chat/body.ts';
import { openAiChat } from '../wire/openai-chat/surface.ts';
import { limitedCaller } from './call-origin.ts';
import { callerOf } from './caller.ts';
import { receivedOf } from './body/body-parser.ts';
import type { HealthSource } from './health.ts';
import { health } from './health.ts';
import { doorOf } from './door.ts';
import { ownerOf, profileOf } from './owner.ts';
import { bareId } from './request-id.ts';
import type { TurnRouteOptions } from './turn-route.ts';
import { serveTurn } from './turn-route.ts';

export interface SurfaceRouteOptions {
  readonly models: () => ModelCatalogue;
  readonly turns: TurnRouteOptions;
  readonly health: HealthSource;
}

/** Health, the models, Chat Completions and Messages; Responses are in responses-routes.ts. */
export function addSurfaceRoutes(server: FastifyInstance, options: SurfaceRouteOptions): void {
  const access = 'callers';
  server.get(
    '/health',
    { config: { access: 'public', docs: { summary: 'Show what runs, what is wrong and what waits' } } },
    (request) => health(options.health, doorOf(request).isLocal),
  );
  server.get('/v1/models', { config: { access, docs: { summary: 'List the models' } } }, (request) => {
    const catalogue = options.models();
    const allowed = limitedCaller(callerOf(request), options.turns.findKey).limited?.models ?? null;
    const models = catalogue.models.filter(({ id }) => isAllowed(catalogue, id, allowed));
    return modelPage(modelList({ ...catalogue, models }), request.query);
  });
  server.get<{ Params: { id: string } }>(
    '/v1/models/:id',
    { config: { access, docs: { summary: 'Show one model, by id or alias' } } },
    (request) => {
      const { model } = resolveModel(options.models(), request.params.id);
      if (model === undefined)
        throw new OcpError('model_not_found', 'No model of this name is listed.', { param: 'model' });
      return listedModel(model);
    },
  );
  server.post(
    '/v1/chat/completions',
    {
      config: {
        access,
        errors: 'openai',
        takesConversation: true,
        docs: { summary: 'OpenAI Chat Completions', body: chatBody, streams: true },
      },
    },
    async (request, reply) => serveTurn(openAiChat, request, reply, callerOf(request), options.turns),
  );
  server.post(
    '/v1/messages',
    {
      config: {
        access,
        errors: 'anthropic',
        takesConversation: true,
        docs: { summary: 'Anthropic Messages', body: messagesBody, streams: true },
      },
    },
    async (request, reply) => serveTurn(anthropicMessages, request, reply, callerOf(request), options.turns),
  );
  server.post(
    '/v1/messages/count_tokens',
    {
      config: {
        access,
        errors: 'anthropic',
        takesConversation: true,
        docs: { summary: 'Count the tokens of a request for Messages', body: countTokensBody },
      },
    },
    async (request, reply) => {
      const abort = new AbortController();
      reply.raw.once('close', () => abort.abort());
      const owner = ownerOf(callerOf(request));
      const { request: packed } = await options.turns.translator.translate({
        endpoint: 'count-tokens',
        received: receivedOf(request),
        headers: request.headers,
        context: { replyId: bareId(request.id) },
        owner,
        signal: abort.signal,
      });
      const tokens = await options.turns.gateway.countTokens({
        request: packed,
        owner,
        ...limitedCaller(callerOf(request), options.turns.findKey),
        profile: profileOf(callerOf(request)),
        isStreamed: false,
        signal: abort.signal,
      });
      return tokenCount(tokens);
    },
  );
}
