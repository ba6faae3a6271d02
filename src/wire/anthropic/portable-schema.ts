import type { JsonObject, JsonValue } from '../json.ts';
import { isList, isSchema, listWords, mapWords, SchemaReferences, schemaWords } from './schema-references.ts';

/**
 * A client's JSON Schema in the words that everyone on the way understands. The CLI checks structured output with a
 * strict draft-07 validator and, when it meets any word that it does not know, offers no structured output at all,
 * without saying so; Anthropic wants draft 2020-12. What only one of them knows is put in other words where that is
 * possible, and left out where not: the schema gets looser, never narrower.
 *
 * `at` is the JSON Pointer, as a URI fragment, under which the result will stand (`#` for a schema of its own):
 * references inside the schema are moved there.
 */
export function portableSchema(schema: JsonObject, at = '#'): JsonObject {
  const references = new SchemaReferences(schema, at);
  const out = portableObject(schema, references);
  const hoisted: Record<string, JsonValue> = {};
  for (const { name, schema: each } of references.hoisted()) hoisted[name] = portable(each, references);
  if (Object.keys(hoisted).length === 0) return out;
  const own = out['$defs'];
  return { ...out, $defs: { ...(isSchema(own) ? own : {}), ...hoisted } };
}

type Check = (value: JsonValue) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => typeof value === 'number';
const isCount: Check = (value) => Number.isInteger(value) && Number(value) >= 0;
const isAnything: Check = () => true;
const types: readonly JsonValue[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
const isTypes: Check = (value) => types.includes(value) || (isList(value) && value.length > 0 && value.every(isTypes));
const isPattern: Check = (value) => typeof value === 'string' && compiles(value);

/** Words that are taken as they are, when their value is of the right kind. */
const plainWords: Readonly<Record<string, Check>> = {
  title: isText,
  description: isText,
  default: isAnything,
  examples: isList,
  $comment: isText,
  readOnly: isFlag,
  writeOnly: isFlag,
  deprecated: isFlag,
  format: isText,
  contentEncoding: isText,
  contentMediaType: isText,
  type: isTypes,
  const: isAnything,
  multipleOf: (value) => typeof value === 'number' && value > 0,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  minLength: isCount,
  maxLength: isCount,
  pattern: isPattern,
  minItems: isCount,
  maxItems: isCount,
  uniqueItems: isFlag,
  minProperties: isCount,
  maxProperties: isCount,
};

function portable(value: JsonValue | undefined, references: SchemaReferences): JsonObject | boolean {
  if (typeof value === 'boolean') return value;
  return isSchema(value) ? portableObject(value, references) : {};
}

function portableObject(schema: JsonObject, references: SchemaReferences): JsonObject {
  const out: Record<string, JsonValue> = {};
  for (const [word, check] of Object.entries(plainWords)) {
    const value = schema[word];
    if (value !== undefined && check(value)) out[word] = value;
  }
  const values = distinct(schema['enum'], isAnything);
  if (values !== undefined) out['enum'] = values;
  const required = distinct(schema['required'], isText);
  if (required !== undefined) out['required'] = required;
  for (const word of schemaWords) {
    if (schema[word] !== undefined) out[word] = portable(schema[word], references);
  }
  for (const word of mapWords) {
    const map = schema[word];
    if (isSchema(map)) out[word] = mapOf(map, references);
  }
  for (const word of listWords) {
    const list = schema[word];
    if (isList(list) && list.length > 0) out[word] = list.map((each) => portable(each, references));
  }
  addPatternProperties(schema, references, out);
  addItems(schema, references, out);
  addCondition(schema, references, out);
  addOldWords(schema, out);
  const reference = references.moved(schema['$ref']);
  if (reference !== undefined) out['$ref'] = reference;
  return out;
}

function mapOf(map: JsonObject, references: SchemaReferences): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([name, each]) => [name, portable(each, references)]));
}

/** The validator refuses a pattern that one of the named properties matches as well. */
function addPatternProperties(schema: JsonObject, references: SchemaReferences, out: Record<string, JsonValue>): void {
  const map = schema['patternProperties'];
  if (!isSchema(map)) return;
  const names = isSchema(schema['properties']) ? Object.keys(schema['properties']) : [];
  const fits = (pattern: string) => compiles(pattern) && !names.some((name) => new RegExp(pattern, 'u').test(name));
  if (Object.keys(map).every(fits)) out['patternProperties'] = mapOf(map, references);
  else delete out['additionalProperties'];
}

/** A tuple is written differently in every draft: what is left is a list of its length, of any of its items. */
function addItems(schema: JsonObject, references: SchemaReferences, out: Record<string, JsonValue>): void {
  const { items } = schema;
  const tuple = isList(schema['prefixItems']) ? schema['prefixItems'] : isList(items) ? items : undefined;
  if (tuple === undefined) {
    if (items !== undefined) out['items'] = portable(items, references);
    return;
  }
  const rest = tuple === items ? schema['additionalItems'] : items;
  const options = tuple.map((each) => portable(each, references));
  if (rest === false) out['maxItems'] ??= tuple.length;
  else options.push(portable(rest, references));
  if (options.length > 0) out['items'] = { anyOf: options };
}

function addCondition(schema: JsonObject, references: SchemaReferences, out: Record<string, JsonValue>): void {
  const branches = (['then', 'else'] as const).filter((word) => schema[word] !== undefined);
  if (schema['if'] === undefined || branches.length === 0) return;
  for (const word of ['if', ...branches]) out[word] = portable(schema[word], references);
}

/** Draft-04 and OpenAPI 3.0 say `exclusiveMinimum: true` and `nullable: true`. */
function addOldWords(schema: JsonObject, out: Record<string, JsonValue>): void {
  for (const [exclusive, limit] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const value = out[limit];
    if (schema[exclusive] !== true || value === undefined) continue;
    delete out[limit];
    out[exclusive] = value;
  }
  const { type } = out;
  if (schema['nullable'] !== true || type === undefined) return;
  const list = isList(type) ? type : [type];
  if (!list.includes('null')) out['type'] = [...list, 'null'];
  const values = out['enum'];
  if (isList(values) && !values.includes(null)) out['enum'] = [...values, null];
}

function distinct(value: JsonValue | undefined, check: Check): readonly JsonValue[] | undefined {
  if (!isList(value) || value.length === 0 || !value.every(check)) return undefined;
  const seen = new Set<string>();
  return value.filter((each) => {
    const text = JSON.stringify(each);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
