import type { FastifyInstance, FastifyReply } from 'fastify';
import { OcpError } from '../wire/errors.ts';
import { isObject } from '../wire/json.ts';
import { bodySchema } from '../wire/openai-responses/schema.ts';
import { openAiResponses } from '../wire/openai-responses/surface.ts';
import { limitedCaller } from './call-origin.ts';
import { receivedOf } from './body/body-parser.ts';
import { callerOf } from './caller.ts';
import type { Log } from './log.ts';
import { ownerOf, profileOf } from './owner.ts';
import type { KeptResponses } from './kept-responses/kept-responses.ts';
import { storedResponse } from './kept-responses/shown.ts';
import { bareId } from './request-id.ts';
import type { TurnRouteOptions } from './turn-route.ts';
import { serveTurn } from './turn-route.ts';

export interface ResponsesRouteOptions {
  readonly turns: TurnRouteOptions;
  readonly responses: KeptResponses;
  readonly log: Log;
}

interface ById {
  readonly Params: { readonly id: string };
}

/** The endpoints of OpenAI Responses. Contract: OpenAI API reference, Responses. */
export function addResponsesRoutes(server: FastifyInstance, options: ResponsesRouteOptions): void {
  const { turns, responses, log } = options;
  const shared = { access: 'callers', errors: 'openai' } as const;
  server.post(
    '/v1/responses',
    {
      config: {
        ...shared,
        takesConversation: true,
        docs: { summary: 'OpenAI Responses', body: bodySchema, streams: true },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const owner = ownerOf(caller);
      await serveTurn(openAiResponses, request, reply, caller, turns, {
        findKept: async (needed) => await responses.kept(owner, needed),
        onComplete: (message, { reply: asked, input }, context) => {
          if (input === undefined) return;
          responses.save(owner, storedResponse(message, asked, input, context), (error) =>
            // The answer itself is good; only going on from it by its id will not be possible.
            log.error({ err: error }, 'response_not_stored'),
          );
        },
      });
    },
  );
  server.post(
    '/v1/responses/input_tokens',
    {
      config: {
        ...shared,
        takesConversation: true,
        docs: { summary: 'Count the tokens of a request for Responses', body: bodySchema },
      },
    },
    async (request, reply) => {
      const abort = new AbortController();
      reply.raw.once('close', () => abort.abort());
      const owner = ownerOf(callerOf(request));
      const translated = await turns.translator.translate({
        endpoint: 'openai-responses',
        received: receivedOf(request),
        headers: request.headers,
        context: { replyId: bareId(request.id) },
        owner,
        findKept: async (needed) => await responses.kept(owner, needed),
        signal: abort.signal,
      });
      const tokens = await turns.gateway.countTokens({
        request: translated.request,
        owner,
        ...limitedCaller(callerOf(request), turns.findKey),
        profile: profileOf(callerOf(request)),
        isStreamed: false,
        signal: abort.signal,
      });
      return { object: 'response.input_tokens', input_tokens: tokens };
    },
  );
  // Codex asks for a WebSocket first, and goes on over HTTP when it is told at once that there is none.
  server.get(
    '/v1/responses',
    { config: { ...shared, docs: { summary: 'Refuse what there is not: a list, and a WebSocket' } } },
    (request, reply) => {
      if (request.headers.upgrade?.toLowerCase() === 'websocket') {
        throw new OcpError('websocket_unsupported', 'OCP serves responses over HTTP: POST /v1/responses.');
      }
      void reply.header('allow', 'POST');
      throw new OcpError('method_not_allowed', 'Responses are made with POST, and read by their id.');
    },
  );
  server.get<ById>(
    '/v1/responses/:id',
    { config: { ...shared, docs: { summary: 'Read a kept response' } } },
    async (request, reply) => {
      const { id } = request.params;
      const owner = ownerOf(callerOf(request));
      if (!(await responses.has(owner, id))) throw notFound(id);
      refuseStream(request.query);
      return shown(reply, id, await responses.response(owner, id, asksForReasoning(request.query)));
    },
  );
  server.get<ById>(
    '/v1/responses/:id/input_items',
    { config: { ...shared, docs: { summary: 'List the input of a kept response' } } },
    async (request, reply) => {
      const { params, query } = request;
      const { id } = params;
      const owner = ownerOf(callerOf(request));
      return shown(reply, id, await responses.inputItems(owner, id, asksForReasoning(query), query));
    },
  );
  server.delete<ById>(
    '/v1/responses/:id',
    { config: { ...shared, docs: { summary: 'Delete a kept response' } } },
    async (request) => {
      const { id } = request.params;
      if (!(await responses.delete(ownerOf(callerOf(request)), id))) throw notFound(id);
      return { id, object: 'response', deleted: true };
    },
  );
  const empty = {
    config: { ...shared, isEmptyPost: true, docs: { summary: 'Cancel a response; none can be' } },
  } as const;
  server.post<ById>('/v1/responses/:id/cancel', empty, async (request) => {
    const { id } = request.params;
    if (!(await responses.has(ownerOf(callerOf(request)), id))) throw notFound(id);
    throw new OcpError('invalid_request', 'Only background responses can be cancelled, and OCP makes none.');
  });
}

/** What may be JSON already goes out as it is. */
function shown(reply: FastifyReply, id: string, found: object | undefined): object {
  if (found === undefined) throw notFound(id);
  if (found instanceof Uint8Array) void reply.type('application/json; charset=utf-8');
  return found;
}

function notFound(id: string): OcpError {
  return new OcpError('not_found', `Response with id '${id.slice(0, 64)}' not found.`);
}

function refuseStream(query: unknown): void {
  if (!isObject(query) || query['stream'] !== 'true') return;
  throw new OcpError('unsupported_parameter', 'Only background responses can be streamed anew, and OCP makes none.', {
    param: 'stream',
  });
}

/** Clients write a list as `include=a&include=b` or as `include[]=a`. */
function asksForReasoning(query: unknown): boolean {
  if (!isObject(query)) return false;
  return [query['include'], query['include[]']].flat().includes('reasoning.encrypted_content');
}
