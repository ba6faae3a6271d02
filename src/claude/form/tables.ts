import type { JsonObject, JsonValue } from '../../wire/json.ts';
import { aliasOf, isPlainKey, isPlainTopKey } from './alias.ts';
import { cleaned } from './clean.ts';
import { combiningWords, innerSchemas, isList, isSchema } from './schema-words.ts';

/** What is called otherwise in the CLI's form of one schema; plain data, so that it can be sent to another thread. */
export interface FormTables {
  /** Properties, by the client's names. */
  readonly keys: Readonly<Record<string, string>>;
  /** Values of `enum` and `const`, by the client's. */
  readonly values: Readonly<Record<string, string>>;
}

export const noTables: FormTables = { keys: {}, values: {} };

/** What a name or value is called; itself where it is called the same. */
export function own(record: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(record, name) ? (record[name] ?? name) : name;
}

export function isEmptyTables({ keys, values }: FormTables): boolean {
  return Object.keys(keys).length === 0 && Object.keys(values).length === 0;
}

/** `cleans`: whether the CLI cleans the schema's texts. It does so for tools, not for the schema of an answer. */
export function formTables(root: JsonObject, cleans: boolean): FormTables {
  const keys = new Set<string>();
  const values = new Set<string>();
  for (const key of topKeys(root)) if (!isPlainTopKey(key)) keys.add(key);
  const open = [root];
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    for (const key of namedKeys(schema)) if (!isPlainKey(key)) keys.add(key);
    for (const value of cleans ? namedValues(schema) : []) values.add(value);
    open.push(...innerSchemas(schema));
  }
  return { keys: record([...keys].map((key) => [key, aliasOf(key)])), values: record(altered(values)) };
}

/** The values that the CLI changes, with what is sent instead: what it would make of them, where no other value is that. */
function altered(values: ReadonlySet<string>): [string, string][] {
  const taken = new Set([...values].filter((value) => cleaned(value) === value));
  return [...values].flatMap((value): [string, string][] => {
    const clean = cleaned(value);
    if (clean === value) return [];
    const form = clean === '' || taken.has(clean) ? aliasOf(value) : clean;
    taken.add(form);
    return [[value, form]];
  });
}

/** Properties that the API holds to its rule: those at the top, where the CLI puts those of combined schemas too. */
function topKeys(schema: JsonObject): readonly string[] {
  const { properties } = schema;
  return [
    ...(isSchema(properties) ? Object.keys(properties) : []),
    ...combiningWords.flatMap((word) => {
      const parts = schema[word];
      return isList(parts) ? parts.filter(isSchema).flatMap(topKeys) : [];
    }),
  ];
}

function* namedKeys({ properties, required, dependentRequired, dependentSchemas }: JsonObject): Generator<string> {
  if (isSchema(properties)) yield* Object.keys(properties);
  if (isSchema(dependentSchemas)) yield* Object.keys(dependentSchemas);
  if (isList(required)) yield* required.filter(isText);
  if (isSchema(dependentRequired)) yield* Object.keys(dependentRequired);
}

function namedValues({ enum: values, const: value }: JsonObject): readonly string[] {
  return [...(isList(values) ? values : []), value].filter(isText);
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string';
}

/** A record in which every key is data, `__proto__` too. */
function record(entries: Iterable<readonly [string, string]>): Readonly<Record<string, string>> {
  return Object.fromEntries(entries);
}
