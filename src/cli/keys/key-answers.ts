import { z } from 'zod';

const limit = z.number().nullable();
const byWindow = z.object({ daily: limit, weekly: limit, monthly: limit });

/** What the commands use of a key as the server lists it. */
export const keyAnswer = z.object({
  id: z.number(),
  keyPreview: z.string(),
  name: z.string(),
  created_at: z.string(),
  revoked: z.number(),
  lastUsedAt: z.string().nullable(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  enabled: z.boolean(),
  note: z.string(),
  profile: z.string(),
  profileRemoved: z.boolean().optional(),
  models: z.array(z.string()).nullable(),
  defaultModel: z.string().nullable(),
  serverTools: z.boolean(),
  limits: z.object({
    requests: byWindow,
    tokens: byWindow,
    usd: byWindow,
    requestsPerMinute: limit,
    concurrentTurns: limit,
  }),
});

export type ListedKey = z.output<typeof keyAnswer>;

export const keyList = z.object({ keys: z.array(keyAnswer) });
/** A key that was made or rotated: the only time that it is shown. */
export const newKey = z.object({ key: z.string(), name: z.string() });
export const changedKey = z.object({ key: keyAnswer });
export const revokedKey = z.object({ revoked: z.boolean() });

const quota = z.object({ limit, used: z.number() });
export const quotas = z.object({
  keyId: z.number(),
  quota: z.object({ daily: quota, weekly: quota, monthly: quota }),
});
export type Quotas = z.output<typeof quotas>['quota'];
