import type { RequestHeaders } from '../../wire/surface.ts';

/** The header in which a request that changes something repeats the session's token. */
export const CSRF_HEADER = 'x-ocp-csrf';

/** The id of the session that a request's cookie names. */
export function sessionIdOf(headers: RequestHeaders): string | undefined {
  const { cookie } = headers;
  if (typeof cookie !== 'string') return undefined;
  const name = cookieName(headers);
  const pairs = cookie.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** The header that gives a browser the cookie of a session, or takes it away when the id is empty. */
export function sessionCookie(headers: RequestHeaders, id: string, maxAgeMs: number): string {
  const { origin } = headers;
  const parts = [
    `${cookieName(headers)}=${id}`,
    'Path=/',
    `Max-Age=${Math.floor(maxAgeMs / 1000)}`,
    'HttpOnly',
    'SameSite=Strict',
  ];
  // Behind a proxy that speaks TLS only the page's own address tells that it does.
  if (typeof origin === 'string' && origin.startsWith('https:')) parts.push('Secure');
  return parts.join('; ');
}

/** Browsers share cookies among the ports of a host: each has a name of its own, so that two OCPs do not log each other out. */
function cookieName({ host }: RequestHeaders): string {
  const port = typeof host === 'string' ? /:(\d{1,5})$/.exec(host)?.[1] : undefined;
  return port === undefined ? 'ocp_session' : `ocp_session_${port}`;
}
