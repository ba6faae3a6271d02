import type { JsonObject, JsonValue } from '../json.ts';
import { isObject } from '../json.ts';

/** Words of JSON Schema whose value is one schema, schemas by name, or a list of schemas. */
export const schemaWords = ['additionalProperties', 'contains', 'not', 'propertyNames'] as const;
export const mapWords = ['properties', '$defs', 'definitions'] as const;
export const listWords = ['allOf', 'anyOf', 'oneOf'] as const;

/** A schema that is referred to where it cannot stay, under its new name in `$defs`. */
export interface HoistedSchema {
  readonly name: string;
  readonly schema: JsonValue;
}

/**
 * The references of a JSON Schema whose whole moves to `at`, a JSON Pointer as a URI fragment (`#/…`). A reference to a
 * place that does not survive the move (OpenAPI's `components`, a tuple's item) gets the schema from there a new place.
 */
export class SchemaReferences {
  readonly #root: JsonObject;
  readonly #at: string;
  /** The fragment of every `$id` and `$anchor`, by the reference that means it. */
  readonly #named = new Map<string, string>();
  readonly #hoisted = new Map<string, HoistedSchema>();

  constructor(root: JsonObject, at: string) {
    this.#root = root;
    this.#at = at;
    collectNames(root, '', this.#named);
  }

  /** Where a reference leads after the move; undefined when it leads nowhere inside the schema. */
  moved(reference: JsonValue | undefined): string | undefined {
    if (typeof reference !== 'string') return undefined;
    const fragment = this.#named.get(reference) ?? this.#ownFragment(reference);
    const target = fragment === undefined ? undefined : find(this.#root, fragment);
    if (fragment === undefined || target === undefined) return undefined;
    return `${this.#at}${target.stays ? fragment : `/$defs/${this.#hoist(fragment, target.value)}`}`;
  }

  /** The schemas that need a new place; reading them may add further ones. */
  *hoisted(): Generator<HoistedSchema> {
    yield* this.#hoisted.values();
  }

  #ownFragment(reference: string): string | undefined {
    const [base = '', fragment = ''] = reference.split('#', 2);
    return base === '' || base === this.#root['$id'] ? fragment : undefined;
  }

  #hoist(fragment: string, schema: JsonValue): string {
    const known = this.#hoisted.get(fragment);
    if (known !== undefined) return known.name;
    const taken = isSchema(this.#root['$defs']) ? this.#root['$defs'] : {};
    let number = this.#hoisted.size + 1;
    while (Object.hasOwn(taken, `schema${number}`)) number += Object.keys(taken).length;
    const name = `schema${number}`;
    this.#hoisted.set(fragment, { name, schema });
    return name;
  }
}

interface Target {
  readonly value: JsonValue;
  readonly stays: boolean;
}

/** Follows a fragment through the schema, and tells whether every word on the way is one that the move keeps. */
function find(root: JsonObject, fragment: string): Target | undefined {
  if (fragment === '') return { value: root, stays: true };
  if (!fragment.startsWith('/')) return undefined;
  let value: JsonValue | undefined = root;
  let stays = true;
  let inside: 'schema' | 'members' = 'schema';
  for (const part of fragment.slice(1).split('/')) {
    const key = unescapePointer(part);
    if (key === undefined || !isContainer(value)) return undefined;
    const next: JsonValue | undefined = isList(value)
      ? value[Number(key)]
      : Object.hasOwn(value, key)
        ? value[key]
        : undefined;
    if (inside === 'members') inside = 'schema';
    else if (includes(mapWords, key) || includes(listWords, key)) inside = 'members';
    else
      stays &&=
        includes(schemaWords, key) || (key === 'items' && !isList(next) && !Object.hasOwn(value, 'prefixItems'));
    value = next;
  }
  return value === undefined ? undefined : { value, stays: stays && inside === 'schema' };
}

function collectNames(value: JsonValue, fragment: string, named: Map<string, string>): void {
  if (isList(value)) {
    for (const [index, each] of value.entries()) collectNames(each, `${fragment}/${index}`, named);
  } else if (isSchema(value)) {
    const { $id: id, $anchor: anchor } = value;
    if (typeof id === 'string') named.set(id, fragment);
    if (typeof anchor === 'string') named.set(`#${anchor}`, fragment);
    for (const [key, each] of Object.entries(value)) {
      if (!literals.includes(key)) collectNames(each, `${fragment}/${escapePointer(key)}`, named);
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
