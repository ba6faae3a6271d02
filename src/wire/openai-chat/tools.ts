import { z } from 'zod';
import type { Tool, ToolChoice } from '../anthropic/request.ts';
import { OcpError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { requireSchema } from '../json-schema-check.ts';
import { parseAt } from '../validate.ts';
import type { FieldPath } from '../validate.ts';
import type { ChatBody } from './body.ts';
import { chooseTools } from './tool-choice.ts';

/** The client's tools in the shape that the model gets, and what the answer has to remember of their own shape. */
export interface ToolSet {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice;
  readonly parallel: boolean;
  /** Names of tools that take free text; their calls are answered as `custom`. */
  readonly custom: ReadonlySet<string>;
  /** The request used `functions`, so a call is answered as `function_call`. */
  readonly legacy: boolean;
  /** Hosted tools of OpenAI's, which nobody here runs: `tools[3]`. */
  readonly ignored: readonly string[];
}

/** Characters; Anthropic takes fewer, and not all: what it does not take is mapped (src/claude/form). */
const longestToolName = 1024;

const name = z.string().min(1).max(longestToolName);
const functionFields = {
  name,
  description: z.string().nullish(),
  parameters: z.looseObject({ type: z.literal('object').optional() }).nullish(),
};
const functionDefinition = z.looseObject(functionFields);
export const functionTool = z.looseObject({ function: functionDefinition });
const customDefinition = z.looseObject({
  name,
  description: z.string().nullish(),
  format: z
    .looseObject({
      definition: z.string().nullish(),
      syntax: z.string().nullish(),
      grammar: z.looseObject({ definition: z.string(), syntax: z.string().nullish() }).nullish(),
    })
    .nullish(),
});
export const customTool = z.looseObject({ custom: customDefinition });

/**
 * Reads `tools`, `tool_choice` and `parallel_tool_calls`, or the older `functions` and `function_call`.
 * Raises OcpError `invalid_request` for a malformed or doubled tool and for a choice that names none of them.
 */
export function readTools(body: ChatBody): ToolSet {
  const legacy = (body.tools ?? []).length === 0 && (body.functions ?? []).length > 0;
  const custom = new Set<string>();
  const ignored: string[] = [];
  const offered = new Map<string, Tool>();
  const offer = (tool: Tool, field: string): void => {
    if (offered.has(tool.name)) {
      throw new OcpError('invalid_request', `'${field}' repeats the name '${tool.name}' of another tool.`, {
        param: field,
      });
    }
    offered.set(tool.name, tool);
  };
  for (const [index, tool] of (body.tools ?? []).entries()) {
    const at = ['tools', index];
    if (tool.type === 'function') {
      const flat = tool['function'] === undefined && tool['name'] !== undefined;
      const definition = flat ? parseAt(functionDefinition, tool, at) : parseAt(functionTool, tool, at).function;
      offer(
        functionAsTool(definition, flat ? at : [...at, 'function']),
        flat ? `tools[${index}].name` : `tools[${index}].function.name`,
      );
    } else if (tool.type === 'custom') {
      const flat = tool['custom'] === undefined && tool['name'] !== undefined;
      const definition = flat ? parseAt(customDefinition, tool, at) : parseAt(customTool, tool, at).custom;
      offer(customAsTool(definition), flat ? `tools[${index}].name` : `tools[${index}].custom.name`);
      custom.add(definition.name);
    } else {
      ignored.push(`tools[${index}]`);
    }
  }
  if (legacy) {
    for (const [index, definition] of (body.functions ?? []).entries()) {
      const at: FieldPath = ['functions', index];
      offer(functionAsTool(parseAt(functionDefinition, definition, at), at), `functions[${index}].name`);
    }
  }
  const chosen = chooseTools(body, [...offered.values()]);
  return { ...chosen, custom, legacy, ignored, parallel: !legacy && body.parallel_tool_calls !== false };
}

function functionAsTool(definition: z.output<typeof functionDefinition>, at: FieldPath): Tool {
  const { parameters } = definition;
  if (parameters !== null && parameters !== undefined) {
    requireSchema(parameters, [...at, 'parameters'], `function '${definition.name.slice(0, 64)}'`);
  }
  return {
    name: definition.name,
    ...described(definition.description),
    input_schema:
      parameters === null || parameters === undefined
        ? { type: 'object', properties: {} }
        : ({ type: 'object', ...parameters } as JsonObject),
  };
}

/** A tool that takes free text: the model calls it with one string, and is told the grammar, which nothing enforces. */
function customAsTool(definition: z.output<typeof customDefinition>): Tool {
  const grammar = definition.format?.grammar ?? definition.format;
  const rule =
    typeof grammar?.definition === 'string'
      ? `The input must follow this ${grammar.syntax ?? ''} grammar:\n${grammar.definition}`
      : undefined;
  return {
    name: definition.name,
    ...described([definition.description, rule].filter((text) => typeof text === 'string').join('\n\n')),
    input_schema: {
      type: 'object',
      properties: { input: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
      required: ['input'],
      additionalProperties: false,
    },
  };
}

function described(description: string | null | undefined): { description?: string } {
  return description === null || description === undefined || description === '' ? {} : { description };
}
