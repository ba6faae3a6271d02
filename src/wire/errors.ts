/**
 * The one catalogue of errors: a stable code, its HTTP status, and the `type` by which each family of surfaces names it.
 * Contracts: OpenAI API reference "Error codes", Anthropic API reference "Errors"; what clients do with each is in the
 * compatibility page. A 401 or 403 is only ever about the caller's own credentials or OCP's login, because clients
 * disable a key on them.
 */
export const errorCatalogue = {
  invalid_request: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  invalid_json: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  unsupported_parameter: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  context_length_exceeded: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  loop_detected: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  content_rejected: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  previous_response_not_found: { status: 400, openai: 'invalid_request_error', anthropic: 'not_found_error' },
  invalid_api_key: { status: 401, openai: 'authentication_error', anthropic: 'authentication_error' },
  not_logged_in: { status: 401, openai: 'authentication_error', anthropic: 'authentication_error' },
  permission_denied: { status: 403, openai: 'permission_error', anthropic: 'permission_error' },
  forbidden_origin: { status: 403, openai: 'permission_error', anthropic: 'permission_error' },
  forbidden_host: { status: 403, openai: 'permission_error', anthropic: 'permission_error' },
  not_found: { status: 404, openai: 'invalid_request_error', anthropic: 'not_found_error' },
  model_not_found: { status: 404, openai: 'invalid_request_error', anthropic: 'not_found_error' },
  method_not_allowed: { status: 405, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  conflict: { status: 409, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  body_too_large: { status: 413, openai: 'invalid_request_error', anthropic: 'request_too_large' },
  image_too_large: { status: 413, openai: 'invalid_request_error', anthropic: 'request_too_large' },
  unsupported_media_type: { status: 415, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  websocket_unsupported: { status: 426, openai: 'invalid_request_error', anthropic: 'invalid_request_error' },
  rate_limit_exceeded: { status: 429, openai: 'rate_limit_error', anthropic: 'rate_limit_error' },
  plan_limit_reached: { status: 429, openai: 'rate_limit_error', anthropic: 'rate_limit_error' },
  quota_exceeded: { status: 429, openai: 'quota_exceeded', anthropic: 'rate_limit_error' },
  queue_full: { status: 429, openai: 'rate_limit_error', anthropic: 'rate_limit_error' },
  client_closed: { status: 499, openai: 'server_error', anthropic: 'api_error' },
  internal_error: { status: 500, openai: 'server_error', anthropic: 'api_error' },
  upstream_error: { status: 502, openai: 'server_error', anthropic: 'api_error' },
  worker_lost: { status: 502, openai: 'server_error', anthropic: 'api_error' },
  cli_unavailable: { status: 503, openai: 'server_error', anthropic: 'api_error' },
  overloaded: { status: 503, openai: 'overloaded_error', anthropic: 'overloaded_error' },
  shutting_down: { status: 503, openai: 'server_error', anthropic: 'api_error' },
  timeout: { status: 504, openai: 'timeout_error', anthropic: 'timeout_error' },
} as const satisfies Record<string, ErrorEntry>;

interface ErrorEntry {
  readonly status: number;
  readonly openai: string;
  readonly anthropic: string;
}

export type ErrorCode = keyof typeof errorCatalogue;

export interface ErrorDetails {
  /** The field of the request that is at fault, as a path: `messages[2].content[0].image_url.url`. */
  readonly param?: string;
  /** Seconds until a retry can succeed, for the `Retry-After` header. */
  readonly retryAfterSeconds?: number;
  /** Further members of the rendered error object (the `quota` of an exceeded quota). */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Every failure that a client may see. The message is written for the person at the client; it never holds a path or a secret. */
export class OcpError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly extra: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'OcpError';
    this.code = code;
    this.param = details.param;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.extra = details.extra;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }
}

/** The error as clients may see it: anything that is not ours becomes `internal_error` without its message. */
export function toOcpError(error: unknown): OcpError {
  return error instanceof OcpError
    ? error
    : new OcpError('internal_error', 'OCP failed on this request; its log has the cause.', { cause: error });
}

/** The OpenAI error body, also used inside a stream. Contract: OpenAI API reference, "Error codes". */
export function openAiError(error: OcpError): { error: Record<string, unknown> } {
  return {
    error: {
      message: error.message,
      type: errorCatalogue[error.code].openai,
      param: error.param ?? null,
      code: error.code,
      ...error.extra,
    },
  };
}

/** The Anthropic error body, also used for the `error` event. Contract: Anthropic API reference, "Errors". */
export function anthropicError(error: OcpError, requestId?: string): Record<string, unknown> {
  const message =
    error.param === undefined || error.message.includes(error.param)
      ? error.message
      : `${error.param}: ${error.message}`;
  return {
    type: 'error',
    error: { type: errorCatalogue[error.code].anthropic, message, code: error.code, ...error.extra },
    ...(requestId === undefined ? {} : { request_id: requestId }),
  };
}
