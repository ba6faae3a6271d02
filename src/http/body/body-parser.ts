import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../../config/config.ts';
import { OcpError } from '../../wire/errors.ts';
import { keyOwner } from '../owner.ts';
import { BodyBudget } from './body-budget.ts';
import { conversationLimits, smallLimits } from './body-limits.ts';
import { answerBeforeTheEnd, askForBody, hasBody } from './drain.ts';
import { parseJson } from './parse-json.ts';
import type { ReceivedBody } from './receive-body.ts';
import { receiveBody } from './receive-body.ts';
import type { PaceRules } from './upload-pace.ts';
import { usualPace } from './upload-pace.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Takes a conversation: its body may be long, and reaches the handler counted but not parsed. */
    readonly takesConversation?: true;
  }
  interface FastifyRequest {
    received: ReceivedBody | undefined;
  }
}

export interface BodyOptions {
  readonly config: Config;
  /** Instead of the usual one; for tests. */
  readonly uploadPace?: PaceRules | undefined;
}

const BYTES_PER_MIB = 1_048_576;

/** Reads all bodies: those of routes that take a conversation are counted and not parsed, all others are small JSON. */
export function addBodyParser(server: FastifyInstance, { config, uploadPace = usualPace }: BodyOptions): void {
  const budget = new BodyBudget(config.bodiesMaxMb * BYTES_PER_MIB);
  const limits = conversationLimits(config);
  server.decorateRequest('received');
  // A client that asks whether it may send its body is answered by what reads it, or by a refusal.
  server.server.on('checkContinue', (request, response) => void server.server.emit('request', request, response));
  server.addHook('preParsing', async (request, reply, payload) => {
    if (!hasBody(request) || request.method === 'GET' || request.method === 'HEAD') return payload;
    const isConversation = request.routeOptions.config.takesConversation === true;
    const share = budget.open(ownerOfBody(request));
    reply.raw.once('close', () => share.release());
    request.received = await receiveBody(request.raw, {
      limits: isConversation ? limits : smallLimits(config, request.routeOptions.bodyLimit),
      share,
      pace: uploadPace,
      onBegin: () => askForBody(request, reply),
    });
    return payload;
  });
  server.addHook('onSend', async (request, reply, payload) =>
    answerBeforeTheEnd(request, reply, payload, 2 * limits.bytes),
  );
  server.removeAllContentTypeParsers();
  // Which types may come in is for the entrance to say; all of them are read as JSON.
  server.addContentTypeParser('*', (request: FastifyRequest, _payload, done) => {
    try {
      const { received } = request;
      const isConversation = request.routeOptions.config.takesConversation === true;
      done(null, isConversation || received === undefined ? undefined : parseJson(received.bytes));
    } catch (error) {
      done(error as OcpError);
    }
  });
}

/** Whose body it is: a key's, or else that of the place where it comes from. */
function ownerOfBody({ caller, door }: FastifyRequest): string {
  const key = caller?.key ?? null;
  return key === null ? `place ${door?.place ?? ''}` : keyOwner(key.id);
}

/** The parsed body of a request that needs one, which may be null. Raises OcpError `invalid_json` where none was sent. */
export function jsonBodyOf(request: FastifyRequest): unknown {
  receivedOf(request);
  return request.body;
}

/** The body of a request that needs one. Raises OcpError `invalid_json`. */
export function receivedOf({ received }: FastifyRequest): ReceivedBody {
  if (received === undefined) throw new OcpError('invalid_json', 'The body is empty or incomplete.');
  return received;
}
