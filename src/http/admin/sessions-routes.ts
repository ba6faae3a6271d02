import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Logins } from '../../claude/logins.ts';
import type { Sessions, SessionSummary } from '../../gateway/sessions.ts';
import type { AuditLog } from '../../store/audit.ts';
import { audit } from './audited.ts';
import { isoTime } from './key-view.ts';

export interface SessionsRouteOptions {
  readonly sessions: Sessions;
  readonly logins: Logins;
  readonly audit: AuditLog;
}

const session = z.strictObject({
  /** The client's own name of the conversation. */
  id: z.string(),
  uuid: z.string(),
  /** Whose it is: a role, or `key:` and the key's id. */
  owner: z.string(),
  model: z.string(),
  messages: z.int(),
  lastUsed: z.iso.datetime(),
});
const listAnswer = z.strictObject({
  sessions: z.array(session),
  /** Workers that wait for the next message of a conversation, named or not. */
  liveConversations: z.int(),
});
const clearedAnswer = z.strictObject({ cleared: z.int() });

/** `/sessions`: conversations that clients gave a name. Contract: "HTTP surface" of OCP's HTTP contract. */
export function addSessionsRoutes(server: FastifyInstance, options: SessionsRouteOptions): void {
  const { sessions, logins } = options;
  server.get(
    '/sessions',
    { config: { access: 'admin', docs: { summary: 'List the named conversations', answers: { 200: listAnswer } } } },
    () => ({ sessions: sessions.list().map(shown), liveConversations: logins.conversations }),
  );
  server.delete(
    '/sessions',
    {
      config: {
        access: 'admin',
        docs: { summary: 'Forget every conversation and end the workers that wait', answers: { 200: clearedAnswer } },
      },
    },
    (request) => {
      const cleared = sessions.clear(() => true);
      logins.endConversations(() => true);
      audit(options.audit, request, { action: 'sessions.clear', target: 'sessions', before: null, after: { cleared } });
      return { cleared };
    },
  );
}

function shown({ id, owner, model, messages, lastUsed }: SessionSummary): z.input<typeof session> {
  return { id, uuid: uuidOf(owner, id), owner, model, messages, lastUsed: isoTime(lastUsed) };
}

/** One name for one conversation of one owner, in the form of a UUID (RFC 9562, version 8). */
function uuidOf(owner: string, id: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([owner, id]))
    .digest('hex');
  const variant = '89ab'[Number.parseInt(hex.slice(16, 17), 16) % 4] ?? '8';
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
