import type { AuthMode } from '../../config/config.ts';
import type { AuditLog } from '../../store/audit.ts';
import type { KeyStore } from '../../store/keys.ts';
import type { UsageLog } from '../../store/usage-log.ts';
import type { UsageQuery } from '../../store/usage-query.ts';
import type { UsageStatistics } from '../../store/usage-statistics.ts';
import type { Log } from '../log.ts';
import type { MeRouteOptions } from './me-route.ts';

export interface UsageRouteOptions extends MeRouteOptions {
  readonly mode: AuthMode;
  readonly keys: KeyStore;
  readonly audit: AuditLog;
  readonly log: Log;
  readonly usageLog: Pick<UsageLog, 'flush'>;
  readonly usage: UsageQuery;
  readonly statistics: UsageStatistics;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
}
