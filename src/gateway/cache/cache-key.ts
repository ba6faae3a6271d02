import { hash } from 'node:crypto';
import { isObject } from '../../wire/json.ts';
import type { PackedRequest } from '../packed-request.ts';
import { shapeOf } from '../packed-request.ts';

/** Sampling knobs that OCP cannot pass on: who sets them differently still expects another answer. */
const SAMPLING = ['temperature', 'top_p', 'top_k', 'seed', 'presence_penalty', 'frequency_penalty', 'logit_bias'];

/** What of a request's body counts for the cache although it is no part of the translated request. */
export interface CacheHints {
  /** The sampling knobs as given. */
  readonly sampling: string;
  /** The client steers Anthropic's own prompt cache: OCP keeps its hands off. */
  readonly hasCacheControl: boolean;
}

/** Reads the hints off a body of any surface. */
export function cacheHints(body: unknown): CacheHints {
  const fields = isObject(body) ? body : {};
  return {
    sampling: JSON.stringify(SAMPLING.map((name) => fields[name] ?? null)),
    hasCacheControl: JSON.stringify(body ?? null).includes('"cache_control":'),
  };
}

/** Names an answer by everything that shapes it and by whose it is: two owners never share an entry. */
export function cacheKey(owner: string, model: string, request: PackedRequest, sampling: string): string {
  return hash('sha256', JSON.stringify([owner, model, sampling, shapeOf(request)]), 'hex');
}
