import { signal } from '@preact/signals';

/** The token of the session, which every change has to show. */
export const csrf = signal<string | null>(null);
/** Set when the server does not know the caller any more. */
export const isLoggedOut = signal(false);

/** An answer that is an error, in the server's words. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Asks the server. Raises ApiError for an answer that is none, also when the server cannot be reached (status 0). */
export async function ask<T>(path: string, method = 'GET', body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' || csrf.value === null ? {} : { 'x-ocp-csrf': csrf.value }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch {
    throw new ApiError(0, 'unreachable', 'OCP cannot be reached.');
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  const { error } = (answer ?? {}) as { error?: { message?: string; code?: string } };
  if (response.status === 401 && path !== '/api/session') isLoggedOut.value = true;
  throw new ApiError(response.status, error?.code ?? 'unknown', error?.message ?? `OCP answered ${response.status}.`);
}

/** What to tell a person of a failure. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A query with the parameters that have a value. */
export function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
