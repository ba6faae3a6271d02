import type { JsonObject, JsonValue } from '../../wire/json.ts';
import { isClean } from './clean.ts';
import { isList, isSchema, listWords, otherMapWords, propertyWords, schemaWords, valueWords } from './schema-words.ts';
import type { FormTables } from './tables.ts';
import { own } from './tables.ts';

/** Takes down a word of a schema whose text the CLI changes, and which nothing is mapped back from. */
export type NoteChange = (word: string) => void;

/** A schema as it is given to the CLI: its properties and values under the names of the tables. */
export function schemaForm(schema: JsonObject, tables: FormTables, note: NoteChange): JsonObject {
  return entriesOf(schema, (word, value): [string, JsonValue] => [word, wordForm(word, value, tables, note)]);
}

function wordForm(word: string, value: JsonValue, tables: FormTables, note: NoteChange): JsonValue {
  const inner = (one: JsonValue): JsonValue => (isSchema(one) ? schemaForm(one, tables, note) : one);
  const key = (name: string): string => own(tables.keys, name);
  if (listWords.has(word) && isList(value)) return value.map(inner);
  if (schemaWords.has(word)) return inner(value);
  if (propertyWords.has(word) && isSchema(value)) return entriesOf(value, (name, one) => [key(name), inner(one)]);
  if (otherMapWords.has(word) && isSchema(value)) {
    return entriesOf(value, (name, one) => {
      if (word === 'patternProperties') noteText(word, name, note);
      return [name, inner(one)];
    });
  }
  if (word === 'dependencies' && isSchema(value)) {
    return entriesOf(value, (name, one) => [key(name), isList(one) ? keyList(one, key) : inner(one)]);
  }
  if (word === 'required' && isList(value)) return keyList(value, key);
  if (word === 'dependentRequired' && isSchema(value)) {
    return entriesOf(value, (name, one) => [key(name), isList(one) ? keyList(one, key) : one]);
  }
  if (word === '$ref' && typeof value === 'string') return referenceForm(value, key);
  if (valueWords.has(word)) return dataForm(value, tables, () => note(word));
  noteTexts(word, value, note);
  return value;
}

/** A value that a schema shows: an example, a default, or one of those that are allowed. */
function dataForm(value: JsonValue, tables: FormTables, onChange: () => void): JsonValue {
  if (typeof value === 'string') {
    const form = own(tables.values, value);
    if (!isClean(form)) onChange();
    return form;
  }
  if (isList(value)) return value.map((one) => dataForm(one, tables, onChange));
  if (!isSchema(value)) return value;
  return entriesOf(value, (name, one) => [own(tables.keys, name), dataForm(one, tables, onChange)]);
}

/** `#/properties/a/items`: each word behind `properties` is a property. */
function referenceForm(reference: string, key: (name: string) => string): string {
  if (!reference.startsWith('#/')) return reference;
  const parts = reference.split('/');
  return parts
    .map((part, at) => {
      if (parts[at - 1] !== 'properties' || !propertyPosition(parts, at - 1)) return part;
      const name = decoded(part);
      return key(name) === name ? part : key(name);
    })
    .join('/');
}

/** Whether the word `properties` at this place is a word of a schema, and not itself the name of a property. */
function propertyPosition(parts: readonly string[], at: number): boolean {
  let inMap = false;
  for (const part of parts.slice(1, at + 1)) {
    inMap =
      !inMap && (part === 'properties' || part === '$defs' || part === 'definitions' || part === 'patternProperties');
  }
  return inMap;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return part;
  }
}

function keyList(names: readonly JsonValue[], key: (name: string) => string): readonly JsonValue[] {
  return names.map((name) => (typeof name === 'string' ? key(name) : name));
}

function noteTexts(word: string, value: JsonValue, note: NoteChange): void {
  if (typeof value === 'string') noteText(word, value, note);
  else if (isList(value)) for (const one of value) noteTexts(word, one, note);
  else if (isSchema(value)) {
    for (const [name, one] of Object.entries(value)) {
      noteText(word, name, note);
      noteTexts(word, one, note);
    }
  }
}

function noteText(word: string, text: string, note: NoteChange): void {
  if (!isClean(text)) note(word);
}

function entriesOf(value: JsonObject, form: (name: string, one: JsonValue) => [string, JsonValue]): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, one]) => form(name, one)));
}
