import { OcpError } from '../errors.ts';
import type { RequestHeaders } from '../surface.ts';
import type { Body } from './schema.ts';

/** In characters. */
const longest = 256;

/**
 * The client's name for its conversation. `prompt_cache_key` comes last: it tells which requests belong together, but
 * not that the client leaves anything out. Raises OcpError `invalid_request` for a name of more than 256 characters.
 */
export function conversationIdOf(body: Body, headers: RequestHeaders): string | undefined {
  const { conversation, prompt_cache_key: cacheKey } = body;
  if (typeof body.previous_response_id === 'string' && conversation !== undefined && conversation !== null) {
    const message = "'conversation' and 'previous_response_id' cannot be used together.";
    throw new OcpError('invalid_request', message, { param: 'conversation' });
  }
  const names: readonly (readonly [string, string | undefined])[] = [
    ['session_id', body.session_id ?? undefined],
    ['conversation_id', body.conversation_id ?? undefined],
    ['conversation', typeof conversation === 'string' ? conversation : conversation?.id],
    ['x-session-id', [headers['x-session-id'] ?? []].flat()[0]],
    ['x-conversation-id', [headers['x-conversation-id'] ?? []].flat()[0]],
    ['prompt_cache_key', (cacheKey ?? '').length <= longest ? (cacheKey ?? undefined) : undefined],
  ];
  const named = names.find(([, name]) => name !== undefined && name !== '');
  if (named === undefined) return undefined;
  const [param, id = ''] = named;
  if (id.length > longest) {
    throw new OcpError('invalid_request', `'${param}' must have at most ${longest} characters.`, { param });
  }
  return id;
}
