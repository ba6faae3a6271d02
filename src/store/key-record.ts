/** A limit per window; null = none. */
export interface WindowLimits {
  /** A UTC calendar day. */
  readonly daily: number | null;
  /** The last 7 days, rolling. */
  readonly weekly: number | null;
  /** The last 30 days, rolling. */
  readonly monthly: number | null;
}

/** What a key may use. Every null means no limit. */
export interface KeyLimits {
  /** Successful requests. */
  readonly requests: WindowLimits;
  /** Tokens, in and out. */
  readonly tokens: WindowLimits;
  /** USD at list price. */
  readonly usd: WindowLimits;
  readonly requestsPerMinute: number | null;
  /** Turns that run or wait at the same time. */
  readonly concurrentTurns: number | null;
}

/** A person's key, without the key itself: only its digest is kept, and that never leaves the store. */
export interface KeyRecord {
  readonly id: number;
  /** Unique among the keys that are not revoked; `[A-Za-z0-9 ._-]{1,64}`. */
  readonly name: string;
  /** `ocp_...` and the last 4 characters, for people to recognise it. */
  readonly preview: string;
  /** Unix times, ms. */
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly expiresAt: number | null;
  /** A revoked key stays listed and never works again. */
  readonly revokedAt: number | null;
  readonly enabled: boolean;
  readonly note: string;
  /** The login whose workers serve this key; `default` is the operator's own. */
  readonly profile: string;
  /** Ids or aliases that the key may ask for; null = all. */
  readonly models: readonly string[] | null;
  /** The model of a request that names none; null = the server's. */
  readonly defaultModel: string | null;
  /** Whether the CLI's own tools may run on the server for this key. */
  readonly serverTools: boolean;
  readonly limits: KeyLimits;
}

const noWindows: WindowLimits = { daily: null, weekly: null, monthly: null };

/** A key that may use everything. */
export const noLimits: KeyLimits = {
  requests: noWindows,
  tokens: noWindows,
  usd: noWindows,
  requestsPerMinute: null,
  concurrentTurns: null,
};
