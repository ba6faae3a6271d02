import { isObject } from '../wire/json.ts';

/**
 * How many tokens of a worker's context are in use, from its answer to `get_context_usage`; room that is kept free does not
 * count. Undefined for an older CLI, which does not tell what is used from what is free.
 * Contract: `SDKControlGetContextUsageResponse`.
 */
export function usedTokens(answer: Readonly<Record<string, unknown>>): number | undefined {
  const { categories } = answer;
  if (!Array.isArray(categories)) return undefined;
  const used = categories.filter((category) => isObject(category) && category['kind'] === 'used');
  if (used.length === 0) return undefined;
  return used.reduce((sum: number, { tokens }) => sum + (typeof tokens === 'number' ? tokens : 0), 0);
}
