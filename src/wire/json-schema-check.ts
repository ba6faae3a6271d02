import { OcpError } from './errors.ts';
import { isObject } from './json.ts';
import type { FieldPath } from './validate.ts';
import { fieldName } from './validate.ts';

const types: readonly unknown[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/** What a word must hold: true, or where inside of it the fault is. */
type Check = (value: unknown, at: FieldPath) => FieldPath | undefined;

const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
/** `1e400` is read as infinite, and would be sent as null. */
const isNumber = (value: unknown): boolean => Number.isFinite(value);
const areNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every(isText) && new Set(value).size === value.length;
const isType = (value: unknown): boolean => types.includes(value);

const words: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...all(['$ref', '$dynamicRef', '$comment', '$id', '$schema', 'title', 'description'], that(isText)),
  ...all(['pattern', 'format', 'contentEncoding', 'contentMediaType'], that(isText)),
  ...all(
    ['$anchor', '$dynamicAnchor'],
    that((value) => isText(value) && /^[A-Za-z_][-A-Za-z0-9._]*$/.test(String(value))),
  ),
  ...all(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'], that(isCount)),
  ...all(['minContains', 'maxContains'], that(isCount)),
  ...all(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'], that(isNumber)),
  ...all(['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'], that(isFlag)),
  ...all(['enum', 'examples'], that(Array.isArray)),
  ...all(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'], each(schemaFault)),
  ...all(['allOf', 'anyOf', 'oneOf', 'prefixItems'], list),
  ...all(['items', 'contains', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else'], schemaFault),
  ...all(['unevaluatedItems', 'unevaluatedProperties', 'contentSchema'], schemaFault),
  ['required', that(areNames)],
  ['dependentRequired', each(that(areNames))],
  ['dependencies', each((value, at) => (areNames(value) ? undefined : schemaFault(value, at)))],
  ['multipleOf', that((value) => isNumber(value) && Number(value) > 0)],
  ['type', that((value) => isType(value) || (areNames(value) && (value as unknown[]).every(isType)))],
]);

/**
 * Holds a client's schema to draft 2020-12 of JSON Schema, as Anthropic does. The CLI leaves out a tool whose schema is
 * not of that draft, in some cases all tools with it. No pattern is run or compiled. `whose` names the schema for the
 * error: `tool 'read'`. Raises OcpError `invalid_request` with the place of the fault.
 */
export function requireSchema(schema: unknown, at: FieldPath, whose: string): void {
  const fault = schemaFault(schema, at);
  if (fault === undefined) return;
  const param = fieldName(fault);
  const message = `The JSON Schema of ${whose} is invalid at '${param}'. It must match JSON Schema draft 2020-12.`;
  throw new OcpError('invalid_request', message, { param });
}

function schemaFault(value: unknown, at: FieldPath): FieldPath | undefined {
  if (typeof value === 'boolean') return undefined;
  if (!isObject(value)) return at;
  for (const [word, member] of Object.entries(value)) {
    const fault = words.get(word)?.(member, [...at, word]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function list(value: unknown, at: FieldPath): FieldPath | undefined {
  if (!Array.isArray(value) || value.length === 0) return at;
  for (const [index, member] of value.entries()) {
    const fault = schemaFault(member, [...at, index]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function each(check: Check): Check {
  return (value, at) => {
    if (!isObject(value)) return at;
    for (const [name, member] of Object.entries(value)) {
      const fault = check(member, [...at, name]);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

function that(test: (value: unknown) => boolean): Check {
  return (value, at) => (test(value) ? undefined : at);
}

function all(names: readonly string[], check: Check): readonly (readonly [string, Check])[] {
  return names.map((name) => [name, check]);
}
