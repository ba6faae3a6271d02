import * as z from 'zod';
import type { Tool } from '../anthropic/request.ts';
import { caps } from '../caps.ts';
import { OcpError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { FieldPath } from '../validate.ts';
import { requireSchema } from '../json-schema-check.ts';
import { fieldName, parseAt } from '../validate.ts';
import type { ClientTool } from './reply.ts';
import { label } from '../name-list.ts';

export const functionSchema = z.looseObject({
  type: z.literal('function'),
  name: z.string().min(1),
  description: z.string().nullish(),
  parameters: z.custom<JsonObject>(isObject, 'expected an object').nullish(),
});
export const customSchema = z.looseObject({
  type: z.literal('custom'),
  name: z.string().min(1),
  description: z.string().nullish(),
  format: z
    .looseObject({ type: z.string(), syntax: z.string().optional(), definition: z.string().optional() })
    .nullish(),
});
export const namespaceSchema = z.looseObject({
  type: z.literal('namespace'),
  name: z.string().min(1),
  tools: z.array(z.unknown()).max(caps.tools),
});
const anySchema = z.looseObject({ type: z.string().min(1) });

/** Anthropic's limit for a tool's name, in characters of `[A-Za-z0-9_-]`. */
const longestName = 128;

/** A list of tools and where it stands in the request. */
export interface ToolList {
  readonly tools: readonly unknown[];
  readonly at: FieldPath;
}

/**
 * The client's tools as the model gets them. Tools of a namespace are flattened to `namespace__name`, freeform tools
 * become tools with one string, and tools that OpenAI would run itself are left out and named in `ignored`.
 */
export class ToolSet {
  /** By the name that the model sees. */
  readonly tools = new Map<string, Tool>();
  readonly clientTools = new Map<string, ClientTool>();
  readonly ignored: string[] = [];
  readonly #innerNames = new Map<string, string>();
  readonly #namespaces = new Map<string, string[]>();
  /** The names that the model sees of tools in namespaces, by what they are called there. */
  readonly #bareNames = new Map<string, Set<string>>();
  readonly #timesUsed = new Map<string, number>();

  constructor(lists: readonly ToolList[]) {
    for (const { tools, at } of lists) {
      tools.forEach((tool, index) => {
        this.#add(tool, [...at, index], undefined);
      });
    }
  }

  /** The name that the model sees, also of a tool that only the history knows. */
  innerName(tool: ClientTool): string {
    return this.find(tool) ?? cleanName(tool);
  }

  /** The name that the model sees of an offered tool; a bare name finds a tool of a namespace when only one has it. */
  find(tool: ClientTool): string | undefined {
    const exact = this.#innerNames.get(keyOf(tool));
    if (exact !== undefined || tool.namespace !== undefined) return exact;
    const inNamespaces = this.#bareNames.get(keyOf(tool));
    return inNamespaces?.size === 1 ? [...inNamespaces][0] : undefined;
  }

  /** The names that the model sees of the tools of a namespace. */
  inNamespace(namespace: string): readonly string[] {
    return this.#namespaces.get(namespace) ?? [];
  }

  #add(value: unknown, at: FieldPath, namespace: string | undefined): void {
    const { type } = parseAt(anySchema, value, at);
    if (type === 'function') {
      const tool = parseAt(functionSchema, value, at);
      this.#register(clientTool('function', tool.name, namespace), tool.description, inputSchema(tool.parameters, at));
    } else if (type === 'custom') {
      const tool = parseAt(customSchema, value, at);
      this.#register(clientTool('custom', tool.name, namespace), describeFreeform(tool), freeformSchema);
    } else if (type === 'namespace' && namespace === undefined) {
      const space = parseAt(namespaceSchema, value, at);
      space.tools.forEach((tool, index) => {
        this.#add(tool, [...at, 'tools', index], space.name);
      });
    } else {
      this.ignored.push(`${fieldName(at)} (${label(type)})`);
    }
  }

  /** A tool that comes again replaces the earlier one: `additional_tools` items repeat what `tools` has. */
  #register(client: ClientTool, description: string | null | undefined, schema: JsonObject): void {
    const key = keyOf(client);
    const known = this.#innerNames.get(key);
    const name = known ?? this.#unusedName(cleanName(client));
    this.#innerNames.set(key, name);
    this.clientTools.set(name, client);
    if (client.namespace !== undefined && known === undefined) {
      const members = this.#namespaces.get(client.namespace) ?? [];
      this.#namespaces.set(client.namespace, members);
      members.push(name);
      const bare = keyOf({ kind: client.kind, name: client.name });
      this.#bareNames.set(bare, (this.#bareNames.get(bare) ?? new Set()).add(name));
    }
    this.tools.set(name, { name, ...(description ? { description } : {}), input_schema: schema });
  }

  #unusedName(wanted: string): string {
    let name = wanted;
    const stem = wanted.slice(0, longestName - 8);
    while (this.tools.has(name)) {
      const times = (this.#timesUsed.get(stem) ?? 1) + 1;
      this.#timesUsed.set(stem, times);
      name = `${stem}_${times}`;
    }
    return name;
  }
}

function clientTool(kind: ClientTool['kind'], name: string, namespace: string | undefined): ClientTool {
  return namespace === undefined ? { kind, name } : { kind, name, namespace };
}

function keyOf({ kind, name, namespace }: ClientTool): string {
  return JSON.stringify([kind, name, namespace ?? null]);
}

function cleanName({ name, namespace }: ClientTool): string {
  const full = namespace === undefined ? name : `${namespace}__${name}`;
  return full.slice(0, longestName).replaceAll(/[^A-Za-z0-9_-]/g, '_') || '_';
}

/** The client's schema untouched, but for the `type` that Anthropic demands. */
function inputSchema(parameters: JsonObject | null | undefined, at: FieldPath): JsonObject {
  const schema = parameters ?? {};
  requireSchema(schema, [...at, 'parameters'], 'a function');
  if (schema['type'] === 'object') return schema;
  if (schema['type'] !== undefined) {
    const param = fieldName([...at, 'parameters', 'type']);
    throw new OcpError('invalid_request', `'${param}' must be 'object'.`, { param });
  }
  return parameters ? { type: 'object', ...schema } : { type: 'object', properties: {} };
}

const freeformSchema: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The text for the tool, exactly as it takes it.' } },
  required: ['input'],
  additionalProperties: false,
};

/** The model cannot be held to a grammar here, so it is told. */
function describeFreeform(tool: z.output<typeof customSchema>): string {
  const { description, format } = tool;
  const grammar =
    format?.type === 'grammar' && format.definition !== undefined
      ? `The input must match this ${format.syntax ?? 'lark'} grammar:\n${format.definition}`
      : undefined;
  const note = 'Put the text as it is into the one string "input".';
  return [description, note, grammar].filter((part) => typeof part === 'string' && part !== '').join('\n\n');
}
