import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { AuthMode } from '../../config/config.ts';
import type { AuditLog } from '../../store/audit.ts';
import { parseWith } from '../../wire/validate.ts';
import { keyDigest } from '../../store/key-text.ts';
import { audit } from '../admin/audited.ts';
import { doorOf } from '../door.ts';
import { isAdmin } from '../identity.ts';
import { jsonBodyOf } from '../body/body-parser.ts';
import type { LoginSession, LoginSessions } from './login-sessions.ts';
import { SESSION_LONGEST_MS } from './login-sessions.ts';
import { sessionCookie, sessionIdOf } from './session-cookie.ts';

export interface SessionRouteOptions {
  readonly mode: AuthMode;
  readonly sessions: LoginSessions;
  readonly audit: AuditLog;
}

/** Bytes of a body with a key in it. */
const LOGIN_BODY_BYTES = 2000;

const login = z.strictObject({
  /** The admin key, or the caller's own. */
  key: z.string().min(1).max(512),
});
const sessionAnswer = z.strictObject({
  /** Null for somebody who is not let in without a key. */
  role: z.enum(['admin', 'key', 'shared', 'anonymous', 'local', 'remote']).nullable(),
  name: z.string().nullable(),
  isAdmin: z.boolean(),
  authMode: z.enum(['none', 'shared', 'multi']),
  /** Sent in the header x-ocp-csrf with whatever changes something; null without a session. */
  csrf: z.string().nullable(),
  endsAt: z.iso.datetime().nullable(),
});
/** Opens a session with a key, which counts like one in a header: the right ones, and the wrong ones. */
function opened(request: FastifyRequest, key: string, sessions: LoginSessions): ReturnType<LoginSessions['open']> {
  const door = doorOf(request);
  try {
    const open = sessions.open(key, { place: door.place, mayTry: (secret) => door.mayTry(secret) });
    if (open.session.caller.role !== 'key' && open.session.caller.role !== 'anonymous') door.note([keyDigest(key)], []);
    return open;
  } catch (error) {
    door.note([], [keyDigest(key)]);
    throw error;
  }
}

const endedAnswer = z.strictObject({ ended: z.boolean() });

type SessionAnswer = z.input<typeof sessionAnswer>;

/** `/api/session`: logging in at the dashboard, and out. */
export function addSessionRoutes(server: FastifyInstance, { mode, sessions, audit: log }: SessionRouteOptions): void {
  const shown = (request: FastifyRequest, session: LoginSession | undefined): SessionAnswer => {
    const caller = session?.caller ?? request.caller;
    return {
      role: caller?.role ?? null,
      name: caller?.name ?? null,
      isAdmin: caller !== undefined && isAdmin(caller, mode),
      authMode: mode,
      csrf: session?.csrf ?? null,
      endsAt: session === undefined ? null : new Date(session.endsAt).toISOString(),
    };
  };
  server.post(
    '/api/session',
    {
      bodyLimit: LOGIN_BODY_BYTES,
      config: {
        access: 'public',
        docs: {
          summary: 'Log in with the admin key or your own; the answer sets a cookie',
          body: login,
          answers: { 200: sessionAnswer },
        },
      },
    },
    (request, reply) => {
      const { id, session } = opened(request, parseWith(login, jsonBodyOf(request)).key, sessions);
      const before = sessionIdOf(request.headers);
      if (before !== undefined) sessions.close(before);
      request.caller = session.caller;
      if (isAdmin(session.caller, mode)) {
        audit(log, request, { action: 'session.open', target: 'dashboard', before: null, after: null });
      }
      void reply.header('set-cookie', sessionCookie(request.headers, id, SESSION_LONGEST_MS));
      return shown(request, session);
    },
  );
  server.get(
    '/api/session',
    { config: { access: 'anyone', docs: { summary: 'Show who you are here', answers: { 200: sessionAnswer } } } },
    (request) => shown(request, request.loginSession),
  );
  server.delete(
    '/api/session',
    { config: { access: 'anyone', docs: { summary: 'Log out', answers: { 200: endedAnswer } } } },
    (request, reply) => {
      const id = sessionIdOf(request.headers);
      if (id !== undefined) {
        sessions.close(id);
        void reply.header('set-cookie', sessionCookie(request.headers, '', 0));
      }
      return { ended: request.loginSession !== undefined };
    },
  );
}
