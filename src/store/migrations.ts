/** One step of the schema. A released step is never changed; a new one is added behind it. */
export interface Migration {
  /** The `user_version` of a database that has this step: 1 for the first. */
  readonly version: number;
  /** Statements that run in one transaction. */
  readonly sql: string;
}

/**
 * Every step from an empty database to today's, in order.
 *
 * Times are Unix ms. `api_keys`, `usage_log` and `response_cache` are names of an earlier product's tables that may stand
 * in a file of the same name (docs/adr/0001-database-file.md): OCP's own tables are never called so.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      -- Responses that build on one another live and expire together.
      CREATE TABLE response_chains (
        id INTEGER PRIMARY KEY,
        owner TEXT NOT NULL,
        used_at INTEGER NOT NULL,
        bytes INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX response_chains_by_use ON response_chains (owner, used_at, bytes);

      -- body is the Response object without its output. A previous_id may name a response that was deleted since.
      CREATE TABLE responses (
        id TEXT PRIMARY KEY,
        chain_id INTEGER NOT NULL REFERENCES response_chains (id) ON DELETE CASCADE,
        previous_id TEXT,
        bytes INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX responses_by_chain ON responses (chain_id);

      CREATE TABLE response_items (
        response_id TEXT NOT NULL REFERENCES responses (id) ON DELETE CASCADE,
        part TEXT NOT NULL CHECK (part IN ('input', 'output')),
        position INTEGER NOT NULL,
        item_id TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (response_id, part, position)
      ) STRICT;
      CREATE INDEX response_items_by_id ON response_items (item_id);
    `,
  },
];
