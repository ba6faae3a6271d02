import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './transaction.ts';

/** Plans are written together, at most this long after they changed, ms. */
const WRITE_AFTER_MS = 1000;

export interface PlanStoreOptions {
  /** The quick connection. */
  readonly database: DatabaseSync;
  readonly onError: (error: unknown) => void;
}

/** What is known of each login's plan, as JSON values by the name of the profile. */
export class PlanStore<Plan> {
  readonly #options: PlanStoreOptions;
  readonly #waiting = new Map<string, Plan>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PlanStoreOptions) {
    this.#options = options;
  }

  read(): ReadonlyMap<string, Plan> {
    const rows = this.#options.database.prepare('SELECT profile, plan FROM plans').all();
    return new Map(rows.map((row) => [String(row['profile']), JSON.parse(String(row['plan'])) as Plan]));
  }

  write(profile: string, plan: Plan): void {
    this.#waiting.set(profile, plan);
    this.#timer ??= setTimeout(() => this.flush(), WRITE_AFTER_MS).unref();
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const { database, onError } = this.#options;
    try {
      const put = database.prepare('INSERT OR REPLACE INTO plans (profile, plan) VALUES (?, ?)');
      inTransaction(database, () => {
        for (const [profile, plan] of this.#waiting) put.run(profile, JSON.stringify(plan));
      });
      this.#waiting.clear();
    } catch (error) {
      this.#timer = setTimeout(() => this.flush(), WRITE_AFTER_MS).unref();
      onError(error);
    }
  }
}
