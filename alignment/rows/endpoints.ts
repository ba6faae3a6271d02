import type { Authority, EndpointRow } from './row.ts';

const openai = (openai: string): Authority => ({ openai });
const anthropic = (anthropic: string): Authority => ({ anthropic });
const document = (document: string): Authority => ({ document });

function endpoint(name: string, ...authority: readonly Authority[]): EndpointRow {
  const [method = '', path = ''] = name.split(' ');
  return { method, path, authority };
}

const api = document('docs/api.md');
const keys = document('docs/adr/0010-keys.md');
const connect = document('docs/connect-script.md');

/**
 * Every endpoint and who decides how it behaves: the reference of the API that it is of, or a document of ours. A route
 * without a row fails the tests.
 */
export const endpointRows: readonly EndpointRow[] = [
  endpoint('POST /v1/chat/completions', openai('Chat Completions: Create chat completion')),
  endpoint('POST /v1/responses', openai('Responses: Create a model response')),
  endpoint('GET /v1/responses', openai('Responses: WebSocket mode'), document('docs/compatibility.md')),
  endpoint('POST /v1/responses/input_tokens', openai('Responses: Get input token counts')),
  endpoint('GET /v1/responses/{id}', openai('Responses: Get a model response')),
  endpoint('DELETE /v1/responses/{id}', openai('Responses: Delete a model response')),
  endpoint('GET /v1/responses/{id}/input_items', openai('Responses: List input items')),
  endpoint('POST /v1/responses/{id}/cancel', openai('Responses: Cancel a response')),
  endpoint('POST /v1/messages', anthropic('Messages: Create a Message')),
  endpoint('POST /v1/messages/count_tokens', anthropic('Messages: Count tokens in a Message')),
  endpoint('GET /v1/models', openai('Models: List models'), anthropic('Models: List Models')),
  endpoint('GET /v1/models/{id}', openai('Models: Retrieve model'), anthropic('Models: Get a Model')),
  endpoint('GET /openapi.json', document('docs/adr/0012-alignment.md')),
  endpoint('GET /health', api),
  endpoint('GET /connect', connect),
  endpoint('GET /connect/ocp-connect.mjs', connect),
  endpoint('GET /connect/ocp-connect.mjs.sha256', connect),
  endpoint('GET /api/usage', api),
  endpoint('GET /api/keys', keys),
  endpoint('POST /api/keys', keys),
  endpoint('PATCH /api/keys/{idOrName}', keys),
  endpoint('DELETE /api/keys/{idOrName}', keys),
  endpoint('POST /api/keys/{idOrName}/rotate', keys),
  endpoint('GET /api/keys/{idOrName}/quota', keys),
  endpoint('PATCH /api/keys/{idOrName}/quota', keys),
  endpoint('GET /settings', keys),
  endpoint('PATCH /settings', keys),
  endpoint('GET /api/audit', keys),
  endpoint('GET /api/audit/verify', keys),
  endpoint('GET /sessions', document('docs/architecture.md')),
  endpoint('DELETE /sessions', document('docs/architecture.md')),
  endpoint('GET /cache/stats', api),
  endpoint('DELETE /cache', api),
  endpoint('GET /logs', api),
  endpoint('GET /api/doctor', api),
  endpoint('GET /usage', api),
  endpoint('GET /status', api),
  endpoint('GET /metrics', api),
  endpoint('GET /dashboard', api),
  endpoint('GET /dashboard/assets/{name}', api),
  endpoint('POST /api/session', api),
  endpoint('GET /api/session', api),
  endpoint('DELETE /api/session', api),
  endpoint('GET /api/events', api),
  endpoint('GET /api/me', api),
  endpoint('GET /api/stats', api),
  endpoint('GET /api/stats/keys', api),
  endpoint('GET /api/requests', api),
  endpoint('GET /api/profiles', api),
  endpoint('POST /api/profiles/{name}/renew', api),
];
