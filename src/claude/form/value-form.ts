import type { JsonObject, JsonValue } from '../../wire/json.ts';
import { isObject } from '../../wire/json.ts';
import { Position } from './positions.ts';
import { isList } from './schema-words.ts';
import type { FormTables } from './tables.ts';
import { isEmptyTables, own } from './tables.ts';

/** Arguments of a call as the model made them, from those that its client sends back. `schema` is the client's. */
export function inputForm(input: JsonObject, schema: JsonObject, tables: FormTables): JsonObject {
  if (isEmptyTables(tables)) return input;
  return objectForm(input, Position.top(schema), tables);
}

function objectForm(value: JsonObject, at: Position, tables: FormTables): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [own(tables.keys, name), valueForm(one, () => at.member(name), tables)]),
  );
}

/** The place is only worked out where something in it can change. */
function valueForm(value: JsonValue, at: () => Position, tables: FormTables): JsonValue {
  if (typeof value === 'string') {
    const form = own(tables.values, value);
    return form !== value && at().names(value) ? form : value;
  }
  if (isList(value)) {
    const list = at();
    return value.map((one, index) => valueForm(one, () => list.item(index), tables));
  }
  return isObject(value) ? objectForm(value, at(), tables) : value;
}
