import { OcpError } from './errors.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** Deeper JSON than this is nobody's request, and would overflow the stack of whoever walks it. */
const maxDepth = 500;

/**
 * The value with every half of a broken surrogate pair replaced by U+FFFD: JavaScript clients can send such strings,
 * and Anthropic refuses them. The same object comes back when nothing had to change.
 * Raises OcpError `invalid_request` for JSON that is nested deeper than 500 levels.
 */
export function wellFormed<T extends JsonValue>(value: T): T {
  return repair(value, 0) as T;
}

function repair(value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) throw new OcpError('invalid_request', `JSON nested deeper than ${maxDepth} levels.`);
  return isArray(value) ? repairArray(value, depth + 1) : repairObject(value, depth + 1);
}

function repairArray(value: readonly JsonValue[], depth: number): readonly JsonValue[] {
  const items = value.map((item) => repair(item, depth));
  return items.every((item, index) => item === value[index]) ? value : items;
}

function repairObject(value: JsonObject, depth: number): JsonObject {
  let changed = false;
  const entries = Object.entries(value).map(([key, member]): [string, JsonValue] => {
    const repaired: [string, JsonValue] = [key.toWellFormed(), repair(member, depth)];
    changed ||= repaired[0] !== key || repaired[1] !== member;
    return repaired;
  });
  return changed ? Object.fromEntries(entries) : value;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
