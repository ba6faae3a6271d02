import type { z } from 'zod';
import type { KeyRecord } from '../../store/key-record.ts';
import type { keyAnswer } from './key-schemas.ts';

/** A key as the admin sees it; `hasProfile` tells whether there is a profile of a name. Contract: `GET /api/keys` of OCP's HTTP contract, and what OCP adds. */
export function keyView(key: KeyRecord, hasProfile: (name: string) => boolean): z.input<typeof keyAnswer> {
  const { requests } = key.limits;
  return {
    id: key.id,
    keyPreview: key.preview,
    name: key.name,
    created_at: isoTime(key.createdAt),
    revoked: key.revokedAt === null ? 0 : 1,
    quota_daily: requests.daily,
    quota_weekly: requests.weekly,
    quota_monthly: requests.monthly,
    lastUsedAt: isoTimeOrNull(key.lastUsedAt),
    expiresAt: isoTimeOrNull(key.expiresAt),
    revokedAt: isoTimeOrNull(key.revokedAt),
    enabled: key.enabled,
    note: key.note,
    profile: key.profile,
    profileRemoved: !hasProfile(key.profile),
    models: key.models === null ? null : [...key.models],
    defaultModel: key.defaultModel,
    serverTools: key.serverTools,
    limits: key.limits,
  };
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function isoTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
