import type { ModelCatalogue } from '../../claude/models.ts';
import { resolveModel } from '../../claude/models.ts';
import type { KeyLimits } from '../../store/key-record.ts';
import type { KeyProperties } from '../../store/keys.ts';
import { OcpError } from '../../wire/errors.ts';
import type { KeyPatch } from './key-schemas.ts';

/** What a key may name, as it is now. */
export interface KnownNames {
  readonly models: () => ModelCatalogue;
  readonly hasProfile: (name: string) => boolean;
}

/**
 * What a checked body changes about a key with these limits. Raises OcpError `model_not_found` or `invalid_request` when it
 * names a model or a profile that is not there.
 */
export function keyChange(patch: KeyPatch, limits: KeyLimits, known: KnownNames): Partial<KeyProperties> {
  const { expiresAt, profile, models, defaultModel, limits: limitsPatch, ...rest } = patch;
  for (const name of [...(models ?? []), defaultModel ?? '']) resolveModel(known.models(), name);
  if (profile !== undefined && !known.hasProfile(profile)) {
    throw new OcpError('invalid_request', `There is no profile '${profile}'.`, { param: 'profile' });
  }
  return {
    ...defined(rest),
    ...defined({ profile, models, defaultModel }),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt === null ? null : Date.parse(expiresAt) }),
    ...(limitsPatch === undefined ? {} : { limits: changedLimits(limits, limitsPatch) }),
  };
}

/** Limits with those of the patch in their place; what it leaves out stays. */
export function changedLimits(limits: KeyLimits, patch: NonNullable<KeyPatch['limits']>): KeyLimits {
  const { requests, tokens, usd, ...single } = patch;
  return {
    ...limits,
    ...defined(single),
    requests: { ...limits.requests, ...defined(requests ?? {}) },
    tokens: { ...limits.tokens, ...defined(tokens ?? {}) },
    usd: { ...limits.usd, ...defined(usd ?? {}) },
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are undefined. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
