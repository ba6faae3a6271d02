import { isObject } from '../json.ts';
import type { Usage } from './events.ts';

/** The use of several calls of the API together: every count that any of them reports, however deep it stands. */
export function addUsage(a: Usage, b: Usage): Usage {
  return sum(a, b) as Usage;
}

function sum(a: unknown, b: unknown): unknown {
  if (a === undefined || a === null) return b ?? a;
  if (b === undefined || b === null) return a;
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (!isObject(a) || !isObject(b)) return b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, sum(a[name], b[name])]));
}
