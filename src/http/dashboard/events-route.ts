import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuthMode } from '../../config/config.ts';
import type { FindKey } from '../call-origin.ts';
import { isAdmin } from '../identity.ts';
import { accountOf } from '../usage/account.ts';
import type { LiveFeed } from './live-feed.ts';
import type { LoginSessions } from './login-sessions.ts';
import type { Viewer } from './news.ts';
import { sessionIdOf } from './session-cookie.ts';

export interface EventsRouteOptions {
  readonly mode: AuthMode;
  readonly feed: LiveFeed;
  readonly sessions: LoginSessions;
  /** Whether a key of this id may be used now. */
  readonly isUsable: (keyId: number) => boolean;
  readonly findKey: FindKey;
}

const stranger: Viewer = { isAdmin: false, account: null };

/** `GET /api/events`: what happens, as it happens. */
export function addEventsRoute(server: FastifyInstance, options: EventsRouteOptions): void {
  server.get(
    '/api/events',
    {
      config: {
        access: 'anyone',
        docs: {
          summary:
            'Follow what happens, as server-sent events: everything for the admin, their own for others, and how OCP is doing for everybody',
          streams: true,
        },
      },
    },
    (request, reply) => {
      if (request.method === 'HEAD') return reply.type('text/event-stream; charset=utf-8').send();
      options.feed.open(request, reply, () => viewerOf(request, options));
      return reply;
    },
  );
}

/** Who looks on now: a session or a key may have ended since the request came. */
function viewerOf(request: FastifyRequest, options: EventsRouteOptions): Viewer | undefined {
  const { mode, sessions, isUsable, findKey } = options;
  const id = request.loginSession === undefined ? undefined : sessionIdOf(request.headers);
  const caller = id === undefined ? request.caller : sessions.find(id)?.caller;
  if (caller === undefined) return id === undefined ? stranger : undefined;
  if (caller.key !== null && !isUsable(caller.key.id)) return undefined;
  return { isAdmin: isAdmin(caller, mode), account: accountOf(caller, findKey) };
}
