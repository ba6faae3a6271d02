import type { JsonObject, JsonValue } from '../json.ts';
import { isObject } from '../json.ts';
import type { SchemaAllowance } from './schema-allowance.ts';
import { schemaCharacters } from './schema-allowance.ts';

/** Words of JSON Schema whose value is one schema, schemas by name, or a list of schemas. */
export const schemaWords = ['additionalProperties', 'contains', 'not', 'propertyNames'] as const;
export const mapWords = ['properties', '$defs', 'definitions'] as const;
export const listWords = ['allOf', 'anyOf', 'oneOf'] as const;

/** A schema that is referred to where it cannot stay, under its new name in `$defs`. */
export interface HoistedSchema {
  readonly name: string;
  readonly schema: JsonValue;
}

/** What a reference leads to. */
interface Target {
  /** Its place in the whole, as a JSON Pointer. */
  readonly fragment: string;
  readonly value: JsonValue;
  /** Whether every word on the way is one that the move keeps. */
  readonly stays: boolean;
}

/**
 * The references of a JSON Schema whose whole moves to `at`, a JSON Pointer as a URI fragment (`#/…`). A reference to a
 * place that does not survive the move (OpenAPI's `components`, a tuple's item) gets the schema from there a new place:
 * one for each schema, in however many ways its place is written.
 */
export class SchemaReferences {
  readonly #root: JsonObject;
  readonly #at: string;
  /** What every `$id` and `$anchor` names, by the reference that means it. */
  readonly #named = new Map<string, Target>();
  /** By the schema itself: one place has many spellings. */
  readonly #hoisted = new Map<JsonValue, HoistedSchema>();
  #lastNumber = 0;

  /** Raises OcpError `invalid_request` once `allowance` is used up. */
  constructor(root: JsonObject, at: string, allowance: SchemaAllowance) {
    this.#root = root;
    this.#at = at;
    collectNames(root, '', beginning, (name, target) => this.#named.set(name, target), allowance);
  }

  /** Where a reference leads after the move; undefined when it leads nowhere inside the schema. */
  moved(reference: JsonValue | undefined): string | undefined {
    if (typeof reference !== 'string') return undefined;
    const target = this.#named.get(reference) ?? this.#ownTarget(reference);
    if (target === undefined) return undefined;
    return `${this.#at}${target.stays ? target.fragment : `/$defs/${this.#hoist(target.value)}`}`;
  }

  /** The schemas that need a new place; reading them may add further ones. */
  *hoisted(): Generator<HoistedSchema> {
    yield* this.#hoisted.values();
  }

  #ownTarget(reference: string): Target | undefined {
    const [base = '', fragment = ''] = reference.split('#', 2);
    return base === '' || base === this.#root['$id'] ? find(this.#root, fragment) : undefined;
  }

  #hoist(schema: JsonValue): string {
    const known = this.#hoisted.get(schema);
    if (known !== undefined) return known.name;
    const taken = isSchema(this.#root['$defs']) ? this.#root['$defs'] : {};
    do this.#lastNumber += 1;
    while (Object.hasOwn(taken, `schema${this.#lastNumber}`));
    const name = `schema${this.#lastNumber}`;
    this.#hoisted.set(schema, { name, schema });
    return name;
  }
}

/** How far a pointer has come: whether the move has kept every word so far, and what the next word means. */
interface Way {
  readonly stays: boolean;
  readonly inside: 'schema' | 'members';
}

const beginning: Way = { stays: true, inside: 'schema' };

/** One word further, from `value` to `next`. */
function step({ stays, inside }: Way, value: JsonValue, key: string, next: JsonValue | undefined): Way {
  if (inside === 'members') return { stays, inside: 'schema' };
  if (includes(mapWords, key) || includes(listWords, key)) return { stays, inside: 'members' };
  const isKept =
    includes(schemaWords, key) || (key === 'items' && !isList(next) && !Object.hasOwn(value as object, 'prefixItems'));
  return { stays: stays && isKept, inside };
}

/** Follows a fragment through the schema. */
function find(root: JsonObject, fragment: string): Target | undefined {
  if (fragment === '') return { fragment, value: root, stays: true };
  if (!fragment.startsWith('/')) return undefined;
  let value: JsonValue | undefined = root;
  let way = beginning;
  for (const part of fragment.slice(1).split('/')) {
    const key = unescapePointer(part);
    if (key === undefined || !isContainer(value)) return undefined;
    const next: JsonValue | undefined = isList(value)
      ? value[Number(key)]
      : Object.hasOwn(value, key)
        ? value[key]
        : undefined;
    way = step(way, value, key, next);
    value = next;
  }
  return value === undefined ? undefined : { fragment, value, stays: way.stays && way.inside === 'schema' };
}

function collectNames(
  value: JsonValue,
  fragment: string,
  way: Way,
  found: (name: string, target: Target) => void,
  allowance: SchemaAllowance,
): void {
  if (isList(value)) {
    for (const [index, each] of value.entries()) {
      if (isContainer(each))
        collectNames(each, `${fragment}/${index}`, step(way, value, String(index), each), found, allowance);
    }
  } else if (isSchema(value)) {
    allowance.spend(schemaCharacters);
    const { $id: id, $anchor: anchor } = value;
    const target = { fragment, value, stays: way.stays && way.inside === 'schema' };
    if (typeof id === 'string') found(id, target);
    if (typeof anchor === 'string') found(`#${anchor}`, target);
    for (const [key, each] of Object.entries(value)) {
      if (!isContainer(each) || literals.includes(key)) continue;
      collectNames(each, `${fragment}/${escapePointer(key)}`, step(way, value, key, each), found, allowance);
    }
  }
}

/** Words whose value is data, not a schema. */
const literals: readonly string[] = ['const', 'enum', 'default', 'examples'];

function escapePointer(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')).replaceAll('%24', '$');
}

function unescapePointer(part: string): string | undefined {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
}

function includes(words: readonly string[], key: string): boolean {
  return words.includes(key);
}

function isContainer(value: JsonValue | undefined): value is JsonObject | readonly JsonValue[] {
  return isSchema(value) || isList(value);
}

export function isSchema(value: JsonValue | undefined): value is JsonObject {
  return isObject(value);
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
