import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StorageTrouble } from '../wire/storage-trouble.ts';
import { storageTroubleOf, storageTroubles } from '../wire/storage-trouble.ts';

/** How often a database in trouble is tried again, ms. */
const TRY_AGAIN_MS = 1000;
/** How often the files are looked at, ms. */
const LOOK_MS = 2000;

/** How the database is. */
export interface StorageState {
  readonly state: 'ok' | StorageTrouble;
  /** What is wrong, in words; null when nothing is. */
  readonly problem: string | null;
  /** Since when, Unix ms; null when nothing is wrong. */
  readonly since: number | null;
}

/**
 * Whether the database can be used. It hears of every failure and of every write that succeeded; while something is wrong, it
 * tries again by itself, so that the state ends with its cause.
 */
export class StorageHealth {
  readonly #now: () => number;
  #trouble: { readonly kind: StorageTrouble; readonly since: number } | undefined;
  #try: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  /** Since when the database's own files are not the ones that are open, Unix ms. */
  #replacedSince: number | undefined;

  /** `now` is the wall clock, Unix ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get state(): StorageState {
    if (this.#replacedSince !== undefined) {
      return { state: 'replaced', problem: storageTroubles.replaced, since: this.#replacedSince };
    }
    if (this.#trouble === undefined) return { state: 'ok', problem: null, since: null };
    const { kind, since } = this.#trouble;
    return { state: kind, problem: storageTroubles[kind], since };
  }

  /** Watches a connection: everything that is prepared or run on it from now on. */
  watch(database: DatabaseSync): void {
    const prepare = database.prepare.bind(database);
    const exec = database.exec.bind(database);
    database.prepare = (sql) => this.#watched(this.#heard(() => prepare(sql)));
    database.exec = (sql) => this.#heard(() => exec(sql));
    this.#try ??= () => {
      const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
      database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${Number(version)}; COMMIT`);
      this.#trouble = undefined;
    };
  }

  /**
   * Watches the files of an open database. SQLite goes on with a file that was deleted or replaced, and notices nothing; the
   * state ends when the same file is back.
   */
  watchFiles(path: string): void {
    const files = [path, `${path}-wal`];
    const opened = files.map(identityOf);
    this.#looking = setInterval(() => {
      const isSame = files.every((file, index) => {
        const found = identityOf(file);
        // The write-ahead log may be made later.
        opened[index] ??= found;
        return found === opened[index];
      });
      this.#replacedSince = isSame ? undefined : (this.#replacedSince ?? this.#now());
    }, LOOK_MS);
    this.#looking.unref();
  }

  close(): void {
    clearInterval(this.#looking);
    clearInterval(this.#timer);
  }

  #watched(statement: StatementSync): StatementSync {
    const run = statement.run.bind(statement);
    const get = statement.get.bind(statement);
    const all = statement.all.bind(statement);
    statement.run = ((...values: Parameters<typeof run>) => {
      const result = this.#heard(() => run(...values));
      this.#trouble = undefined;
      return result;
    }) as typeof run;
    statement.get = ((...values: Parameters<typeof get>) => this.#heard(() => get(...values))) as typeof get;
    statement.all = ((...values: Parameters<typeof all>) => this.#heard(() => all(...values))) as typeof all;
    return statement;
  }

  #heard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  #note(error: unknown): void {
    const kind = storageTroubleOf(error);
    if (kind === undefined) return;
    if (this.#trouble?.kind !== kind) this.#trouble = { kind, since: this.#now() };
    this.#timer ??= setInterval(() => this.#tryAgain(), TRY_AGAIN_MS).unref();
  }

  #tryAgain(): void {
    if (this.#trouble !== undefined) {
      try {
        this.#try?.();
      } catch {
        return;
      }
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** Tells one file from another at the same path; undefined where there is none that can be seen. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
