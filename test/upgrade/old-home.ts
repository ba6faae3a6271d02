import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const HOUR_MS = 3_600_000;
const KEYS = 20;
/** Bytes of one kept response. */
const RESPONSE_BYTES = 25_000;

export interface OldHome {
  readonly database: string;
  /** The text of the first key. */
  readonly key: string;
  readonly requests: number;
  readonly audit: number;
  readonly responses: number;
}

export interface OldHomeSize {
  readonly requests: number;
  readonly responseMb: number;
  /** Unix ms: when it was used last. */
  readonly now: number;
}

/** Fills a folder with what OCP 0.1.0 leaves behind: usage with its sums, kept responses, keys, settings and an audit log. */
export function makeOldHome(folder: string, { requests, responseMb, now }: OldHomeSize): OldHome {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = join(folder, 'ocp.db');
  const db = new DatabaseSync(database);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  db.exec(readFileSync(join(import.meta.dirname, 'schema-0.1.0.sql'), 'utf8'));
  db.exec('BEGIN');
  const keys = addKeys(db, now);
  addUsage(db, requests, now);
  const responses = Math.floor((responseMb * 1_000_000) / RESPONSE_BYTES);
  addResponses(db, responses, now);
  const audit = addAudit(db, 500, now);
  db.exec("INSERT INTO settings VALUES ('maxConcurrent', '5', 0)");
  db.exec("INSERT INTO kept_answers VALUES ('k', '{}', 2, 0, 0)");
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  return { database, key: keys[0] ?? '', requests, audit, responses };
}

function addKeys(db: DatabaseSync, now: number): readonly string[] {
  const add = db.prepare(
    "INSERT INTO keys (name, last4, created_at, enabled, note, profile, server_tools) VALUES (?, ?, ?, 1, '', 'default', 0)",
  );
  const token = db.prepare('INSERT INTO key_tokens (digest, key_id, created_at) VALUES (?, ?, ?)');
  return Array.from({ length: KEYS }, (_, index) => {
    const text = `ocp_${String(index).padStart(32, 'k')}`;
    const { lastInsertRowid } = add.run(`key ${index}`, text.slice(-4), now);
    token.run(createHash('sha256').update(text).digest(), lastInsertRowid, now);
    return text;
  });
}

/** Over the last ninety days. */
function addUsage(db: DatabaseSync, requests: number, now: number): void {
  const step = Math.floor((90 * 24 * HOUR_MS) / requests);
  db.prepare(`
    WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?)
    INSERT INTO usage_requests (at, account, caller, surface, client, model_asked, model_answered, outcome, prompt_chars,
      response_chars, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, usd, first_event_ms, duration_ms,
      source, replayed)
    SELECT ? - n * ${step}, 'key:' || (1 + n % ${KEYS}), 'key', 'openai-chat', 'curl', 'sonnet', 'claude-' || (n % 3),
      CASE WHEN n % 50 = 0 THEN 'timeout' ELSE 'ok' END, 1000, 100, 300, 30, 0, 0, 0.01, 700, 900, 'live', 0 FROM numbers`).run(
    requests,
    now,
  );
  db.exec(`
    INSERT INTO usage_hours
      SELECT at / 3600000, account, model_answered, caller, min(at), max(at), count(*), sum(outcome = 'ok'), 0,
        sum(prompt_chars), sum(response_chars), sum(input_tokens), sum(output_tokens), 0, 0, sum(usd), sum(duration_ms),
        count(*), sum(first_event_ms) FROM usage_requests GROUP BY 1, 2, 3;
    INSERT INTO usage_errors
      SELECT at / 3600000, account, model_answered, outcome, count(*) FROM usage_requests WHERE outcome <> 'ok'
      GROUP BY 1, 2, 3, 4;
    INSERT INTO usage_first_events
      SELECT 'day', at / 86400000, account, model_answered, 37, count(*) FROM usage_requests GROUP BY 2, 3, 4;`);
}

function addResponses(db: DatabaseSync, count: number, now: number): void {
  const chain = db.prepare('INSERT INTO response_chains (id, owner, used_at, bytes) VALUES (?, ?, ?, ?)');
  const response = db.prepare(
    'INSERT INTO responses (id, chain_id, previous_id, bytes, body) VALUES (?, ?, NULL, ?, ?)',
  );
  const item = db.prepare(
    'INSERT INTO response_items (response_id, part, position, item_id, body) VALUES (?, ?, 0, ?, ?)',
  );
  const text = 'x'.repeat(RESPONSE_BYTES - 400);
  for (let number = 1; number <= count; number += 1) {
    const id = `resp_${number}`;
    const body = JSON.stringify({ id, object: 'response', status: 'completed', model: 'claude-x', created_at: 1 });
    const content = [{ type: 'input_text', text }];
    const input = JSON.stringify({ type: 'message', role: 'user', id: `msg_in${number}`, content });
    const said = [{ type: 'output_text', text: 'yes', annotations: [] }];
    const output = JSON.stringify({ type: 'message', role: 'assistant', id: `msg_out${number}`, content: said });
    const bytes = body.length + input.length + output.length;
    chain.run(number, `key:${1 + (number % KEYS)}`, now - number, bytes);
    response.run(id, number, bytes, body);
    item.run(id, 'input', `msg_in${number}`, input);
    item.run(id, 'output', `msg_out${number}`, output);
  }
}

function addAudit(db: DatabaseSync, count: number, now: number): number {
  const add = db.prepare(`
    INSERT INTO audit (id, at, actor, action, target, before, after, address, request_id, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  let previous: Uint8Array = Buffer.alloc(32);
  for (let id = 1; id <= count; id += 1) {
    const columns = [
      id,
      now - count + id,
      'admin',
      'key.change',
      `key ${id}`,
      null,
      '{"note":"n"}',
      '127.0.0.1',
      `r${id}`,
    ];
    const hash = createHash('sha256').update(previous).update(JSON.stringify(columns)).digest();
    add.run(...columns, previous, hash);
    previous = hash;
  }
  return count;
}
