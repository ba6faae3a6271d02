import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import type { Config } from '../config/config.ts';
import type { AdminOptions } from './admin/admin-routes.ts';
import { addAdminRoutes } from './admin/admin-routes.ts';
import { addConnectRoutes } from './connect-routes.ts';
import { addBodyParser } from './body/body-parser.ts';
import type { PaceRules } from './body/upload-pace.ts';
import { usualPace } from './body/upload-pace.ts';
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

/** How long a request may take to arrive, ms; a little more than its body may. */
const REQUEST_TIMEOUT_MS = usualPace.deadlineMs + 30_000;

export interface ServerOptions extends Omit<EntranceOptions, 'routes'>, SurfaceRouteOptions, ResponsesRouteOptions {
  readonly config: Config;
  readonly admin: AdminOptions;
  readonly usage: UsageRouteOptions;
  readonly overview: OverviewOptions;
  readonly metrics: () => readonly Metric[];
  /** The folder of OCP's package.json. */
  readonly packageRoot: string;
  readonly dashboard: Pick<Dashboard, 'addRoutes'>;
  /** Instead of the usual one; for tests. */
  readonly uploadPace?: PaceRules | undefined;
}

/** The HTTP server with its routes. What reaches a route has passed the Host and Origin gate and has a known caller. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { config, log } = options;
  const server = fastify({
    // What a person types after an address, and some clients after a base URL.
    routerOptions: { ignoreTrailingSlash: true },
    // For what is no body: that has a least pace and a deadline of its own (body/upload-pace.ts).
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    genReqId: newRequestId,
    // An address that cannot be decoded never reaches a hook or a handler.
    frameworkErrors: (error, request, reply) => {
      setCommonHeaders(request, reply, config.corsOrigins);
      void sendError(request, reply, fromFastify(error));
    },
    clientErrorHandler: (error, socket) => answerMalformed(error, socket),
  });
  const routes = new KnownRoutes();
  server.addHook('onRoute', ({ method, url }) => routes.add(method, url));
  server.decorateRequest('caller');
  server.decorateRequest('door');
  server.decorateRequest('loginSession');
  server.addHook('onRequest', async (request, reply) => enter(request, reply, { ...options, routes }));
  addBodyParser(server, options);
  server.setErrorHandler(async (error, request, reply) => {
    const shown = await afterRefusal(fromFastify(error), request, reply, { ...options, routes });
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
