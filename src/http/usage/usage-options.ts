import type { AuthMode } from '../../config/config.ts';
import type { AuditLog } from '../../store/audit.ts';
import type { KeyStore } from '../../store/keys.ts';
import type { Reader } from '../../store/reading/reader.ts';
import type { UsageLog } from '../../store/usage-log.ts';
import type { Log } from '../log.ts';
import type { MeRouteOptions } from './me-route.ts';

export interface UsageRouteOptions extends MeRouteOptions {
  readonly mode: AuthMode;
  readonly keys: KeyStore;
  readonly audit: AuditLog;
  readonly log: Log;
  readonly usageLog: Pick<UsageLog, 'flush'>;
  readonly reader: Reader;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
}
