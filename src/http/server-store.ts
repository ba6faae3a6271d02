import { randomBytes } from 'node:crypto';
import type { Plan } from '../claude/plan.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/error.ts';
import { AuditLog } from '../store/audit.ts';
import type { Store } from '../store/database.ts';
import { openStore } from '../store/database.ts';
import { KeptAnswers } from '../store/kept-answers.ts';
import { KeyStore } from '../store/keys.ts';
import { KnownPlacesStore } from '../store/known-places.ts';
import { LoginSessionStore } from '../store/login-sessions.ts';
import { PlanStore } from '../store/plans.ts';
import { Reader } from '../store/reading/reader.ts';
import type { StorageState } from '../store/storage-health.ts';
import { StorageHealth } from '../store/storage-health.ts';
import { SettingsStore } from '../store/settings.ts';
import { importUpstream } from '../store/upstream.ts';
import { upstreamKeys } from '../store/upstream-keys.ts';
import { upstreamUsage } from '../store/upstream-usage.ts';
import { UsageLog } from '../store/usage-log.ts';
import { KeptResponses } from './kept-responses/kept-responses.ts';
import type { Log } from './log.ts';
import { RuntimeSettings } from './runtime-settings.ts';

const BYTES_PER_MIB = 1_048_576;
/** Anthropic takes no request that is larger. */
const MAX_HISTORY_BYTES = 32 * BYTES_PER_MIB;
/** How often what has expired is removed, ms. */
const SWEEP_MS = 600_000;
/** By how much the wall clock may move against the monotonic one between two sweeps, ms. */
const JUMP_MS = 60_000;
const DAY_MS = 86_400_000;

/** The database, for `/health`. */
export interface StorageView extends StorageState {
  /** Rows of usage that wait in memory to be written, and those that were lost because too many waited. */
  readonly usageWaiting: number;
  readonly usageDropped: number;
}

/** What the server keeps in its database. */
export interface ServerStore {
  readonly store: Store;
  readonly responses: KeptResponses;
  /** Answers of the response cache. */
  readonly answers: KeptAnswers;
  readonly keys: KeyStore;
  readonly audit: AuditLog;
  readonly settings: RuntimeSettings;
  readonly usage: UsageLog;
  readonly plans: PlanStore<Plan>;
  /** Where secrets that people chose were right before. */
  readonly knownPlaces: KnownPlacesStore;
  /** Logins of the dashboard. */
  readonly logins: LoginSessionStore;
  /** For questions about many rows. */
  readonly reader: Reader;
  /** Whether the database can be used, and how much of the usage waits for it. */
  readonly health: () => StorageView;
  close(): void;
}

/**
 * Opens the database in OCP's home, takes over what an earlier product left there, and clears away what has expired every
 * ten minutes, while the clock goes as it should. `now` is the wall clock, Unix ms; `steady` the monotonic one. Raises StoreError, and ConfigError for what the keys in it do not allow.
 */
export async function openServerStore(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  now: () => number,
  log: Log,
  steady: () => number = () => performance.now(),
): Promise<ServerStore> {
  const health = new StorageHealth(now);
  const onProgress = (what: string): void => log.warn({ what }, 'starting');
  const store = await openStore(config.home, undefined, { health, onProgress });
  using opening = new DisposableStack();
  opening.defer(() => store.close());
  health.watchFiles(store.path);
  opening.defer(() => health.close());
  const responses = new KeptResponses({
    path: store.path,
    database: store.quick,
    ttlMs: () => config.responsesTtl,
    maxBytes: config.responsesMaxMb * BYTES_PER_MIB,
    maxHistoryBytes: MAX_HISTORY_BYTES,
    now,
    onError: (error) => log.error({ err: error }, 'responses_not_removed'),
  });
  opening.defer(() => responses.close());
  const answers = new KeptAnswers({
    db: store.quick,
    maxBytes: config.cacheMaxMb * BYTES_PER_MIB,
    onError: (error) => log.error({ err: error }, 'answer_not_kept'),
  });
  opening.defer(() => answers.close());
  const keys = new KeyStore({
    store,
    now,
    randomBytes,
    onError: (error) => log.error({ err: error }, 'last_use_not_stored'),
  });
  const settings = new RuntimeSettings({ config, env, store: new SettingsStore(store.durable, now) });
  const usage = new UsageLog({
    database: store.quick,
    onError: (error) => log.error({ err: error }, 'usage_not_stored'),
  });
  opening.defer(() => usage.close());
  const plans = new PlanStore<Plan>({
    database: store.quick,
    onError: (error) => log.error({ err: error }, 'plan_not_stored'),
  });
  const reader = new Reader({ path: store.path });
  opening.defer(() => void reader.close());
  takeOver(store, keys, now, log);
  if (mayNotSkipPermissions(config, keys)) {
    throw new ConfigError(
      'CLAUDE_SKIP_PERMISSIONS',
      'CLAUDE_SKIP_PERMISSIONS is true, but no key is marked for server tools, and CLAUDE_AUTH_MODE is multi: start ' +
        'without it and set serverTools for the key that it is meant for',
    );
  }
  let ahead = now() - steady();
  const sweep = (): void => {
    const before = ahead;
    ahead = now() - steady();
    // What is removed does not come back once the clock is right again.
    if (Math.abs(ahead - before) > JUMP_MS) return;
    responses.sweep();
    answers.sweep(now() - settings.number('cacheTTL'));
    usage.sweep(now() - config.usageDays * DAY_MS, now());
  };
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  opening.move();
  return {
    store,
    responses,
    answers,
    keys,
    audit: new AuditLog(store.durable, now),
    settings,
    usage,
    plans,
    knownPlaces: new KnownPlacesStore({
      database: store.quick,
      now,
      onError: (error) => log.error({ err: error }, 'known_place_not_stored'),
    }),
    logins: new LoginSessionStore({
      database: store.quick,
      onError: (error) => log.error({ err: error }, 'login_not_stored'),
    }),
    reader,
    health: () => ({ ...health.state, usageWaiting: usage.backlog.waiting, usageDropped: usage.backlog.dropped }),
    close() {
      void reader.close();
      health.close();
      clearInterval(timer);
      responses.close();
      answers.close();
      keys.flush();
      usage.close();
      plans.flush();
      store.close();
    },
  };
}

/** Where people have keys, tools without checks are for those whom the admin chose, and somebody must have been chosen. */
function mayNotSkipPermissions({ authMode, skipPermissions }: Config, keys: KeyStore): boolean {
  return (
    authMode === 'multi' && skipPermissions && !keys.list().some((key) => key.serverTools && key.revokedAt === null)
  );
}

/** An earlier database that cannot be read keeps nobody from starting; it is tried again at the next start. */
function takeOver(store: Store, keys: KeyStore, now: () => number, log: Log): void {
  try {
    const parts = importUpstream(store, [upstreamKeys(keys), upstreamUsage(store.durable)], now);
    if (parts.length > 0) log.info({ parts, keys: keys.size }, 'imported');
  } catch (error) {
    log.error({ err: error }, 'import_failed');
  }
}
