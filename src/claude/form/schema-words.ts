import type { JsonObject, JsonValue } from '../../wire/json.ts';
import { isObject } from '../../wire/json.ts';

/** What the words of JSON Schema hold. Contract: JSON Schema, draft 2020-12, and what earlier drafts called the same. */

/** A schema. */
export const schemaWords: ReadonlySet<string> = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);

/** A list of schemas. */
export const listWords: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items']);

/** Schemas by the names of properties. */
export const propertyWords: ReadonlySet<string> = new Set(['properties', 'dependentSchemas']);

/** Schemas by names that are no properties. */
export const otherMapWords: ReadonlySet<string> = new Set(['$defs', 'definitions', 'patternProperties']);

/** Values that the model may give. */
export const valueWords: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);

/** Words that combine schemas for one and the same value. */
export const combiningWords = ['allOf', 'anyOf', 'oneOf'] as const;

export function isSchema(value: JsonValue | undefined): value is JsonObject {
  return isObject(value);
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The schemas directly inside of one, with whether a name of a property leads to it. */
export function* innerSchemas(schema: JsonObject): Generator<JsonObject> {
  for (const [word, value] of Object.entries(schema)) {
    if (schemaWords.has(word) && isSchema(value)) yield value;
    else if (listWords.has(word) && isList(value)) yield* value.filter(isSchema);
    else if ((propertyWords.has(word) || otherMapWords.has(word) || word === 'dependencies') && isSchema(value)) {
      yield* Object.values(value).filter(isSchema);
    }
  }
}
