import { isDeepStrictEqual } from 'node:util';
import type { WireObject } from '../json.ts';
import { isObject } from '../json.ts';
import { hasType, listOf } from './check.ts';

/** One schema that asks for what both ask for, as far as that can be written as one; what cannot is kept in `allOf`. */
export function mergeSchemas(a: WireObject, b: WireObject): WireObject {
  const merged: Record<string, unknown> = { ...a };
  const left: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(b)) {
    const own = a[key];
    if (own === undefined || isDeepStrictEqual(own, value)) merged[key] = value;
    else if (tighter[key] !== undefined) merged[key] = tighter[key](own, value);
    else if (!annotations.has(key)) left[key] = value;
  }
  if (Object.keys(left).length > 0) {
    merged['allOf'] = [...(Array.isArray(merged['allOf']) ? merged['allOf'] : []), left];
  }
  return merged;
}

const annotations = new Set([
  '$schema',
  '$id',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  '$comment',
]);

const larger = (a: unknown, b: unknown): unknown => Math.max(Number(a), Number(b));
const smaller = (a: unknown, b: unknown): unknown => Math.min(Number(a), Number(b));

const tighter: Readonly<Record<string, (a: unknown, b: unknown) => unknown>> = {
  minimum: larger,
  exclusiveMinimum: larger,
  minLength: larger,
  minItems: larger,
  minProperties: larger,
  maximum: smaller,
  exclusiveMaximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
  maxProperties: smaller,
  uniqueItems: (a, b) => a === true || b === true,
  required: (a, b) => [...new Set([...listOf(a), ...listOf(b)])],
  enum: (a, b) => listOf(a).filter((one) => listOf(b).some((other) => isDeepStrictEqual(one, other))),
  type: (a, b) => commonTypes(listOf(a), listOf(b)),
  properties: (a, b) => mergeProperties(a, b),
  additionalProperties: mergeEither,
  items: mergeEither,
};

function commonTypes(a: readonly unknown[], b: readonly unknown[]): readonly unknown[] {
  const integers = [a, b].some((types) => types.includes('integer') && !types.includes('number'));
  return a
    .filter((type) => b.includes(type) || (isNumeric(type) && b.some(isNumeric)))
    .map((type) => (isNumeric(type) && integers ? 'integer' : type));
}

function isNumeric(type: unknown): boolean {
  return hasType(type, 'string') && (type === 'integer' || type === 'number');
}

function mergeProperties(a: unknown, b: unknown): unknown {
  if (!isObject(a) || !isObject(b)) return a;
  const merged: Record<string, unknown> = { ...a };
  for (const [name, schema] of Object.entries(b)) {
    merged[name] = Object.hasOwn(a, name) ? mergeEither(a[name], schema) : schema;
  }
  return merged;
}

function mergeEither(a: unknown, b: unknown): unknown {
  if (a === false || b === false) return false;
  if (!isObject(a)) return b;
  return isObject(b) ? mergeSchemas(a, b) : a;
}
