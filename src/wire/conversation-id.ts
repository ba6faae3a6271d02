import { OcpError } from './errors.ts';
import { isObject } from './json.ts';
import type { RequestHeaders } from './surface.ts';

/** Longest name, characters. */
const LONGEST = 256;
const HEADERS = ['x-session-id', 'x-conversation-id'];

/**
 * The client's own name for its conversation: the body's `session_id` or `conversation_id`, else the headers `X-Session-Id`
 * or `X-Conversation-Id`; `others` are further fields of a surface. `prompt_cache_key` and Claude Code's session header
 * are none: several conversations share one, and they say nothing of messages that were left out.
 * Raises OcpError `invalid_request` for a name of more than 256 characters.
 */
export function conversationIdOf(
  body: unknown,
  headers: RequestHeaders,
  others: readonly (readonly [field: string, value: unknown])[] = [],
): string | undefined {
  const fields = isObject(body) ? body : {};
  const candidates: readonly (readonly [string, unknown])[] = [
    ['session_id', fields['session_id']],
    ['conversation_id', fields['conversation_id']],
    ...others,
    ...HEADERS.map((name) => [name, [headers[name] ?? []].flat()[0]] as const),
  ];
  for (const [param, value] of candidates) {
    if (typeof value !== 'string' || value === '') continue;
    if (value.length <= LONGEST) return value;
    throw new OcpError('invalid_request', `'${param}' must have at most ${LONGEST} characters.`, { param });
  }
  return undefined;
}
