import type { WireObject } from '../json.ts';
import { isObject } from '../json.ts';
import { hasType, listOf, numberOr, propertySchemas, satisfies } from './check.ts';
import { mergeSchemas } from './merge.ts';
import { resolveRef } from './refs.ts';
import { numberCandidates, stringCandidates } from './scalars.ts';

/** Gives a fitting text for a property of this name, so that a demonstration reads well; undefined = no opinion. */
export type Hint = (propertyName: string) => string | undefined;

interface Context {
  readonly root: unknown;
  readonly hint: Hint;
  /** Leave out what is not required. */
  readonly lean: boolean;
  /** Different variants of the same schema give different values where there are any. */
  readonly variant: number;
  readonly name: string;
  /** The `$ref`s that led here: an optional part that would follow one of them again is left out. */
  readonly trail: readonly string[];
  readonly depth: number;
}

const maxDepth = 40;

export interface ValueOptions {
  readonly hint?: Hint;
  /** Leave optional properties out; otherwise they are filled in unless that is what makes it fail. */
  readonly requiredOnly?: boolean;
}

/**
 * A value that satisfies a JSON Schema, always the same for the same schema and options.
 * @throws RangeError when none is found: the schema contradicts itself, or asks for more than is understood here.
 */
export function satisfyingValue(schema: unknown, options: ValueOptions = {}): unknown {
  const hint = options.hint ?? ((): undefined => undefined);
  for (const lean of options.requiredOnly === true ? [true, false] : [false, true]) {
    for (let variant = 0; variant < 3; variant++) {
      const value = build(schema, { root: schema, hint, lean, variant, name: 'value', trail: [], depth: 0 });
      if (satisfies(schema, value)) return value;
    }
  }
  throw new RangeError(`No value was found for the JSON Schema ${JSON.stringify(schema).slice(0, 200)}`);
}

/** A candidate; undefined when there is none. */
function build(schema: unknown, context: Context): unknown {
  if (schema === false || context.depth > maxDepth) return undefined;
  if (!isObject(schema)) return `any ${context.name}`;
  const options = alternatives(schema, context);
  if (options === undefined) return buildPlain(schema, context);
  for (const option of options) {
    const value = build(option.schema, { ...context, trail: option.trail, depth: context.depth + 1 });
    if (satisfies(schema, value, context.root)) return value;
  }
  return undefined;
}

/** The schemas of which one has to hold, when this one is a reference or a combination of others. */
function alternatives(
  schema: WireObject,
  context: Context,
): readonly { schema: unknown; trail: readonly string[] }[] | undefined {
  const { $ref, allOf, anyOf, oneOf, if: condition, then, else: otherwise, ...rest } = schema;
  const { trail, root } = context;
  const others = (taken: string): WireObject => omit(schema, [taken]);
  if (typeof $ref === 'string') {
    return [{ schema: merge(others('$ref'), resolveRef($ref, root)), trail: [...trail, $ref] }];
  }
  if (Array.isArray(allOf)) {
    return [
      { schema: allOf.reduce<unknown>((merged, part) => merge(merged, inline(part, root)), others('allOf')), trail },
    ];
  }
  for (const [key, list] of [
    ['anyOf', anyOf],
    ['oneOf', oneOf],
  ] as const) {
    if (!Array.isArray(list)) continue;
    const turned = list.map((_, at): unknown => list[(at + context.variant) % list.length]);
    return [...turned]
      .sort((a, b) => Number(recurs(a, trail)) - Number(recurs(b, trail)))
      .map((branch) => ({ schema: merge(others(key), branch), trail }));
  }
  if (condition === undefined) return undefined;
  const bare: WireObject = rest;
  return [merge(merge(bare, condition), then ?? true), merge(bare, otherwise ?? true), bare].map((option) => ({
    schema: option,
    trail,
  }));
}

/** A reference inside `allOf` must be followed before its parts can be merged. */
function inline(part: unknown, root: unknown): unknown {
  if (!isObject(part) || typeof part['$ref'] !== 'string') return part;
  return merge(omit(part, ['$ref']), resolveRef(part['$ref'], root));
}

function merge(a: unknown, b: unknown): unknown {
  if (a === false || b === false) return false;
  if (!isObject(a)) return b;
  return isObject(b) ? mergeSchemas(a, b) : a;
}

function omit(schema: WireObject, keys: readonly string[]): WireObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
}

function recurs(schema: unknown, trail: readonly string[]): boolean {
  const text = JSON.stringify(schema) ?? '';
  return trail.some((ref) => text.includes(JSON.stringify(ref)));
}

