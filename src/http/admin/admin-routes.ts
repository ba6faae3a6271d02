import type { FastifyInstance } from 'fastify';
import { addAuditRoutes } from './audit-routes.ts';
import type { CacheRouteOptions } from './cache-routes.ts';
import { addCacheRoutes } from './cache-routes.ts';
import type { DoctorRouteOptions } from './doctor-routes.ts';
import { addDoctorRoutes } from './doctor-routes.ts';
import type { KeysRouteOptions } from './keys-routes.ts';
import { addKeysRoutes } from './keys-routes.ts';
import type { LogRing } from '../log-ring.ts';
import { addLogsRoutes } from './logs-routes.ts';
import type { ProfilesRouteOptions } from './profiles-routes.ts';
import { addProfilesRoutes } from './profiles-routes.ts';
import type { QuotaRouteOptions } from './quota-routes.ts';
import { addQuotaRoutes } from './quota-routes.ts';
import type { Reader } from '../../store/reading/reader.ts';
import type { SessionsRouteOptions } from './sessions-routes.ts';
import { addSessionsRoutes } from './sessions-routes.ts';
import type { SettingsRouteOptions } from './settings-routes.ts';
import { addSettingsRoutes } from './settings-routes.ts';

export interface AdminOptions
  extends
    KeysRouteOptions,
    QuotaRouteOptions,
    SettingsRouteOptions,
    SessionsRouteOptions,
    CacheRouteOptions,
    DoctorRouteOptions,
    ProfilesRouteOptions {
  readonly logs: LogRing;
  readonly reader: Reader;
}

/** Every endpoint of whoever administers OCP. */
export function addAdminRoutes(server: FastifyInstance, options: AdminOptions): void {
  addKeysRoutes(server, options);
  addQuotaRoutes(server, options);
  addSettingsRoutes(server, options);
  addSessionsRoutes(server, options);
  addCacheRoutes(server, options);
  addLogsRoutes(server, options.logs);
  addAuditRoutes(server, options.audit, options.reader);
  addDoctorRoutes(server, options);
  addProfilesRoutes(server, options);
}
