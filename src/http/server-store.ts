import type { Config } from '../config/config.ts';
import { openStore } from '../store/database.ts';
import { ResponseStore } from '../store/responses.ts';
import type { Log } from './log.ts';

const BYTES_PER_MIB = 1_048_576;
/** Anthropic takes no request that is larger. */
const MAX_HISTORY_BYTES = 32 * BYTES_PER_MIB;
/** How often what has expired is removed, ms. */
const SWEEP_MS = 3_600_000;

/** What the server keeps in its database. */
export interface ServerStore {
  readonly responses: ResponseStore;
  close(): void;
}

/** Opens the database in OCP's home and clears away what has expired, now and every hour. Raises StoreError. */
export async function openServerStore(config: Config, now: () => number, log: Log): Promise<ServerStore> {
  const store = await openStore(config.home);
  const responses = new ResponseStore({
    database: store.quick,
    ttlMs: () => config.responsesTtl,
    maxBytes: config.responsesMaxMb * BYTES_PER_MIB,
    maxHistoryBytes: MAX_HISTORY_BYTES,
    now,
  });
  const sweep = (): void => {
    try {
      responses.sweep();
    } catch (error) {
      log.error({ err: error }, 'sweep_failed');
    }
  };
  sweep();
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  return {
    responses,
    close() {
      clearInterval(timer);
      store.close();
    },
  };
}
