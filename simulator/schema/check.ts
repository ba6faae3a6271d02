import { isDeepStrictEqual } from 'node:util';
import type { WireObject } from '../json.ts';
import { isObject } from '../json.ts';
import { fitsFormat } from './formats.ts';
import { resolveRef } from './refs.ts';

/**
 * Tells whether a value satisfies a JSON Schema (the keywords that tools use; an unknown keyword holds). `root` is where
 * `$ref` starts. Contract: JSON Schema 2020-12, Validation.
 */
export function satisfies(schema: unknown, value: unknown, root: unknown = schema): boolean {
  if (schema === false || value === undefined) return false;
  if (!isObject(schema)) return true;
  const holds = (inner: unknown): boolean => satisfies(inner, value, root);
  return (
    (typeof schema['$ref'] !== 'string' || holds(resolveRef(schema['$ref'], root))) &&
    (schema['type'] === undefined || listOf(schema['type']).some((type) => hasType(value, type))) &&
    (!('const' in schema) || isDeepStrictEqual(value, schema['const'])) &&
    (!Array.isArray(schema['enum']) || schema['enum'].some((option) => isDeepStrictEqual(value, option))) &&
    (!Array.isArray(schema['allOf']) || schema['allOf'].every(holds)) &&
    (!Array.isArray(schema['anyOf']) || schema['anyOf'].some(holds)) &&
    (!Array.isArray(schema['oneOf']) || schema['oneOf'].filter(holds).length === 1) &&
    (schema['not'] === undefined || !holds(schema['not'])) &&
    (schema['if'] === undefined || holds((holds(schema['if']) ? schema['then'] : schema['else']) ?? true)) &&
    fitsOwnType(schema, value, root)
  );
}

/** JSON Schema's name of a value's type; `integer` is a `number` as well. */
export function hasType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function fitsOwnType(schema: WireObject, value: unknown, root: unknown): boolean {
  if (typeof value === 'number') return fitsNumber(schema, value);
  if (typeof value === 'string') return fitsString(schema, value);
  if (Array.isArray(value)) return fitsArray(schema, value, root);
  return isObject(value) ? fitsObject(schema, value, root) : true;
}

function fitsNumber(schema: WireObject, value: number): boolean {
  const step = schema['multipleOf'];
  const steps = typeof step === 'number' ? value / step : 0;
  return (
    value >= numberOr(schema['minimum'], -Infinity) &&
    value <= numberOr(schema['maximum'], Infinity) &&
    value > numberOr(schema['exclusiveMinimum'], -Infinity) &&
    value < numberOr(schema['exclusiveMaximum'], Infinity) &&
    // Beyond the largest number there is nothing to compare: no value is refused for that.
    !(Math.abs(steps - Math.round(steps)) > 1e-9)
  );
}

function fitsString(schema: WireObject, value: string): boolean {
  const { length } = Array.from(value);
  return (
    length >= numberOr(schema['minLength'], 0) &&
    length <= numberOr(schema['maxLength'], Infinity) &&
    (typeof schema['pattern'] !== 'string' || matches(schema['pattern'], value)) &&
    (typeof schema['format'] !== 'string' || fitsFormat(schema['format'], value))
  );
}

function fitsArray(schema: WireObject, value: readonly unknown[], root: unknown): boolean {
  const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
  const { contains } = schema;
  const found = contains === undefined ? 1 : value.filter((item) => satisfies(contains, item, root)).length;
  return (
    value.length >= numberOr(schema['minItems'], 0) &&
    value.length <= numberOr(schema['maxItems'], Infinity) &&
    (contains === undefined ||
      (found >= numberOr(schema['minContains'], 1) && found <= numberOr(schema['maxContains'], Infinity))) &&
    (schema['uniqueItems'] !== true || isUnique(value)) &&
    value.every((item, at) => satisfies(at < prefix.length ? prefix[at] : (schema['items'] ?? true), item, root))
  );
}

function fitsObject(schema: WireObject, value: WireObject, root: unknown): boolean {
  const names = Object.keys(value);
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const dependent = isObject(schema['dependentRequired']) ? Object.entries(schema['dependentRequired']) : [];
  return (
    names.length >= numberOr(schema['minProperties'], 0) &&
    names.length <= numberOr(schema['maxProperties'], Infinity) &&
    required.every((name) => Object.hasOwn(value, String(name))) &&
    dependent.every(
      ([name, others]) => !Object.hasOwn(value, name) || listOf(others).every((other) => names.includes(String(other))),
    ) &&
    (schema['propertyNames'] === undefined || names.every((name) => satisfies(schema['propertyNames'], name, root))) &&
    names.every((name) => propertySchemas(schema, name).every((inner) => satisfies(inner, value[name], root)))
  );
}

/** Every schema that applies to a property of this name. */
export function propertySchemas(schema: WireObject, name: string): readonly unknown[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const patterns = isObject(schema['patternProperties']) ? Object.entries(schema['patternProperties']) : [];
  const named = [
    ...(Object.hasOwn(properties, name) ? [properties[name]] : []),
    ...patterns.filter(([pattern]) => matches(pattern, name)).map(([, inner]) => inner),
  ];
  return named.length > 0 ? named : [schema['additionalProperties'] ?? true];
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** A pattern that is no regular expression holds for nothing. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return false;
  }
}

function isUnique(values: readonly unknown[]): boolean {
  return values.every((value, at) => !values.slice(0, at).some((earlier) => isDeepStrictEqual(earlier, value)));
}
