-- The database as OCP 0.1.0 makes it. Never changed: every later OCP has to open it.
PRAGMA application_id = 1329811505;
PRAGMA user_version = 5;

CREATE TABLE response_chains (
        id INTEGER PRIMARY KEY,
        owner TEXT NOT NULL,
        used_at INTEGER NOT NULL,
        bytes INTEGER NOT NULL
      ) STRICT;

CREATE INDEX response_chains_by_use ON response_chains (owner, used_at, bytes);

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

CREATE TRIGGER audit_has_no_gaps BEFORE INSERT ON audit
      WHEN NEW.id IS NOT (SELECT COALESCE(MAX(id), 0) + 1 FROM audit)
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TABLE imports (
        part TEXT PRIMARY KEY,
        done_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

CREATE TABLE kept_answers (
        key TEXT PRIMARY KEY,
        answer TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        kept_at INTEGER NOT NULL,
        hits INTEGER NOT NULL DEFAULT 0
      ) STRICT, WITHOUT ROWID;

CREATE INDEX kept_answers_by_age ON kept_answers (kept_at, bytes);

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

CREATE TABLE plans (
        profile TEXT PRIMARY KEY,
        plan TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

CREATE TABLE usage_errors (
        hour INTEGER NOT NULL,
        account TEXT NOT NULL,
        model TEXT NOT NULL,
        outcome TEXT NOT NULL,
        requests INTEGER NOT NULL,
        PRIMARY KEY (hour, account, model, outcome)
      ) STRICT, WITHOUT ROWID;

CREATE TABLE usage_first_events (
        period TEXT NOT NULL CHECK (period IN ('hour', 'day')),
        start INTEGER NOT NULL,
        account TEXT NOT NULL,
        model TEXT NOT NULL,
        step INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        PRIMARY KEY (period, start, account, model, step)
      ) STRICT, WITHOUT ROWID;

CREATE INDEX usage_requests_by_model ON usage_requests (model_answered, at);

CREATE INDEX usage_requests_failed ON usage_requests (at) WHERE outcome <> 'ok';
