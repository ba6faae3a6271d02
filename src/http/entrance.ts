import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import { OcpError } from '../wire/errors.ts';
import type { LoginSession, LoginSessions } from './dashboard/login-sessions.ts';
import { requireCsrf } from './dashboard/login-sessions.ts';
import { CSRF_HEADER, sessionIdOf } from './dashboard/session-cookie.ts';
import type { ErrorShape } from './error-reply.ts';
import type { AllowedHosts } from './gate.ts';
import { checkContentType, checkHost, checkOrigin, checkSingleHeaders, checkTarget } from './gate.ts';
import type { Caller, IdentityRules } from './identity.ts';
import { carriesKey, holds, identify, requireAdmin } from './identity.ts';
import type { KnownRoutes } from './known-routes.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { setCommonHeaders } from './reply-headers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Who may call: everybody, without being looked at; everybody, where whoever shows a key or a session is known by it
     * and a wrong key is refused; everybody whom the auth mode lets in; or whoever administers OCP. It hangs on the route,
     * never on its address.
     */
    readonly access: 'public' | 'anyone' | 'callers' | 'admin';
    /** The shape of the route's errors; where it is left out, that of the client. */
    readonly errors?: ErrorShape;
    /** Takes no body and changes nothing: a POST without a content type, as clients send it here, is let through. */
    readonly isEmptyPost?: true;
    /** Also open to the holder of the token for metrics, who is nobody else. */
    readonly isForMetrics?: true;
    /** Takes a key in its body: one that opens nothing counts as a failed login. */
    readonly isLogin?: true;
  }
  interface FastifyRequest {
    caller: Caller | undefined;
    /** The session by whose cookie the caller is known. */
    loginSession: LoginSession | undefined;
  }
}

export interface EntranceOptions {
  readonly routes: KnownRoutes;
  readonly config: Pick<Config, 'corsOrigins'>;
  readonly hosts: AllowedHosts;
  readonly identity: IdentityRules;
  readonly logins: LoginThrottle;
  readonly sessions: LoginSessions;
  /** Told of a caller who was let in with a key of their own. */
  readonly onKeyUsed: (keyId: number) => void;
  /** Told of a request with a key that did not open what it asked for; the key itself is not told. */
  readonly onFailedLogin: (address: string, path: string | undefined) => void;
}

/** What every request passes before its body is read. Raises OcpError for one that may not go on. */
export async function enter(
  request: FastifyRequest,
  reply: FastifyReply,
  options: EntranceOptions,
): Promise<FastifyReply | undefined> {
  const { config, hosts, identity } = options;
  setCommonHeaders(request, reply, config.corsOrigins);
  checkTarget(request.raw.url);
  checkSingleHeaders(request.raw.rawHeaders);
  checkHost(request.headers.host, hosts);
  checkOrigin(request.headers, config.corsOrigins);
  // A browser asks first whether a page of a listed origin may call; the headers above are the answer.
  if (request.method === 'OPTIONS') return reply.code(204).send();
  // Here, so that nobody's body is read for nothing.
  if (request.is404) throw missed(request, reply, options.routes);
  const { access, isEmptyPost, isForMetrics } = request.routeOptions.config;
  if (isEmptyPost !== true) checkContentType(request.method, request.headers);
  if (access === 'public') return undefined;
  if (isForMetrics === true && holds(request.headers, identity.metricsToken)) return undefined;
  const caller = callerOf(request, options, access === 'anyone');
  if (caller === undefined) return undefined;
  if (access === 'admin') requireAdmin(caller, identity.mode);
  // Looking at the dashboard is no use of the key.
  if (caller.key !== null && caller.isSession !== true) options.onKeyUsed(caller.key.id);
  request.caller = caller;
  return undefined;
}

/** The error for a request to an address, or with a method, that is not there. */
function missed(request: FastifyRequest, reply: FastifyReply, routes: KnownRoutes): OcpError {
  const methods = routes.methodsAt(request.url);
  if (methods.length === 0) return new OcpError('not_found', routes.hint(request.url));
  void reply.header('allow', methods.join(', '));
  const usual = methods.filter((method) => method !== 'OPTIONS' && method !== 'HEAD');
  return new OcpError('method_not_allowed', `This endpoint takes ${usual.join(' or ')}, not ${request.method}.`);
}

/**
 * Who sent a request: by its key, else by its session, which has to be shown to be of OCP's own page when it changes
 * something, else by where it comes from. Undefined for somebody unknown, where they are welcome too.
 */
function callerOf(
  request: FastifyRequest,
  { identity, sessions }: EntranceOptions,
  isOpen: boolean,
): Caller | undefined {
  const { headers } = request;
  if (!carriesKey(headers)) {
    const id = sessionIdOf(headers);
    const session = id === undefined ? undefined : sessions.find(id);
    if (session !== undefined) {
      if (request.method !== 'GET' && request.method !== 'HEAD') requireCsrf(session, headers[CSRF_HEADER]);
      request.loginSession = session;
      return session.caller;
    }
  }
  try {
    return identify({ headers, remoteAddress: request.socket.remoteAddress }, identity);
  } catch (error) {
    if (isOpen && !carriesKey(headers)) return undefined;
    throw error;
  }
}

/**
 * The error that answers a refused request, once it may be sent: when the request carried a key, it counts as a failed
 * login of its address.
 */
export async function afterRefusal(
  error: OcpError,
  request: FastifyRequest,
  reply: FastifyReply,
  { logins, onFailedLogin }: EntranceOptions,
): Promise<OcpError> {
  const isRefusal = error.code === 'invalid_api_key' || error.code === 'permission_denied';
  const isTry = carriesKey(request.headers) || request.routeOptions.config?.isLogin === true;
  if (!isRefusal || !isTry) return error;
  const address = request.socket.remoteAddress ?? '';
  onFailedLogin(address, request.routeOptions.url);
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  reply.raw.once('close', leave);
  try {
    await logins.failed(address, gone.signal);
    return error;
  } catch (tooMany) {
    return tooMany instanceof OcpError ? tooMany : error;
  } finally {
    reply.raw.off('close', leave);
  }
}
