import type { JsonObject } from '../json.ts';
import type { TapPath } from './json-tap.ts';
import { JsonTap } from './json-tap.ts';
import { portableSchema } from './portable-schema.ts';
import type { Tool } from './request.ts';
import type { SchemaAllowance } from './schema-allowance.ts';
import type { CallRewriter, StructuredFilter, StructuredOptions } from './structured-turn.ts';
import { StructuredTurn } from './structured-turn.ts';

/** The member that holds the answer when the client's schema cannot be that of a tool. */
const wrapper = 'answer';

/**
 * The schema to give the CLI (`jsonSchema` of its `initialize`) so that the model answers by the client's schema.
 * A tool's schema must be a plain object at its root; any other one is put inside such an object.
 */
export function contentSchema(schema: JsonObject, allowance?: SchemaAllowance): JsonObject {
  if (!isWrapped(schema)) return portableSchema(schema, '#', allowance);
  return {
    type: 'object',
    properties: { [wrapper]: portableSchema(schema, `#/properties/${wrapper}`, allowance) },
    required: [wrapper],
    additionalProperties: false,
  };
}

/**
 * Makes the structured answer the text of the message, as the model writes it: for `response_format` and
 * `output_config.format`. `schema` is the client's.
 */
export function asContent(schema: JsonObject, options: StructuredOptions = {}): StructuredFilter {
  return new StructuredTurn(unwrapping(schema, textRewriter), options);
}

/** The schema to give the CLI so that the model calls this one tool. */
export function toolCallSchema(tool: Tool, allowance?: SchemaAllowance): JsonObject {
  const schema = contentSchema(tool.input_schema, allowance);
  return tool.description === undefined || 'description' in schema
    ? schema
    : { ...schema, description: tool.description };
}

/** Makes the structured answer a call of the client's tool; `parallel` keeps further calls in the same message. */
export function asToolCall(
  tool: Tool,
  options: StructuredOptions & { readonly parallel?: boolean } = {},
): StructuredFilter {
  const call = toolCallRewriter(tool.name, options.parallel ?? true);
  return new StructuredTurn(unwrapping(tool.input_schema, call), options);
}

/** Words at the root of a schema that no tool's schema may have. */
const notAtRoot = ['anyOf', 'oneOf', 'allOf', '$ref', 'nullable'];

/** A tool's schema: Anthropic takes neither another type nor a choice or a reference at the root. */
function isWrapped(schema: JsonObject): boolean {
  return schema['type'] !== 'object' || notAtRoot.some((word) => word in schema);
}

/** As much of a schema as `asContent` and `asToolCall` look at. */
export function schemaRoot(schema: JsonObject): JsonObject {
  const words = notAtRoot.filter((word) => word in schema).map((word) => [word, true] as const);
  return { ...(schema['type'] === 'object' ? { type: 'object' } : {}), ...Object.fromEntries(words) };
}

const textRewriter: CallRewriter = {
  stopReason: 'end_turn',
  begin: (_id, ordinal, out) => {
    if (ordinal > 0) return false;
    out.open({ type: 'text', text: '' });
    return true;
  },
  json: (piece, out) => {
    if (piece !== '') out.add({ type: 'text_delta', text: piece });
  },
  end: (out) => {
    out.close();
  },
};

function toolCallRewriter(name: string, parallel: boolean): CallRewriter {
  return {
    stopReason: 'tool_use',
    begin: (id, ordinal, out) => {
      if (ordinal > 0 && !parallel) return false;
      out.open({ type: 'tool_use', id, name, input: {} });
      return true;
    },
    json: (piece, out) => {
      if (piece !== '') out.add({ type: 'input_json_delta', partial_json: piece });
    },
    end: (out) => {
      out.close();
    },
  };
}

/** Hands the rewriter the client's own JSON: without the wrapper, and `{}` where the model sent no arguments at all. */
function unwrapping(schema: JsonObject, inner: CallRewriter): CallRewriter {
  const wrapped = isWrapped(schema);
  let feed: (piece: string) => void = () => {};
  let empty = true;
  return {
    stopReason: inner.stopReason,
    begin: (id, ordinal, out) => {
      const write = (piece: string) => {
        inner.json(piece, out);
      };
      const tap = new JsonTap({ begin: isAnswer, piece: write, end: () => {}, close: () => {} });
      feed = wrapped ? (piece) => tap.feed(piece) : write;
      empty = true;
      return inner.begin(id, ordinal, out);
    },
    json: (piece) => {
      if (piece !== '') empty = false;
      feed(piece);
    },
    end: (out) => {
      if (empty && !wrapped) inner.json('{}', out);
      inner.end(out);
    },
  };
}

function isAnswer(path: TapPath): boolean {
  return path.length === 1 && path[0] === wrapper;
}
