import * as z from 'zod';
import * as content from '../../../src/wire/anthropic/content-schema.ts';
import { clientTool } from '../../../src/wire/anthropic/tools.ts';
import { allowedTools } from '../../../src/wire/openai-chat/tool-choice.ts';
import * as chatTools from '../../../src/wire/openai-chat/tools.ts';
import { partSchema } from '../../../src/wire/openai-responses/content.ts';
import * as items from '../../../src/wire/openai-responses/items.ts';
import { formatSchema } from '../../../src/wire/openai-responses/schema.ts';
import * as choices from '../../../src/wire/openai-responses/tool-choice.ts';
import * as tools from '../../../src/wire/openai-responses/tools.ts';

/** A JSON Schema as `z.toJSONSchema` writes it, as far as bodies are made from it. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly format?: string;
  readonly pattern?: string;
}

/** An endpoint that takes a body. */
export interface BodyEndpoint {
  readonly method: string;
  readonly path: string;
  readonly schema: JsonSchema;
}

interface Operation {
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } };
}

/** Every endpoint of a running OCP that takes a body, from its own description: one added later is among them by itself. */
export async function endpointsWithBody(url: string): Promise<readonly BodyEndpoint[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody }]): BodyEndpoint[] =>
      requestBody === undefined
        ? []
        : [
            {
              method: method.toUpperCase(),
              path: path.replaceAll(/\{\w+\}/gu, '1'),
              schema: requestBody.content['application/json'].schema,
            },
          ],
    ),
  );
}

/**
 * What stands where a body's own schema leaves it open, by the name of the member: such places are read one by one, with
 * schemas of their own.
 */
export const openPlaces: Readonly<Record<string, readonly JsonSchema[]>> = {
  content: [
    ...Object.values({ ...content.userBlocks, ...content.assistantBlocks }).map(jsonSchema),
    jsonSchema(partSchema),
  ],
  system: Object.values(content.textBlocks).map(jsonSchema),
  output: [jsonSchema(partSchema)],
  input: [
    typed('message', items.messageSchema),
    typed('function_call', items.functionCallSchema),
    typed('custom_tool_call', items.customCallSchema),
    typed('function_call_output', items.outputSchema),
    typed('reasoning', items.reasoningSchema),
    typed('additional_tools', items.additionalToolsSchema),
    typed('item_reference', z.looseObject({ id: z.string() })),
    typed('unheard_of', z.looseObject({})),
  ],
  tools: [
    jsonSchema(clientTool),
    typed('function', chatTools.functionTool),
    typed('custom', chatTools.customTool),
    jsonSchema(tools.functionSchema),
    jsonSchema(tools.customSchema),
    jsonSchema(tools.namespaceSchema),
  ],
  functions: [jsonSchema(chatTools.functionTool.shape.function)],
  tool_choice: [
    jsonSchema(choices.namedSchema),
    jsonSchema(choices.allowedSchema),
    typed('allowed_tools', allowedTools),
  ],
  format: [jsonSchema(formatSchema)],
};

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
}

function typed(type: string, schema: z.ZodType): JsonSchema {
  const { properties = {}, required = [], ...rest } = jsonSchema(schema);
  return { ...rest, properties: { type: { const: type }, ...properties }, required: ['type', ...required] };
}

/** The branches of a choice; a schema without one is its own. */
export function branchesOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema];
}

/** Whether a schema says nothing of what stands there. */
export function isOpen(schema: JsonSchema): boolean {
  return (
    schema.type === undefined &&
    schema.const === undefined &&
    schema.enum === undefined &&
    branchesOf(schema)[0] === schema
  );
}

/** The smallest value that a schema takes; `name` is the member that it stands in. */
export function minimal(schema: JsonSchema, name = ''): unknown {
  const [branch] = branchesOf(schema);
  if (branch !== undefined && branch !== schema) return minimal(branch, name);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, minimal(schema.properties?.[key] ?? {}, key)]),
      );
    case 'array':
      return (schema.minItems ?? 0) > 0 ? [minimal(schema.items ?? {}, name)] : [];
    case 'string':
      return schema.format === 'date-time' ? '2026-01-01T00:00:00Z' : name === 'url' ? 'https://example.org/a' : 'x';
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default: {
      const [inner] = openPlaces[name] ?? [];
      return inner === undefined ? { type: 'object' } : minimal(inner, name);
    }
  }
}
