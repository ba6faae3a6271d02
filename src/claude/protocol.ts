import { isObject } from '../wire/json.ts';
import type { JsonPieces } from './packed/messages.ts';

/**
 * The lines that the CLI writes, as far as OCP reads them. Contract: `StdoutMessage` in the type file of
 * `@anthropic-ai/claude-agent-sdk`; the compiler holds these shapes against it (test/claude/twins.ts).
 * A line of any other type is of no concern to OCP.
 */
export type CliLine =
  | StreamEventLine
  | ResultLine
  | InitLine
  | ApiRetryLine
  | RateLimitLine
  | ConversationResetLine
  | ControlResponseLine
  | ControlRequestLine;

/** An event of the API's own stream, passed on as it came. */
export interface StreamEventLine {
  readonly type: 'stream_event';
  readonly event: unknown;
}

/** The end of a turn, or of a line of history. */
export interface ResultLine {
  readonly type: 'result';
  readonly subtype: string;
  readonly is_error: boolean;
  /** The text of the answer, or of the failure. */
  readonly result?: string;
  readonly errors?: readonly string[];
  readonly api_error_status?: number | null;
  readonly terminal_reason?: string | null;
  readonly total_cost_usd: number;
}

/** What the CLI made of its set-up; comes before the first API call of a turn. */
export interface InitLine {
  readonly type: 'system';
  readonly subtype: 'init';
  readonly tools: readonly string[];
  /** The CLI's name for the conversation; its API calls carry it in `x-claude-code-session-id`. */
  readonly session_id: string;
  readonly claude_code_version: string;
}

/** The CLI is about to repeat a failed API call. */
export interface ApiRetryLine {
  readonly type: 'system';
  readonly subtype: 'api_retry';
  /** Milliseconds until the repeat. */
  readonly retry_delay_ms: number;
  readonly error_status: number | null;
  /** `rate_limit`, `overloaded`, `authentication_failed`, `server_error`, … */
  readonly error: string;
}

/** What the plan of a subscription login has left. */
export interface RateLimitLine {
  readonly type: 'rate_limit_event';
  readonly rate_limit_info: RateLimitInfo;
}

export interface RateLimitInfo {
  readonly status: string;
  /** Unix time, seconds. */
  readonly resetsAt?: number;
  readonly rateLimitType?: string;
}

/** The worker was emptied: the only proof that a recycled worker holds nothing of the earlier conversation. */
export interface ConversationResetLine {
  readonly type: 'conversation_reset';
}

export interface ControlResponseLine {
  readonly type: 'control_response';
  readonly response: {
    readonly subtype: string;
    readonly request_id: string;
    readonly response?: Readonly<Record<string, unknown>>;
    readonly error?: string;
  };
}

/** The CLI asks OCP: may a tool run, what does a tool of the client answer. */
export interface ControlRequestLine {
  readonly type: 'control_request';
  readonly request_id: string;
  readonly request: Readonly<Record<string, unknown>> & { readonly subtype: string };
}

/** Whole messages are repeated in these lines after their events; parsing them would be the greater part of the work. */
const REPEATED_LINES = ['{"type":"assistant"', '{"type":"user"'];

/** Reads one line; undefined for lines that are not JSON, not known, or lack what OCP needs of them. */
export function readLine(text: string): CliLine | undefined {
  if (REPEATED_LINES.some((prefix) => text.startsWith(prefix))) return undefined;
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isObject(line) && isCliLine(line) ? (line as unknown as CliLine) : undefined;
}

function isCliLine(line: Record<string, unknown>): boolean {
  switch (line['type']) {
    case 'stream_event':
      return isObject(line['event']);
    case 'result':
      return typeof line['subtype'] === 'string' && typeof line['is_error'] === 'boolean';
    case 'system':
      return (
        (line['subtype'] === 'init' && Array.isArray(line['tools'])) ||
        (line['subtype'] === 'api_retry' && typeof line['error'] === 'string')
      );
    case 'rate_limit_event':
      return isObject(line['rate_limit_info']) && typeof line['rate_limit_info']['status'] === 'string';
    case 'conversation_reset':
      return true;
    case 'control_response':
      return isObject(line['response']) && typeof line['response']['request_id'] === 'string';
    case 'control_request':
      return (
        typeof line['request_id'] === 'string' &&
        isObject(line['request']) &&
        typeof line['request']['subtype'] === 'string'
      );
    default:
      return false;
  }
}

/** A user line. `client_composed` keeps `@path` and `/command` in a client's text plain text; it is on every line. */
export function userLine(content: JsonPieces, options: { readonly query: boolean }): JsonPieces {
  const tail = `,"parent_tool_use_id":null,"session_id":"","client_composed":true${options.query ? '' : ',"shouldQuery":false'}}`;
  return ['{"type":"user","message":{"role":"user","content":', ...content, `}${tail}`];
}

/** A past assistant message. Without its model the CLI drops the thinking blocks. */
export function assistantLine(content: JsonPieces, id: string, model: string): JsonPieces {
  const lead = `{"type":"assistant","message":{"id":"${id}","type":"message","role":"assistant","model":${JSON.stringify(model)},"content":`;
  return [lead, ...content, '},"parent_tool_use_id":null,"session_id":"","client_composed":true}'];
}

/** The one line that is a command: it empties the worker. It is OCP's own, so it is not marked as a client's. */
export const clearLine: JsonPieces = [
  JSON.stringify({
    type: 'user',
    message: { role: 'user', content: '/clear' },
    parent_tool_use_id: null,
    session_id: '',
  }),
];

/** Where the CLI's next request begins: everything before it is left out. Contract: `SDKCompactBoundaryMessage`. */
export function boundaryLine(uuid: string): JsonPieces {
  const line = {
    type: 'system',
    subtype: 'compact_boundary',
    compact_metadata: { trigger: 'manual', pre_tokens: 0 },
    uuid,
    session_id: '',
  };
  return [JSON.stringify(line)];
}
