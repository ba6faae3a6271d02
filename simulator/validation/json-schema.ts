import { isObject } from '../json.ts';

const types: readonly unknown[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

type Shape = (value: unknown, place: string) => string | undefined;

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const isUniqueTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') && new Set(value).size === value.length;

/** What each word must hold. Contract: the meta-schema of JSON Schema, draft 2020-12. */
const words: Readonly<Record<string, Shape>> = {
  ...each(['$ref', '$dynamicRef', '$comment', '$id', '$anchor', 'title', 'description', 'pattern', 'format'], text),
  ...each(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'], whole(isCount)),
  ...each(['minContains', 'maxContains'], whole(isCount)),
  ...each(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'], number),
  ...each(
    ['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'],
    whole((value) => typeof value === 'boolean'),
  ),
  ...each(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'], map(schema)),
  ...each(['allOf', 'anyOf', 'oneOf', 'prefixItems'], list),
  ...each(['items', 'contains', 'additionalProperties', 'propertyNames', 'unevaluatedItems'], schema),
  ...each(['unevaluatedProperties', 'not', 'if', 'then', 'else', 'contentSchema'], schema),
  ...each(['enum', 'examples'], whole(Array.isArray)),
  required: whole(isUniqueTexts),
  dependentRequired: map((value, place) => (isUniqueTexts(value) ? undefined : place)),
  multipleOf: whole((value) => typeof value === 'number' && value > 0),
  type: whole((value) => types.includes(value) || (isUniqueTexts(value) && (value as unknown[]).every(isType))),
};

/** The place of the first word that no schema of draft 2020-12 may hold; undefined for a valid one. */
export function schemaProblem(value: unknown): string | undefined {
  return schema(value, '');
}

function schema(value: unknown, place: string): string | undefined {
  if (typeof value === 'boolean') return undefined;
  if (!isObject(value)) return place === '' ? 'not a schema' : place;
  return firstOf(Object.entries(value), ([word, member]) =>
    Object.hasOwn(words, word) ? words[word]?.(member, `${place}/${word}`) : undefined,
  );
}

function text(value: unknown, place: string): string | undefined {
  return typeof value === 'string' ? undefined : place;
}

function number(value: unknown, place: string): string | undefined {
  return typeof value === 'number' ? undefined : place;
}

function list(value: unknown, place: string): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return place;
  return firstOf([...(value as unknown[]).entries()], ([at, member]) => schema(member, `${place}/${at}`));
}

function map(member: Shape): Shape {
  return (value, place) =>
    isObject(value) ? firstOf(Object.entries(value), ([key, one]) => member(one, `${place}/${key}`)) : place;
}

function whole(test: (value: unknown) => boolean): Shape {
  return (value, place) => (test(value) ? undefined : place);
}

function isType(value: unknown): boolean {
  return types.includes(value);
}

function each(names: readonly string[], shape: Shape): Record<string, Shape> {
  return Object.fromEntries(names.map((name) => [name, shape]));
}

function firstOf<Item>(items: readonly Item[], problem: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = problem(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
