import { ApiError } from '../errors.ts';
import type { SimulatorState } from '../state.ts';
import { credentialOf } from './credential.ts';
import type { Exchange } from './exchange.ts';
import { readBody, sendJson } from './exchange.ts';
import { countMessageTokens, createMessage } from './messages.ts';
import { modelInfo } from './models.ts';

const maxBodyBytes = 32 * 1024 * 1024;

/** Answers one request. @throws ApiError to be sent in the API's error shape. */
export async function route(state: SimulatorState, exchange: Exchange): Promise<void> {
  const { request, log } = exchange;
  const { method, path } = log.record;
  const raw = await readBody(request, maxBodyBytes);
  const body = parseBody(raw);
  log.update({ body });

  if (path === '/api/hello' && (method === 'GET' || method === 'HEAD')) {
    return sendJson(exchange, 200, { message: 'hello' });
  }
  if (!path.startsWith('/v1/')) throw new ApiError(404, 'Not found');
  if (credentialOf(request.headers) === undefined) {
    throw new ApiError(401, 'x-api-key header is required');
  }
  if (method === 'POST' && path === '/v1/messages') return createMessage(state, exchange, jsonBody(raw, body));
  if (method === 'POST' && path === '/v1/messages/count_tokens') {
    return countMessageTokens(state, exchange, jsonBody(raw, body));
  }
  if (method === 'GET' && path === '/v1/models') {
    const data = state.models.map(modelInfo);
    const ends = { first_id: state.models[0] ?? null, last_id: state.models.at(-1) ?? null };
    return sendJson(exchange, 200, { data, has_more: false, ...ends });
  }
  if (method === 'GET' && path.startsWith('/v1/models/')) {
    const id = decodeURIComponent(path.slice('/v1/models/'.length));
    if (!state.models.includes(id)) throw new ApiError(404, `model: ${id}`);
    return sendJson(exchange, 200, modelInfo(id));
  }
  throw new ApiError(404, 'Not found');
}

function parseBody(raw: Buffer): unknown {
  if (raw.length === 0) return undefined;
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}

function jsonBody(raw: Buffer, body: unknown): unknown {
  if (body === undefined && raw.length > 0) throw new ApiError(400, 'The request body is not valid JSON');
  return body;
}
