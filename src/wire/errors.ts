import type { Shortage } from './shortage.ts';
import { shortageOf } from './shortage.ts';
import type { StorageTrouble } from './storage-trouble.ts';
import { storageRetrySeconds, storageTroubleOf, storageTroubles } from './storage-trouble.ts';

/**
 * The one catalogue of errors: a stable code, its HTTP status, and the `type` by which each family of surfaces names it.
 * Contracts: OpenAI API reference "Error codes", Anthropic API reference "Errors"; what clients do with each is in the
 * compatibility page. A 401 or 403 is only ever about the caller's own credentials or OCP's login, because clients
 * disable a key on them.
 */
export const errorCatalogue = {
  invalid_request: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'a field is missing, has the wrong type, or an impossible value; the error names it',
  },
  invalid_json: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'the body is no JSON',
  },
  unsupported_parameter: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'a field that would change the meaning of the answer, and that the CLI cannot honour',
  },
  context_length_exceeded: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'the conversation does not fit the model, or the limit of the operator',
  },
  loop_detected: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: "the request comes from one of OCP's own workers",
  },
  invalid_image: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'an image is no image, is not whole, or has more pixels than Anthropic takes; the field is named',
  },
  invalid_document: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'a PDF is no PDF, or is not whole; the field is named',
  },
  content_rejected: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'Anthropic refused the content of the request',
  },
  plan_use_refused: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning:
      'Anthropic refused to let this use draw on the plan; it asks for usage credits or an API key. Trying again does not help',
  },
  previous_response_not_found: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'not_found_error',
    meaning: 'the response that the request goes on from is not kept, or not for this key',
  },
  invalid_api_key: {
    status: 401,
    openai: 'authentication_error',
    anthropic: 'authentication_error',
    meaning: 'no key, or one that is unknown, revoked or expired',
  },
  not_logged_in: {
    status: 401,
    openai: 'authentication_error',
    anthropic: 'authentication_error',
    meaning: 'the Claude CLI has no login; the message says what to run',
  },
  permission_denied: {
    status: 403,
    openai: 'permission_error',
    anthropic: 'permission_error',
    meaning: 'the key may not do this',
  },
  forbidden_origin: {
    status: 403,
    openai: 'permission_error',
    anthropic: 'permission_error',
    meaning: 'a web page of another origin sent the request',
  },
  forbidden_host: {
    status: 403,
    openai: 'permission_error',
    anthropic: 'permission_error',
    meaning: 'the request came under a name that is not one of this machine',
  },
  not_found: {
    status: 404,
    openai: 'invalid_request_error',
    anthropic: 'not_found_error',
    meaning: 'there is nothing under this address or name',
  },
  model_not_found: {
    status: 404,
    openai: 'invalid_request_error',
    anthropic: 'not_found_error',
    meaning: 'there is no such model, or the key may not use it; the message lists those that it may',
  },
  method_not_allowed: {
    status: 405,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'the address is known, the method is not',
  },
  request_timeout: {
    status: 408,
    openai: 'timeout_error',
    anthropic: 'timeout_error',
    meaning: 'the request did not arrive in time',
  },
  conflict: {
    status: 409,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'the name is taken, or the state does not allow it',
  },
  body_too_large: {
    status: 413,
    openai: 'invalid_request_error',
    anthropic: 'request_too_large',
    meaning: 'the body is larger than CLAUDE_MAX_BODY_SIZE, or than OCP takes at this address',
  },
  too_many_values: {
    status: 413,
    openai: 'invalid_request_error',
    anthropic: 'request_too_large',
    meaning: 'the body holds more values than OCP_BODY_MAX_VALUES',
  },
  image_too_large: {
    status: 413,
    openai: 'invalid_request_error',
    anthropic: 'request_too_large',
    meaning: "an image or document is larger than Anthropic's limits",
  },
  unsupported_media_type: {
    status: 415,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'the body is not sent as application/json',
  },
  websocket_unsupported: {
    status: 426,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    meaning: 'the client asked for a WebSocket; it goes on with HTTP',
  },
  rate_limit_exceeded: {
    status: 429,
    openai: 'rate_limit_error',
    anthropic: 'rate_limit_error',
    meaning: 'too many requests at once: of the key, or for Anthropic',
  },
  plan_limit_reached: {
    status: 429,
    openai: 'rate_limit_error',
    anthropic: 'rate_limit_error',
    meaning: "a window of the login's plan is used up; Retry-After says until when",
  },
  quota_exceeded: {
    status: 429,
    openai: 'quota_exceeded',
    anthropic: 'billing_error',
    meaning: "the key's own quota or budget is used up",
  },
  queue_full: {
    status: 429,
    openai: 'rate_limit_error',
    anthropic: 'rate_limit_error',
    meaning: 'too many requests wait already',
  },
  headers_too_large: {
    status: 431,
    openai: 'invalid_request_error',
    anthropic: 'request_too_large',
    meaning: 'the headers of the request are too long',
  },
  client_closed: {
    status: 499,
    openai: 'server_error',
    anthropic: 'api_error',
    meaning: 'the client hung up; only records and logs show it',
  },
  internal_error: {
    status: 500,
    openai: 'server_error',
    anthropic: 'api_error',
    meaning: 'a fault of OCP; its log has the cause',
  },
  upstream_error: {
    status: 502,
    openai: 'server_error',
    anthropic: 'api_error',
    meaning: 'Anthropic or the CLI failed, or the connection broke',
  },
  worker_lost: {
    status: 502,
    openai: 'server_error',
    anthropic: 'api_error',
    meaning: 'the CLI process ended in the middle of the answer',
  },
  cli_unavailable: {
    status: 503,
    openai: 'server_error',
    anthropic: 'api_error',
    meaning: 'the CLI is missing, too old, or its profile is gone; the message says what to do',
  },
  out_of_resources: {
    status: 503,
    openai: 'server_error',
    anthropic: 'api_error',
    meaning:
      'the machine lacks open files, processes, memory or disk space; the message says which, and Retry-After when to try again',
  },
  storage_unavailable: {
    status: 503,
    openai: 'server_error',
    anthropic: 'api_error',
    meaning:
      'the database cannot be used: it is locked, full, read-only or damaged; the message says which, and Retry-After when to try again',
  },
  not_built: {
    status: 503,
    openai: 'server_error',
    anthropic: 'api_error',
    meaning: 'a part of OCP that is built at its installation is missing',
  },
  bodies_full: {
    status: 503,
    openai: 'overloaded_error',
    anthropic: 'overloaded_error',
    meaning: 'requests being received or worked on fill OCP_BODIES_MAX_MB; Retry-After says when to try again',
  },
  overloaded: {
    status: 503,
    openai: 'overloaded_error',
    anthropic: 'overloaded_error',
    meaning: 'Anthropic is overloaded',
  },
  shutting_down: { status: 503, openai: 'server_error', anthropic: 'api_error', meaning: 'OCP is stopping' },
  timeout: {
    status: 504,
    openai: 'timeout_error',
    anthropic: 'timeout_error',
    meaning: 'the answer took longer than CLAUDE_TIMEOUT',
  },
} as const satisfies Record<string, ErrorEntry>;

