import type { Ocp, OcpOptions } from './ocp.ts';
import { startOcp } from './ocp.ts';

export const adminKey = 'admin-key-of-this-test';
/** What a reverse proxy adds: such a request is remote, wherever it comes from. */
export const remote = { 'x-forwarded-for': '203.0.113.7' };

export function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed; null for what is no JSON. */
  readonly body: unknown;
  readonly text: string;
}

/** OCP in the mode `multi` with an admin key, for people with keys. Nobody's failed login waits. */
export async function startMulti(options: OcpOptions = {}): Promise<Ocp> {
  return startOcp({
    ...options,
    env: { CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: adminKey, ...options.env },
    limits: { logins: { free: Number.MAX_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER }, ...options.limits },
  });
}

/** Sends a request as JSON; a string as body goes out as it is. */
export async function send(
  ocp: Pick<Ocp, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(`${ocp.url}${path}`, {
    method,
    headers: { ...type, ...headers },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The tests look at the text then.
  }
  return { status: response.status, headers: response.headers, body: parsed, text };
}

/** Sends a request as the admin, from elsewhere. */
export async function asAdmin(ocp: Pick<Ocp, 'url'>, method: string, path: string, body?: unknown): Promise<Reply> {
  return send(ocp, method, path, body, { ...remote, ...bearer(adminKey) });
}

/** Makes a key; gives back its text and id. */
export async function newKey(
  ocp: Pick<Ocp, 'url'>,
  body: Record<string, unknown>,
): Promise<{ id: number; key: string }> {
  const reply = await asAdmin(ocp, 'POST', '/api/keys', body);
  if (reply.status !== 201) throw new Error(reply.text);
  return reply.body as { id: number; key: string };
}
