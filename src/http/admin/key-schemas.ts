import * as z from 'zod';
import { quotaWindows } from '../../gateway/limits/types.ts';

const count = z.int().min(0).nullable();
/** USD; nobody has more. */
const amount = z.number().min(0).max(1_000_000_000).nullable();

/** An object with a member for each window, each of them optional. */
function windows<S extends z.ZodType>(limit: S) {
  return z.strictObject({ daily: limit.optional(), weekly: limit.optional(), monthly: limit.optional() });
}

/** Limits that are given change; null takes a limit away; what is left out stays. */
const limitsPatch = z.strictObject({
  requests: windows(count).optional(),
  tokens: windows(count).optional(),
  usd: windows(amount).optional(),
  requestsPerMinute: count.optional(),
  concurrentTurns: count.optional(),
});

/** What may be said of a key; what is left out stays as it is, or is the usual. */
export const keyPatch = z.strictObject({
  /** Letters, digits, spaces, dots, underscores and hyphens. */
  name: z.string().optional(),
  note: z.string().max(500).optional(),
  enabled: z.boolean().optional(),
  /** ISO 8601 with a time zone; null = never. */
  expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
  /** The login that answers for this key. */
  profile: z.string().min(1).max(64).optional(),
  /** Models that the key may ask for; null = all. */
  models: z.array(z.string().min(1).max(128)).max(100).nullable().optional(),
  /** The model of a request that names none; null = the server's. */
  defaultModel: z.string().min(1).max(128).nullable().optional(),
  /** Whether the CLI's own tools may run on the server for this key. */
  serverTools: z.boolean().optional(),
  limits: limitsPatch.optional(),
});

export type KeyPatch = z.output<typeof keyPatch>;

/** The longest time that a rotated key's old text may go on to work, ms: 30 days. */
const LONGEST_OVERLAP_MS = 2_592_000_000;

export const rotation = z.strictObject({
  /** How long the old text of the key goes on to work, ms. */
  overlapMs: z.int().min(0).max(LONGEST_OVERLAP_MS).default(0),
});

/** Quotas to change; the other members of the body mean nothing. */
export const quotaPatch = z.looseObject({
  daily: count.optional(),
  weekly: count.optional(),
  monthly: count.optional(),
});

export const limitsAnswer = z.object({
  requests: z.object({ daily: count, weekly: count, monthly: count }),
  tokens: z.object({ daily: count, weekly: count, monthly: count }),
  usd: z.object({ daily: amount, weekly: amount, monthly: amount }),
  requestsPerMinute: count,
  concurrentTurns: count,
});

const time = z.iso.datetime();

export const keyAnswer = z.strictObject({
  id: z.int(),
  keyPreview: z.string(),
  name: z.string(),
  created_at: time,
  revoked: z.union([z.literal(0), z.literal(1)]),
  quota_daily: count,
  quota_weekly: count,
  quota_monthly: count,
  lastUsedAt: time.nullable(),
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
  enabled: z.boolean(),
  note: z.string(),
  profile: z.string(),
  /** There is no such profile any more: requests with this key are refused. */
  profileRemoved: z.boolean(),
  models: z.array(z.string()).nullable(),
  defaultModel: z.string().nullable(),
  serverTools: z.boolean(),
  limits: limitsAnswer,
});

export const keyListAnswer = z.strictObject({ keys: z.array(keyAnswer) });
/** The only answer that holds a key. */
export const newKeyAnswer = z.strictObject({ id: z.int(), key: z.string(), name: z.string() });
export const changedKeyAnswer = z.strictObject({ ok: z.literal(true), key: keyAnswer });
export const revokedAnswer = z.strictObject({ revoked: z.boolean(), idOrName: z.string() });

const quotaState = z.strictObject({ limit: count, used: z.int() });
const quotaStates = { daily: quotaState, weekly: quotaState, monthly: quotaState };

/** The windows stand in `quota`, and beside it as earlier clients read them. */
export const quotaAnswer = z.strictObject({ keyId: z.int(), quota: z.strictObject(quotaStates), ...quotaStates });
export const changedQuotaAnswer = z.strictObject({
  ok: z.literal(true),
  idOrName: z.string(),
  quota: z.partialRecord(z.enum(quotaWindows), count),
});
