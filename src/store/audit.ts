import { createHash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** What was done, as the one who does it tells it. */
export interface AuditEvent {
  /** The name of whoever did it. */
  readonly actor: string;
  /** `key.create`, `settings.change` and so on. */
  readonly action: string;
  /** What it was done to, such as `key 7 (laptop)`. */
  readonly target: string;
  /** What changed, as JSON values; null where there was or is nothing. Never a secret. */
  readonly before: unknown;
  readonly after: unknown;
  /** Where the request came from; null for what OCP did by itself. */
  readonly address: string | null;
  readonly requestId: string | null;
}

/** An event as it stands in the log. */
export interface AuditEntry extends AuditEvent {
  /** 1 for the first, without gaps. */
  readonly id: number;
  /** Unix ms. */
  readonly at: number;
  /** SHA-256 of this entry and of the one before, in hex. */
  readonly hash: string;
}

/** What checking the whole log found. */
export interface AuditCheck {
  readonly entries: number;
  /** The first entry that is not what was written, or null when all are. */
  readonly brokenAt: number | null;
  /** The hash of the last entry. Whoever keeps a copy elsewhere can tell when entries were cut off the end. */
  readonly lastHash: string;
}

const NO_HASH = Buffer.alloc(32);
const statements = {
  last: 'SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1',
  add: `
    INSERT INTO audit (id, at, actor, action, target, before, after, address, request_id, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  page: 'SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?',
  all: 'SELECT * FROM audit ORDER BY id',
} as const;

/**
 * The append-only log of what was administered. Each entry's hash covers the entry before, so an entry that is changed or
 * taken out later breaks every one that follows. The database's triggers refuse both as well.
 */
export class AuditLog {
  readonly #sql: Readonly<Record<keyof typeof statements, StatementSync>>;
  readonly #now: () => number;
  /** Hears of every entry, before its transaction is over. */
  onAppend: ((event: AuditEvent) => void) | undefined;

  /** `now` is the wall clock, Unix ms. */
  constructor(database: DatabaseSync, now: () => number) {
    const prepared = Object.entries(statements).map(([name, sql]) => [name, database.prepare(sql)]);
    this.#sql = Object.fromEntries(prepared) as Record<keyof typeof statements, StatementSync>;
    this.#now = now;
  }

  /** Adds an entry. Called within the transaction of what it tells of, where there is one. */
  append(event: AuditEvent): void {
    const last = this.#sql.last.get();
    const id = Number(last?.['id'] ?? 0) + 1;
    const previous = bytes(last?.['hash']) ?? NO_HASH;
    const { actor, action, target, address, requestId } = event;
    const columns = [id, this.#now(), actor, action, target, json(event.before), json(event.after), address, requestId];
    this.#sql.add.run(...columns, previous, hashOf(previous, columns));
    this.onAppend?.(event);
  }

  /** Entries before the one of this id, the newest first. */
  page(limit: number, before = Number.MAX_SAFE_INTEGER): readonly AuditEntry[] {
    return this.#sql.page.all(before, limit).map(entryOf);
  }

  /** Reads the whole log and checks every hash; see `verifyAudit`. */
  verify(): AuditCheck {
    return check(this.#sql.all.iterate());
  }
}

/** Reads the whole log and checks every hash. */
export function verifyAudit(database: DatabaseSync): AuditCheck {
  return check(database.prepare(statements.all).iterate());
}

function check(rows: Iterable<Row>): AuditCheck {
  let previous: Buffer = NO_HASH;
  let entries = 0;
  let brokenAt: number | null = null;
  for (const row of rows) {
    entries += 1;
    const hash = bytes(row['hash']) ?? NO_HASH;
    const isWhole = bytes(row['previous'])?.equals(previous) === true && hashOf(previous, columnsOf(row)).equals(hash);
    if (!isWhole || row['id'] !== entries) brokenAt ??= Number(row['id']);
    previous = hash;
  }
  return { entries, brokenAt, lastHash: previous.toString('hex') };
}

type Column = string | number | null;
type Row = Readonly<Record<string, unknown>>;

function columnsOf(row: Row): Column[] {
  const names = ['id', 'at', 'actor', 'action', 'target', 'before', 'after', 'address', 'request_id'];
  return names.map((name) => row[name] as Column);
}

/** JSON tells apart where one column ends and the next begins. */
function hashOf(previous: Buffer, columns: readonly Column[]): Buffer {
  return createHash('sha256').update(previous).update(JSON.stringify(columns)).digest();
}

function entryOf(row: Row): AuditEntry {
  return {
    id: Number(row['id']),
    at: Number(row['at']),
    actor: String(row['actor']),
    action: String(row['action']),
    target: String(row['target']),
    before: value(row['before']),
    after: value(row['after']),
    address: textOrNull(row['address']),
    requestId: textOrNull(row['request_id']),
    hash: (bytes(row['hash']) ?? NO_HASH).toString('hex'),
  };
}

function json(given: unknown): string | null {
  return given === null || given === undefined ? null : JSON.stringify(given);
}

function value(column: unknown): unknown {
  return typeof column === 'string' ? JSON.parse(column) : null;
}

function textOrNull(column: unknown): string | null {
  return typeof column === 'string' ? column : null;
}

function bytes(column: unknown): Buffer | undefined {
  return column instanceof Uint8Array ? Buffer.from(column) : undefined;
}
