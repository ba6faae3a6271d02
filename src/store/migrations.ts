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
 * in a file of the same name (docs/adr/0009-database-file.md): OCP's own tables are never called so.
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
  {
    version: 2,
    sql: `
      -- AUTOINCREMENT: what belongs to a key is found by its id, which must never come back.
      CREATE TABLE keys (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        last4 TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        last_used_at INTEGER,
        expires_at INTEGER,
        revoked_at INTEGER,
        enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
        note TEXT NOT NULL,
        profile TEXT NOT NULL,
        models TEXT,
        default_model TEXT,
        server_tools INTEGER NOT NULL CHECK (server_tools IN (0, 1)),
        limits TEXT,
        -- The key's id in the earlier product's database that it was imported from.
        imported_id INTEGER
      ) STRICT;
      CREATE UNIQUE INDEX keys_by_name ON keys (name) WHERE revoked_at IS NULL;

      -- What opens a key: the SHA-256 of its text. After a rotation the old text may work for a while longer.
      CREATE TABLE key_tokens (
        digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
        key_id INTEGER NOT NULL REFERENCES keys (id),
        created_at INTEGER NOT NULL,
        expires_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX key_tokens_by_key ON key_tokens (key_id);

      CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL,
        changed_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- hash covers every other column and previous, the hash of the entry before. before and after are JSON.
      CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT NOT NULL,
        before TEXT,
        after TEXT,
        address TEXT,
        request_id TEXT,
        previous BLOB NOT NULL,
        hash BLOB NOT NULL
      ) STRICT;
      CREATE TRIGGER audit_keeps_its_entries BEFORE UPDATE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
      CREATE TRIGGER audit_loses_nothing BEFORE DELETE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
      -- Also stops INSERT OR REPLACE, which deletes without asking a trigger.
      CREATE TRIGGER audit_has_no_gaps BEFORE INSERT ON audit
      WHEN NEW.id IS NOT (SELECT COALESCE(MAX(id), 0) + 1 FROM audit)
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

      -- What was taken over from an earlier product's database, part by part.
      CREATE TABLE imports (
        part TEXT PRIMARY KEY,
        done_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 3,
    sql: `
      -- answer is the whole message as JSON; key names everything that shaped it, and whose it is.
      CREATE TABLE kept_answers (
        key TEXT PRIMARY KEY,
        answer TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        kept_at INTEGER NOT NULL,
        hits INTEGER NOT NULL DEFAULT 0
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX kept_answers_by_age ON kept_answers (kept_at, bytes);
    `,
  },
  {
    version: 4,
    sql: `
      -- One row for each request, however it ended; at is when it did. See src/store/usage-row.ts.
      CREATE TABLE usage_requests (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        account TEXT NOT NULL,
        caller TEXT NOT NULL,
        surface TEXT NOT NULL,
        client TEXT NOT NULL,
        model_asked TEXT NOT NULL,
        model_answered TEXT,
        outcome TEXT NOT NULL,
        prompt_chars INTEGER NOT NULL,
        response_chars INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cache_read_tokens INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL,
        usd REAL NOT NULL,
        first_event_ms INTEGER,
        duration_ms INTEGER NOT NULL,
        source TEXT,
        replayed INTEGER NOT NULL CHECK (replayed IN (0, 1))
      ) STRICT;
      CREATE INDEX usage_requests_by_time ON usage_requests (at);
      CREATE INDEX usage_requests_by_account ON usage_requests (account, at);

      -- Their sums; hour counts from 1970, and model is empty where none answered.
      CREATE TABLE usage_hours (
        hour INTEGER NOT NULL,
        account TEXT NOT NULL,
        model TEXT NOT NULL,
        caller TEXT NOT NULL,
        first_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        successes INTEGER NOT NULL,
        cached INTEGER NOT NULL,
        prompt_chars INTEGER NOT NULL,
        response_chars INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cache_read_tokens INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL,
        usd REAL NOT NULL,
        duration_ms INTEGER NOT NULL,
        first_events INTEGER NOT NULL,
        first_event_ms INTEGER NOT NULL,
        PRIMARY KEY (hour, account, model)
      ) STRICT, WITHOUT ROWID;

      -- What the CLI said last about the plan of each login, as JSON.
      CREATE TABLE plans (
        profile TEXT PRIMARY KEY,
        plan TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 5,
    sql: `
      -- Failed requests by cause; hour and model as in usage_hours.
      CREATE TABLE usage_errors (
        hour INTEGER NOT NULL,
        account TEXT NOT NULL,
        model TEXT NOT NULL,
        outcome TEXT NOT NULL,
        requests INTEGER NOT NULL,
        PRIMARY KEY (hour, account, model, outcome)
      ) STRICT, WITHOUT ROWID;

      -- How many first events came how soon, by hour and by UTC day. Step n holds times from 2^(n/4) ms on.
      CREATE TABLE usage_first_events (
        period TEXT NOT NULL CHECK (period IN ('hour', 'day')),
        start INTEGER NOT NULL,
        account TEXT NOT NULL,
        model TEXT NOT NULL,
        step INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        PRIMARY KEY (period, start, account, model, step)
      ) STRICT, WITHOUT ROWID;

      -- For lists of one model's requests, and of failed ones.
      CREATE INDEX usage_requests_by_model ON usage_requests (model_answered, at);
      CREATE INDEX usage_requests_failed ON usage_requests (at) WHERE outcome <> 'ok';

      INSERT INTO usage_errors
        SELECT at / 3600000, account, ifnull(model_answered, ''), outcome, count(*)
        FROM usage_requests WHERE outcome <> 'ok' GROUP BY 1, 2, 3, 4;
      INSERT INTO usage_first_events
        SELECT 'hour', at / 3600000, account, ifnull(model_answered, ''),
          CAST(4 * log2(max(first_event_ms, 1)) AS INTEGER), count(*)
        FROM usage_requests WHERE first_event_ms IS NOT NULL GROUP BY 2, 3, 4, 5;
      INSERT INTO usage_first_events
        SELECT 'day', start / 24, account, model, step, sum(requests)
        FROM usage_first_events WHERE period = 'hour' GROUP BY 2, 3, 4, 5;
    `,
  },
  {
    version: 6,
    sql: `
      -- Who is logged in at the dashboard: digests of the cookie and of the key that opened it; times in Unix ms.
      CREATE TABLE login_sessions (
        id BLOB PRIMARY KEY,
        key BLOB NOT NULL,
        owner TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- Which secret was right at which address, as a digest of both together; the time in Unix ms.
      CREATE TABLE known_places (
        digest TEXT PRIMARY KEY,
        used_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 7,
    sql: `
      -- Requests that count towards quotas, and those of them that the cache answered: besides successes, what was hung up
      -- once the model had begun.
      ALTER TABLE usage_hours ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE usage_hours ADD COLUMN counted_cached INTEGER NOT NULL DEFAULT 0;
      UPDATE usage_hours SET counted = successes, counted_cached = cached;

      -- Whose an answer is, so that nobody pushes out what others keep. Keys hold more than before: no old one is found again.
      DROP TABLE kept_answers;
      CREATE TABLE kept_answers (
        key TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        answer TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        kept_at INTEGER NOT NULL,
        hits INTEGER NOT NULL DEFAULT 0
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX kept_answers_by_owner ON kept_answers (owner, kept_at, bytes);
      CREATE INDEX kept_answers_by_age ON kept_answers (kept_at);

      CREATE INDEX response_chains_by_age ON response_chains (used_at);
    `,
  },
];
