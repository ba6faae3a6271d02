/** A refusal of the simulated API. Contract: Anthropic API reference, "Errors". */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, type?: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.type = type ?? errorTypeOf(status);
    this.headers = headers;
  }
}

/** The error type that Anthropic documents for a status. */
export function errorTypeOf(status: number): string {
  return errorTypes[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

/** A plausible message for a status, for an error of which only the status was given. */
export function defaultErrorMessage(status: number): string {
  return errorMessages[status] ?? `Simulated error ${status}`;
}

/** The error body, also used as the `error` event in a stream. */
export function errorBody(type: string, message: string, requestId: string): Record<string, unknown> {
  return { type: 'error', error: { type, message }, request_id: requestId };
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const errorMessages: Readonly<Record<number, string>> = {
  400: 'Simulated invalid request',
  401: 'invalid x-api-key',
  403: 'Your account does not have permission to use this model.',
  404: 'Not found',
  413: 'Request exceeds the maximum size',
  429: 'This request would exceed your rate limit.',
  500: 'Internal server error',
  529: 'Overloaded',
};
