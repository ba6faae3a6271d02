import type { KeyLimits, KeyRecord } from './key-record.ts';
import { noLimits } from './key-record.ts';
import type { KeyToken } from './key-index.ts';
import { keyPreview } from './key-text.ts';

type Row = Readonly<Record<string, unknown>>;
/** The parameters of a statement, by name. */
export type Parameters = Record<string, string | number | null>;

/** The SQL of the keys (keys.ts), by what each statement does. */
export const keyStatements = {
  all: 'SELECT * FROM keys ORDER BY id',
  tokens: 'SELECT digest, key_id, expires_at FROM key_tokens',
  add: `
    INSERT INTO keys (name, last4, created_at, last_used_at, expires_at, revoked_at, enabled, note, profile, models,
      default_model, server_tools, limits, imported_id)
    VALUES (:name, :last4, :createdAt, NULL, :expiresAt, :revokedAt, :enabled, :note, :profile, :models,
      :defaultModel, :serverTools, :limits, :importedId)`,
  change: `
    UPDATE keys SET name = :name, expires_at = :expiresAt, enabled = :enabled, note = :note, profile = :profile,
      models = :models, default_model = :defaultModel, server_tools = :serverTools, limits = :limits
    WHERE id = :id`,
  revoke: 'UPDATE keys SET revoked_at = ? WHERE id = ?',
  use: 'UPDATE keys SET last_used_at = ? WHERE id = ?',
  newLast4: 'UPDATE keys SET last4 = ? WHERE id = ?',
  addToken: 'INSERT INTO key_tokens (digest, key_id, created_at, expires_at) VALUES (?, ?, ?, ?)',
  expireToken: 'UPDATE key_tokens SET expires_at = ? WHERE digest = ?',
  removeToken: 'DELETE FROM key_tokens WHERE digest = ?',
  removeTokensOf: 'DELETE FROM key_tokens WHERE key_id = ?',
} as const;

/** The part of a key that the admin chooses, as parameters of `add` and `change`. */
export function keyParameters(
  key: Omit<KeyRecord, 'id' | 'preview' | 'createdAt' | 'lastUsedAt' | 'revokedAt'>,
): Parameters {
  return {
    name: key.name,
    expiresAt: key.expiresAt,
    enabled: Number(key.enabled),
    note: key.note,
    profile: key.profile,
    models: key.models === null ? null : JSON.stringify(key.models),
    defaultModel: key.defaultModel,
    serverTools: Number(key.serverTools),
    limits: JSON.stringify(key.limits) === JSON.stringify(noLimits) ? null : JSON.stringify(key.limits),
  };
}

export function keyRecord(row: Row): KeyRecord {
  return {
    id: Number(row['id']),
    name: String(row['name']),
    preview: keyPreview(String(row['last4'])),
    createdAt: Number(row['created_at']),
    lastUsedAt: numberOrNull(row['last_used_at']),
    expiresAt: numberOrNull(row['expires_at']),
    revokedAt: numberOrNull(row['revoked_at']),
    enabled: row['enabled'] === 1,
    note: String(row['note']),
    profile: String(row['profile']),
    models: (json(row['models']) as readonly string[] | undefined) ?? null,
    defaultModel: typeof row['default_model'] === 'string' ? row['default_model'] : null,
    serverTools: row['server_tools'] === 1,
    limits: limitsOf(row['limits']),
  };
}

export function keyToken(row: Row): KeyToken {
  return {
    keyId: Number(row['key_id']),
    digest: Buffer.from(row['digest'] as Uint8Array),
    expiresAt: numberOrNull(row['expires_at']),
  };
}

/** A limit that did not exist when the row was written is none. */
function limitsOf(value: unknown): KeyLimits {
  const kept = json(value) as Partial<KeyLimits> | undefined;
  return kept === undefined ? noLimits : { ...noLimits, ...kept };
}

function json(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : undefined;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
