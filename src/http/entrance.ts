import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import type { Arrival, CallerAddress } from './caller-address.ts';
import { Door } from './door.ts';
import { OcpError } from '../wire/errors.ts';
import type { LoginSession, LoginSessions } from './dashboard/login-sessions.ts';
import { requireCsrf } from './dashboard/login-sessions.ts';
import { CSRF_HEADER, sessionIdOf } from './dashboard/session-cookie.ts';
import type { ErrorShape } from './error-reply.ts';
import type { AllowedHosts } from './gate.ts';
import { checkContentType, checkHost, checkOrigin, checkSingleHeaders, checkTarget } from './gate.ts';
import type { Caller, IdentityRules } from './identity.ts';
import type { Recognised } from './identity.ts';
import { recognise, refused, requireAdmin, tokensOf } from './identity.ts';
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
  }
  interface FastifyRequest {
    caller: Caller | undefined;
    /** Where the request came in; undefined before its Host and Origin were looked at. */
    door: Door | undefined;
    /** The session by whose cookie the caller is known. */
    loginSession: LoginSession | undefined;
  }
}

export interface EntranceOptions {
  readonly routes: KnownRoutes;
  readonly config: Pick<Config, 'corsOrigins'>;
  readonly hosts: AllowedHosts;
  readonly identity: IdentityRules;
  readonly addressOf: (arrival: Arrival) => CallerAddress;
  readonly throttle: LoginThrottle;
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
  const { headers } = request;
  request.door = new Door(
    options.addressOf({ headers, remoteAddress: request.socket.remoteAddress }),
    options.throttle,
  );
  const { door } = request;
  if (access === 'public') {
    checkContentType(request.method, headers);
    return undefined;
  }
  const known = recognise(tokensOf(headers), door.isLocal, identity, (secret) => door.mayTry(secret));
  door.note(known.right, known.wrong);
  // A key in a header shows as well as the type that no web page of others sent this.
  if (isEmptyPost !== true && !known.holdsKey) checkContentType(request.method, headers);
  if (isForMetrics === true && known.holdsMetricsToken) return undefined;
  const caller = callerOf(request, known, options, access === 'anyone');
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
  known: Recognised,
  options: EntranceOptions,
  isOpen: boolean,
): Caller | undefined {
  const { headers } = request;
  const tokens = tokensOf(headers);
  if (tokens.length === 0) {
    const id = sessionIdOf(headers);
    const session = id === undefined ? undefined : options.sessions.find(id);
    if (session !== undefined) {
      if (request.method !== 'GET' && request.method !== 'HEAD') requireCsrf(session, headers[CSRF_HEADER]);
      request.loginSession = session;
      return session.caller;
    }
  }
  if (known.caller !== undefined) return known.caller;
  if (isOpen && tokens.length === 0) return undefined;
  throw refused(tokens);
}

/**
 * The error that answers a refused request, once it may be sent: where a key of the request opened nothing, that is not at
 * once.
 */
export async function afterRefusal(
  error: OcpError,
  request: FastifyRequest,
  reply: FastifyReply,
  { onFailedLogin }: EntranceOptions,
): Promise<OcpError> {
  const isRefusal = error.code === 'invalid_api_key' || error.code === 'permission_denied';
  const { door } = request;
  if (!isRefusal || door?.hasTried !== true) return error;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  reply.raw.once('close', leave);
  try {
    await door.holdBack(gone.signal);
    onFailedLogin(door.address, request.routeOptions.url);
    return error;
  } catch (tooMany) {
    return tooMany instanceof OcpError ? tooMany : error;
  } finally {
    reply.raw.off('close', leave);
  }
}
