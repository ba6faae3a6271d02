import { OcpError } from './errors.ts';
import type { JsonValue } from './json.ts';

/** Deeper JSON than this is nobody's request, and would overflow the stack of whoever walks it. */
const maxDepth = 500;

/**
 * The value with every half of a broken surrogate pair replaced by U+FFFD: JavaScript clients can send such strings,
 * and Anthropic refuses them. The same object comes back when nothing had to change.
 * Raises OcpError `invalid_request` for JSON that is nested deeper than 500 levels.
 */
export function wellFormed<T extends JsonValue>(value: T): T {
  return (isWellFormed(value, 0) ? value : repair(value)) as T;
}

/** Looks only, so that the usual request, which has nothing to repair, is not copied. */
function isWellFormed(value: JsonValue, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth > maxDepth) throw new OcpError('invalid_request', `JSON nested deeper than ${maxDepth} levels.`);
  if (isArray(value)) {
    for (const item of value) if (!isWellFormed(item, depth + 1)) return false;
    return true;
  }
  for (const key in value) {
    if (!key.isWellFormed() || !isWellFormed(value[key] as JsonValue, depth + 1)) return false;
  }
  return true;
}

function repair(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) return value.map(repair);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), repair(member)]));
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
