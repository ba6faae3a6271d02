import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { RequestRecord } from '../../gateway/record.ts';
import type { AuditEvent, AuditLog } from '../../store/audit.ts';
import type { KeyStore } from '../../store/keys.ts';
import type { IdentityRules } from '../identity.ts';
import type { LogRing } from '../log-ring.ts';
import { keyOwner } from '../owner.ts';
import { usageRow } from '../usage/usage-record.ts';
import { namer, requestView } from '../usage/usage-view.ts';
import { addEventsRoute } from './events-route.ts';
import { LiveFeed } from './live-feed.ts';
import type { LiveSource } from './live-views.ts';
import type { SessionKeeper } from './login-sessions.ts';
import { LoginSessions } from './login-sessions.ts';
import { News } from './news.ts';
import { addPageRoutes } from './page-routes.ts';
import { addSessionRoutes } from './session-routes.ts';

export interface DashboardOptions extends LiveSource {
  readonly packageRoot: string;
  readonly identity: IdentityRules;
  readonly keys: KeyStore;
  readonly audit: AuditLog;
  readonly logs: LogRing;
  /** Where logins are kept over a restart. */
  readonly logins: SessionKeeper;
  readonly refreshPlan: () => void;
}

/** The server's side of the dashboard. */
export interface Dashboard {
  readonly sessions: LoginSessions;
  /** Tells the open pages of a request that is over. */
  onRecord(record: RequestRecord): void;
  /** Asks of every open page whether its viewer may still see it. */
  recheck(): void;
  addRoutes(server: FastifyInstance): void;
  /** Ends the open pages' streams. */
  close(): void;
}

/** Puts the server's side of the dashboard together. */
export function createDashboard(options: DashboardOptions): Dashboard {
  const { identity, keys, audit, logs, health, packageRoot } = options;
  const { mode } = identity;
  const { now } = health;
  const news = new News();
  const sessions = new LoginSessions({ rules: identity, keeper: options.logins, now, randomBytes });
  const feed = new LiveFeed({ ...options, news, run: randomBytes(6).toString('base64url') });
  const nameOf = namer(keys);
  logs.onLine = (entry) => news.publish('log', entry);
  audit.onAppend = ({ actor, action, target }) => {
    news.publish('audit', { actor, action, target });
    const account = accountIn({ action, target });
    if (account !== undefined) news.publish('me', {}, account);
  };
  return {
    sessions,
    onRecord(record) {
      const row = usageRow(record, now());
      news.publish('request', { ...requestView(row, nameOf(row)), at: row.at }, row.account);
    },
    recheck: () => feed.recheck(),
    addRoutes(server) {
      addSessionRoutes(server, { mode, sessions, audit });
      addEventsRoute(server, {
        mode,
        feed,
        sessions,
        isUsable: (keyId) => keys.usable(keyId) !== undefined,
        findKey: (name) => keys.get(name),
      });
      addPageRoutes(server, join(packageRoot, 'dist', 'dashboard'));
    },
    close() {
      logs.onLine = undefined;
      feed.close();
    },
  };
}

/** The account of the key that a change was about. */
function accountIn({ action, target }: Pick<AuditEvent, 'action' | 'target'>): string | undefined {
  const id = /^key (\d+) /u.exec(target)?.[1];
  return id === undefined || !action.startsWith('key.') ? undefined : keyOwner(Number(id));
}
