import { hash } from 'node:crypto';
import type { PackedMessages } from '../../claude/packed/messages.ts';
import { contentDigest } from '../../claude/packed/messages.ts';
import { isObject } from '../../wire/json.ts';
import type { PackedRequest } from '../packed-request.ts';

/** Sampling knobs that OCP cannot pass on: who sets them differently still expects another answer. */
const SAMPLING = [
  'temperature',
  'top_p',
  'top_k',
  'top_a',
  'min_p',
  'typical_p',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'repetition_penalty',
  'logit_bias',
  'verbosity',
];

/** Longer settings count by their digest, characters. */
const LONGEST_SAMPLING = 500;

/** What of a request's body counts for the cache although it is no part of the translated request. */
export interface CacheHints {
  /** The sampling knobs as given. */
  readonly sampling: string;
  /** The client steers Anthropic's own prompt cache: OCP keeps its hands off. */
  readonly hasCacheControl: boolean;
}

/** All that shapes an answer. Each part is taken whole, so that what is added to it later counts by itself. */
export interface CacheShape {
  /** What the worker is told: owner, set-up, settings and messages. */
  readonly told: object;
  /** The request, for what is done to the answer afterwards. */
  readonly answered: PackedRequest;
  readonly sampling: string;
  /** The login, the CLI and its environment. */
  readonly worker: string;
}

/** Reads the hints off a body of any surface. */
export function cacheHints(body: unknown): CacheHints {
  const fields = isObject(body) ? body : {};
  const sampling = JSON.stringify(SAMPLING.map((name) => fields[name] ?? null));
  return {
    sampling: sampling.length <= LONGEST_SAMPLING ? sampling : hash('sha256', sampling, 'hex'),
    hasCacheControl: holdsCacheControl(body),
  };
}

function holdsCacheControl(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, 'cache_control')) return true;
  return Object.values(value).some(holdsCacheControl);
}

/** Names an answer by everything that shapes it and by whose it is: two owners never share an entry. */
export function cacheKey({ told, answered, sampling, worker }: CacheShape): string {
  const { messages: _told, model: _resolved, ...rest } = answered;
  return hash('sha256', JSON.stringify([told, inOrder(rest), sampling, worker], byDigest), 'hex');
}

/** Surfaces write the fields of a request in orders of their own. */
function inOrder(fields: object): unknown {
  return Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** What is packed has a name already, by all that it holds. */
function byDigest(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  if (value['digests'] instanceof Uint8Array) return contentDigest(value as unknown as PackedMessages);
  return typeof value['digest'] === 'string' ? value['digest'] : value;
}
