import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import type { Config } from '../config/config.ts';
import { OcpError } from '../wire/errors.ts';
import type { AdminOptions } from './admin/admin-routes.ts';
import { addAdminRoutes } from './admin/admin-routes.ts';
import { addConnectRoutes } from './connect-routes.ts';
import type { Dashboard } from './dashboard/dashboard.ts';
import type { EntranceOptions } from './entrance.ts';
import { afterRefusal, enter } from './entrance.ts';
import { fromFastify, sendError } from './error-reply.ts';
import { addOpenApi } from './openapi.ts';
import { addMetricsRoute } from './metrics/metrics-route.ts';
import type { Metric } from './metrics/registry.ts';
import { KnownRoutes } from './known-routes.ts';
import { answerMalformed } from './malformed.ts';
import { setCommonHeaders } from './reply-headers.ts';
import { newRequestId } from './request-id.ts';
import type { ResponsesRouteOptions } from './responses-routes.ts';
import { addResponsesRoutes } from './responses-routes.ts';
import type { SurfaceRouteOptions } from './surface-routes.ts';
import { addSurfaceRoutes } from './surface-routes.ts';
import type { OverviewOptions } from './usage/overview-routes.ts';
import { addOverviewRoutes } from './usage/overview-routes.ts';
import type { UsageRouteOptions } from './usage/usage-options.ts';
import { addUsageRoutes } from './usage/usage-routes.ts';

export interface ServerOptions extends Omit<EntranceOptions, 'routes'>, SurfaceRouteOptions, ResponsesRouteOptions {
  readonly config: Config;
  readonly admin: AdminOptions;
  readonly usage: UsageRouteOptions;
  readonly overview: OverviewOptions;
  readonly metrics: () => readonly Metric[];
  /** The folder of OCP's package.json. */
  readonly packageRoot: string;
  readonly dashboard: Pick<Dashboard, 'addRoutes'>;
}

/** The HTTP server with its routes. What reaches a route has passed the Host and Origin gate and has a known caller. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { config, log } = options;
  const server = fastify({
    bodyLimit: config.maxBodySize,
    // What a person types after an address, and some clients after a base URL.
    routerOptions: { ignoreTrailingSlash: true },
    // A request has to arrive within this time; how long its answer takes is the turn's own limit.
    requestTimeout: 60_000,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    genReqId: newRequestId,
    // An address that cannot be decoded never reaches a hook or a handler.
    frameworkErrors: (error, request, reply) => {
      setCommonHeaders(request, reply, config.corsOrigins);
      void sendError(request, reply, fromFastify(error, request));
    },
    clientErrorHandler: (error, socket) => answerMalformed(error, socket),
  });
  const routes = new KnownRoutes();
  server.addHook('onRoute', ({ method, url }) => routes.add(method, url));
  server.decorateRequest('caller');
  server.decorateRequest('door');
  server.decorateRequest('loginSession');
  server.removeAllContentTypeParsers();
  // Which types may come in is for the entrance to say; all of them are read as JSON.
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(error as OcpError);
    }
  });
  server.addHook('onRequest', async (request, reply) => enter(request, reply, { ...options, routes }));
  server.setErrorHandler(async (error, request, reply) => {
    const shown = await afterRefusal(fromFastify(error, request), request, reply, { ...options, routes });
    if (shown.code === 'internal_error') log.error({ err: error, path: request.routeOptions.url }, 'request_failed');
    return sendError(request, reply, shown);
  });
  addOpenApi(server, options.health.version);
  addSurfaceRoutes(server, options);
  addResponsesRoutes(server, options);
  addAdminRoutes(server, options.admin);
  addUsageRoutes(server, options.usage);
  addOverviewRoutes(server, options.overview);
  addMetricsRoute(server, options.metrics);
  addConnectRoutes(server, options.packageRoot);
  options.dashboard.addRoutes(server);
  return server;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new OcpError('invalid_json', `The body is not valid JSON: ${(error as Error).message}`);
  }
}