function buildPlain(schema: WireObject, context: Context): unknown {
  const fits = (value: unknown): boolean => satisfies(schema, value, context.root);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) {
    const options = schema['enum'].filter(fits);
    return options[context.variant % Math.max(1, options.length)];
  }
  const given = [schema['default'], ...listOf(schema['examples'])].filter(fits);
  if (given.length > 0 && context.variant === 0) return given[0];
  for (const type of typesOf(schema)) {
    const value = candidates(type, schema, context).find(fits);
    if (value !== undefined) return value;
  }
  return undefined;
}

function candidates(type: unknown, schema: WireObject, context: Context): readonly unknown[] {
  switch (type) {
    case 'string':
      return stringCandidates(schema, context.name, context.variant, context.hint(context.name));
    case 'number':
    case 'integer':
      return numberCandidates(schema, context.variant, type === 'integer');
    case 'boolean':
      return context.variant % 2 === 0 ? [true, false] : [false, true];
    case 'array':
      return [buildArray(schema, context)];
    case 'object':
      return [buildObject(schema, context), buildObject(schema, { ...context, lean: true })];
    default:
      return [null];
  }
}

/** The types to try, `null` last. */
function typesOf(schema: WireObject): readonly unknown[] {
  if (schema['type'] !== undefined) {
    return [...listOf(schema['type'])].sort((a, b) => Number(a === 'null') - Number(b === 'null'));
  }
  const speaks = (...keys: readonly string[]): boolean => keys.some((key) => key in schema);
  const likely = [
    ...(speaks('properties', 'required', 'additionalProperties', 'minProperties') ? ['object'] : []),
    ...(speaks('items', 'prefixItems', 'minItems', 'contains') ? ['array'] : []),
    ...(speaks('minimum', 'maximum', 'multipleOf', 'exclusiveMinimum', 'exclusiveMaximum') ? ['number'] : []),
  ];
  return [...new Set([...likely, 'string', 'number', 'boolean', 'object', 'array', 'null'])];
}

function buildArray(schema: WireObject, context: Context): readonly unknown[] | undefined {
  const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
  const { contains, items } = schema;
  const needed = contains === undefined ? 0 : numberOr(schema['minContains'], 1);
  const least = Math.max(numberOr(schema['minItems'], 0), prefix.length + needed);
  const wanted = context.lean || recurs(items, context.trail) ? least : Math.max(least, 1);
  const length = Math.min(wanted, numberOr(schema['maxItems'], Infinity));
  const built: unknown[] = [];
  for (let at = 0; at < length; at++) {
    const inner = at < prefix.length ? prefix[at] : merge(items ?? true, at < prefix.length + needed ? contains : true);
    const value = nextItem(inner, built, schema['uniqueItems'] === true, { ...context, depth: context.depth + 1 }, at);
    if (value === undefined) return undefined;
    built.push(value);
  }
  return built;
}

/** With `uniqueItems`, the first variant that is not there yet. */
function nextItem(schema: unknown, before: readonly unknown[], unique: boolean, context: Context, at: number): unknown {
  if (!unique) return build(schema, { ...context, variant: context.variant + at });
  for (let variant = 0; variant <= before.length * 2 + 1; variant++) {
    const value = build(schema, { ...context, variant });
    if (value !== undefined && satisfies({ uniqueItems: true }, [...before, value])) return value;
  }
  return undefined;
}

function buildObject(schema: WireObject, context: Context): WireObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  const most = numberOr(schema['maxProperties'], Infinity);
  const built: Record<string, unknown> = {};
  const add = (name: string): void => {
    const inner = propertySchemas(schema, name).reduce<unknown>(merge, true);
    const value = build(inner, { ...context, name, depth: context.depth + 1 });
    if (value !== undefined) {
      Object.defineProperty(built, name, { value, enumerable: true, writable: true, configurable: true });
    }
  };
  required.forEach(add);
  const fewest = numberOr(schema['minProperties'], 0);
  for (const name of optional) {
    const size = Object.keys(built).length;
    const wanted = !context.lean && !recurs(properties[name], context.trail);
    if (size < most && (wanted || size < fewest)) add(name);
  }
  for (const name of freeNames(schema, fewest)) {
    if (Object.keys(built).length >= fewest) break;
    if (!Object.hasOwn(built, name)) add(name);
  }
  return built;
}

/** Names for properties that only `minProperties` asks for. */
function freeNames(schema: WireObject, count: number): readonly string[] {
  const names = isObject(schema['propertyNames']) ? schema['propertyNames'] : {};
  return Array.from({ length: count * 2 }, (_, at) =>
    stringCandidates(names, 'key', at, undefined).find((name) => satisfies(names, name)),
  ).filter((name) => hasType(name, 'string')) as readonly string[];
}
