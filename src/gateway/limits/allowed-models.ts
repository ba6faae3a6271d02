import type { ModelCatalogue, ResolvedModel } from '../../claude/models.ts';
import { resolveModel } from '../../claude/models.ts';
import { OcpError } from '../../wire/errors.ts';

/** What a key says about models. */
export interface ModelRights {
  /** Ids or aliases; null = all. */
  readonly models: readonly string[] | null;
  /** For requests that name none; null = the server's, or the first that is allowed. */
  readonly defaultModel: string | null;
}

/**
 * The model of a request. Raises OcpError `model_not_found` for one that does not exist or that the caller may not use: a
 * 404, because clients give up a key on 401 and 403.
 */
export function modelFor(catalogue: ModelCatalogue, asked: string, rights: ModelRights | undefined): ResolvedModel {
  if (rights === undefined) return resolveModel(catalogue, asked);
  const resolved = resolveModel(catalogue, isUnnamed(asked) ? ownDefault(catalogue, rights) : asked);
  if (isAllowed(catalogue, resolved.id, rights.models)) return resolved;
  const names = (rights.models ?? []).join(', ');
  throw new OcpError(
    'model_not_found',
    `This key may not use this model. Its models: ${names === '' ? 'none' : names}`,
    {
      param: 'model',
    },
  );
}

/** Whether an id may be used under a list of ids and aliases. */
export function isAllowed(catalogue: ModelCatalogue, id: string, models: readonly string[] | null): boolean {
  if (models === null) return true;
  return models.some((name) => plainId(idOf(catalogue, name)) === plainId(id));
}

function ownDefault(catalogue: ModelCatalogue, { models, defaultModel }: ModelRights): string {
  if (defaultModel !== null) return defaultModel;
  if (models === null || isAllowed(catalogue, resolveModel(catalogue, '').id, models)) return '';
  return models[0] ?? '';
}

function isUnnamed(asked: string): boolean {
  const name = asked.trim().toLowerCase();
  return name === '' || name === 'default';
}

/** A name that models.json no longer has allows nothing. */
function idOf(catalogue: ModelCatalogue, name: string): string {
  try {
    return resolveModel(catalogue, name).id;
  } catch {
    return '';
  }
}

/** With and without the long window it is the same model. */
function plainId(id: string): string {
  return id.replace(/\[1m\]$/u, '');
}
