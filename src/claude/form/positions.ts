import type { JsonObject, JsonValue } from '../../wire/json.ts';
import { combiningWords, isList, isSchema } from './schema-words.ts';

/** More schemas than this for one place in a value are not looked at. */
const MOST_SCHEMAS = 256;

/** Which schemas hold for a place in a value: the way into a value is followed in its schema, choices and references too. */
export class Position {
  readonly #root: JsonObject;
  readonly #schemas: readonly JsonObject[];
  #values: ReadonlySet<string> | undefined;

  private constructor(root: JsonObject, found: readonly (JsonValue | undefined)[]) {
    this.#root = root;
    this.#schemas = expanded(root, found);
  }

  static top(root: JsonObject): Position {
    return new Position(root, [root]);
  }

  /** The member of this name. */
  member(name: string): Position {
    return new Position(
      this.#root,
      this.#schemas.flatMap(({ properties, patternProperties, additionalProperties }) => {
        if (isSchema(properties) && Object.hasOwn(properties, name)) return [properties[name]];
        // Which pattern fits is not asked: a client's pattern is never run.
        return [...(isSchema(patternProperties) ? Object.values(patternProperties) : []), additionalProperties];
      }),
    );
  }

  /** The item at this index. */
  item(index: number): Position {
    return new Position(
      this.#root,
      this.#schemas.flatMap(({ items, prefixItems, contains, additionalItems }) => {
        const tuple = isList(prefixItems) ? prefixItems : isList(items) ? items : [];
        return index < tuple.length ? [tuple[index], contains] : [isList(items) ? additionalItems : items, contains];
      }),
    );
  }

  /** Whether a schema of this place names this text as one of its values. */
  names(text: string): boolean {
    this.#values ??= new Set(
      this.#schemas.flatMap(({ enum: values, const: value }) =>
        [...(isList(values) ? values : []), value].filter((one) => typeof one === 'string'),
      ),
    );
    return this.#values.has(text);
  }
}

function expanded(root: JsonObject, found: readonly (JsonValue | undefined)[]): readonly JsonObject[] {
  const schemas = new Set<JsonObject>();
  const open = [...found];
  while (open.length > 0 && schemas.size < MOST_SCHEMAS) {
    const schema = open.pop();
    if (!isSchema(schema) || schemas.has(schema)) continue;
    schemas.add(schema);
    for (const word of combiningWords) {
      const parts = schema[word];
      if (isList(parts)) open.push(...parts);
    }
    open.push(schema['then'], schema['else'], schema['if'], target(root, schema['$ref']));
  }
  return [...schemas];
}

/** Where a reference leads that begins at the root; undefined for any other. */
function target(root: JsonObject, reference: JsonValue | undefined): JsonValue | undefined {
  if (reference === '#') return root;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return undefined;
  let value: JsonValue | undefined = root;
  for (const part of reference.slice(2).split('/')) {
    const name = pointerName(part);
    if (isList(value)) value = value[Number(name)];
    else value = isSchema(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

function pointerName(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return part;
  }
}