/** What most shortages are over after, seconds: a worker ends, a file is closed. */
const SHORTAGE_RETRY_SECONDS = 5;

interface ErrorEntry {
  readonly status: number;
  readonly openai: string;
  readonly anthropic: string;
  /** When it comes, for the documentation: a phrase. */
  readonly meaning: string;
}

export type ErrorCode = keyof typeof errorCatalogue;

/** Failures that a client's own retries, within seconds or minutes, cannot mend. */
export const lasting: ReadonlySet<ErrorCode> = new Set(['quota_exceeded', 'plan_use_refused']);

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

/**
 * The error as clients may see it: what the machine lacks is named, and anything else that is not ours becomes
 * `internal_error` without its message.
 */
export function toOcpError(error: unknown): OcpError {
  if (error instanceof OcpError) return error;
  const trouble = storageTroubleOf(error);
  if (trouble !== undefined) return storageError(trouble, error);
  const shortage = shortageOf(error);
  return shortage === undefined
    ? new OcpError('internal_error', 'OCP failed on this request; its log has the cause.', { cause: error })
    : shortageError(shortage, error);
}

/** The error for a client when the database cannot be used. */
export function storageError(trouble: StorageTrouble, cause?: unknown): OcpError {
  return new OcpError('storage_unavailable', `OCP's database cannot be used: ${storageTroubles[trouble]}.`, {
    retryAfterSeconds: storageRetrySeconds[trouble],
    cause,
  });
}

/**
 * The refusal of a conversation that ends with the assistant, in the words of the API for models that take none: the CLI
 * answers messages of the user only. Source: Anthropic documentation, "Prefill Claude's response".
 */
export function prefillError(param: string): OcpError {
  const message =
    'This model does not support assistant message prefill. The conversation must end with a user message.';
  return new OcpError('invalid_request', message, { param });
}

/** The error for a client when the machine lacks something. */
export function shortageError(shortage: Shortage, cause?: unknown): OcpError {
  return new OcpError('out_of_resources', `The machine that OCP runs on lacks ${shortage}.`, {
    retryAfterSeconds: SHORTAGE_RETRY_SECONDS,
    cause,
  });
}

/** The error as it is told within a stream, which has no headers: when to try again stands in the body. */
export function inStream(error: OcpError): OcpError {
  const { retryAfterSeconds: seconds, param, extra } = error;
  if (seconds === undefined) return error;
  return new OcpError(error.code, error.message, {
    ...(param === undefined ? {} : { param }),
    retryAfterSeconds: seconds,
    extra: { ...extra, retry_after: seconds },
    cause: error.cause,
  });
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
