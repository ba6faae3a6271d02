import type { JsonObject, JsonValue } from '../json.ts';
import { isPlainPattern } from './plain-pattern.ts';
import { SchemaAllowance, schemaCharacters, sizeOf } from './schema-allowance.ts';
import { isList, isSchema, listWords, mapWords, SchemaReferences, schemaWords } from './schema-references.ts';

/**
 * A client's JSON Schema in the words that everyone on the way understands. The CLI checks structured output with a
 * strict draft-07 validator and, when it meets any word that it does not know, offers no structured output at all,
 * without saying so; Anthropic wants draft 2020-12. What only one of them knows is put in other words where that is
 * possible, and left out where not: the schema gets looser, never narrower.
 *
 * `at` is the JSON Pointer, as a URI fragment, under which the result will stand (`#` for a schema of its own):
 * references inside the schema are moved there. Raises OcpError `invalid_request` once `allowance` is used up.
 */
export function portableSchema(schema: JsonObject, at = '#', allowance = new SchemaAllowance()): JsonObject {
  const translation = { references: new SchemaReferences(schema, at, allowance), allowance };
  const out = portableObject(schema, translation);
  const hoisted: Record<string, JsonValue> = {};
  for (const { name, schema: each } of translation.references.hoisted()) hoisted[name] = portable(each, translation);
  if (Object.keys(hoisted).length === 0) return out;
  const own = out['$defs'];
  return { ...out, $defs: { ...(isSchema(own) ? own : {}), ...hoisted } };
}

/** What the parts of one schema share while they are put in other words. */
interface Translation {
  readonly references: SchemaReferences;
  readonly allowance: SchemaAllowance;
}

type Check = (value: JsonValue) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => typeof value === 'number';
const isCount: Check = (value) => Number.isInteger(value) && Number(value) >= 0;
const isAnything: Check = () => true;
const types: readonly JsonValue[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
const isTypes: Check = (value) => types.includes(value) || (isList(value) && value.length > 0 && value.every(isTypes));

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
  minItems: isCount,
  maxItems: isCount,
  uniqueItems: isFlag,
  minProperties: isCount,
  maxProperties: isCount,
};

const plainChecks = Object.entries(plainWords);

function portable(value: JsonValue | undefined, translation: Translation): JsonObject | boolean {
  if (typeof value === 'boolean') return value;
  return isSchema(value) ? portableObject(value, translation) : {};
}

function portableObject(schema: JsonObject, translation: Translation): JsonObject {
  const { references, allowance } = translation;
  const out: Record<string, JsonValue> = {};
  allowance.spend(schemaCharacters);
  const keep = (word: string, value: JsonValue | undefined): void => {
    if (value === undefined) return;
    allowance.spend(word.length + sizeOf(value));
    out[word] = value;
  };
  for (const [word, check] of plainChecks) {
    const value = schema[word];
    if (value !== undefined && check(value)) keep(word, value);
  }
  keep('enum', distinct(schema['enum'], isAnything));
  keep('required', distinct(schema['required'], isText));
  for (const word of schemaWords) {
    if (schema[word] !== undefined) out[word] = portable(schema[word], translation);
  }
  for (const word of mapWords) {
    const map = schema[word];
    if (isSchema(map)) out[word] = mapOf(map, translation);
  }
  for (const word of listWords) {
    const list = schema[word];
    if (isList(list) && list.length > 0) out[word] = list.map((each) => portable(each, translation));
  }
  addPatterns(schema, translation, out);
  addItems(schema, translation, out);
  addCondition(schema, translation, out);
  addOldWords(schema, out);
  keep('$ref', references.moved(schema['$ref']));
  return out;
}

function mapOf(map: JsonObject, translation: Translation): JsonObject {
  return Object.fromEntries(
    Object.entries(map).map(([name, each]) => {
      translation.allowance.spend(name.length);
      return [name, portable(each, translation)];
    }),
  );
}

/**
 * Patterns are never run here, not even to see whether they are any: what is not plainly harmless is left out. The
 * validator refuses a pattern that one of the named properties matches as well, which only running it would tell.
 */
function addPatterns(schema: JsonObject, translation: Translation, out: Record<string, JsonValue>): void {
  const { pattern, properties, patternProperties: map } = schema;
  const { leftOut } = translation.allowance;
  if (typeof pattern === 'string') {
    if (isPlainPattern(pattern)) out['pattern'] = pattern;
    else leftOut.add('pattern');
  }
  if (!isSchema(map)) return;
  const isAlone = !isSchema(properties) || Object.keys(properties).length === 0;
  if (isAlone && Object.keys(map).every(isPlainPattern)) out['patternProperties'] = mapOf(map, translation);
  else {
    leftOut.add('patternProperties');
    delete out['additionalProperties'];
  }
}

/** A tuple is written differently in every draft: what is left is a list of its length, of any of its items. */
function addItems(schema: JsonObject, translation: Translation, out: Record<string, JsonValue>): void {
  const { items } = schema;
  const tuple = isList(schema['prefixItems']) ? schema['prefixItems'] : isList(items) ? items : undefined;
  if (tuple === undefined) {
    if (items !== undefined) out['items'] = portable(items, translation);
    return;
  }
  const rest = tuple === items ? schema['additionalItems'] : items;
  const options = tuple.map((each) => portable(each, translation));
  if (rest === false) out['maxItems'] ??= tuple.length;
  else options.push(portable(rest, translation));
  if (options.length > 0) out['items'] = { anyOf: options };
}

function addCondition(schema: JsonObject, translation: Translation, out: Record<string, JsonValue>): void {
  const branches = (['then', 'else'] as const).filter((word) => schema[word] !== undefined);
  if (schema['if'] === undefined || branches.length === 0) return;
  for (const word of ['if', ...branches]) out[word] = portable(schema[word], translation);
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
