import { z } from 'zod';
import { OcpError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { listed } from '../name-list.ts';
import { requireSchema } from '../json-schema-check.ts';
import { fieldName, parseAt } from '../validate.ts';
import { definedTool, isUndescribable } from './defined-tools.ts';
import type { Ignore } from './read-blocks.ts';
import type { Tool, ToolChoice } from './request.ts';
import type { RawTool, WireToolChoice } from './schema.ts';

export const clientTool = z.object({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, 'expected 1 to 128 letters, digits, _ and -'),
  description: z.string().nullish(),
  input_schema: z.custom<JsonObject>(
    (value) => isObject(value) && value['type'] === 'object',
    "expected a JSON Schema whose type is 'object'",
  ),
});

/** What the model is offered, and what it may or must call. */
export interface ReadTools {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  readonly parallelToolUse: boolean;
}

/**
 * The tools that the client runs. Tools that Anthropic's servers run (web search, code execution, …) are left out by
 * their names, because the CLI cannot be given them. Raises OcpError `unsupported_parameter` when one of those is forced.
 */
export function readTools(
  raw: readonly RawTool[] | null | undefined,
  choice: WireToolChoice | null | undefined,
  ignore: Ignore,
): ReadTools {
  const tools = new Map<string, Tool>();
  const hosted = new Set<string>();
  for (const [index, tool] of (raw ?? []).entries()) {
    const read = readTool(tool, index);
    if (typeof read === 'string') {
      ignore(`tools.${read}`);
      hosted.add(tool.name ?? read);
    } else {
      if (tools.has(read.name)) throw repeatedName(index);
      tools.set(read.name, read);
    }
  }
  checkChoice(choice, tools, hosted);
  return {
    tools: [...tools.values()],
    toolChoice: choice?.type === 'tool' ? { type: 'tool', name: choice.name } : { type: choice?.type ?? 'auto' },
    parallelToolUse: !(choice !== null && choice !== undefined && disablesParallel(choice)),
  };
}

/** A tool, or the type of one that Anthropic's servers run. */
function readTool(tool: RawTool, index: number): Tool | string {
  const { type } = tool;
  if (type === null || type === undefined || type === 'custom') {
    const { name, description, input_schema } = parseAt(clientTool, tool, ['tools', index]);
    requireSchema(input_schema, ['tools', index, 'input_schema'], `tool '${name}'`);
    return { name, ...(typeof description === 'string' ? { description } : {}), input_schema };
  }
  const defined = definedTool(type, tool.name ?? type);
  if (defined !== undefined) return defined;
  if (isUndescribable(type)) {
    throw new OcpError('unsupported_parameter', `Tools of type '${type.slice(0, 64)}' are not supported.`, {
      param: fieldName(['tools', index, 'type']),
    });
  }
  return type;
}

function checkChoice(
  choice: WireToolChoice | null | undefined,
  tools: ReadonlyMap<string, Tool>,
  hosted: ReadonlySet<string>,
): void {
  if (choice?.type === 'any' && tools.size === 0) {
    if (hosted.size > 0) throw forcedHosted(listed(hosted), 'tool_choice');
    throw new OcpError('invalid_request', 'tool_choice may only be specified while providing tools', {
      param: 'tool_choice',
    });
  }
  if (choice?.type !== 'tool' || tools.has(choice.name)) return;
  if (hosted.has(choice.name)) throw forcedHosted(choice.name, 'tool_choice.name');
  throw new OcpError('invalid_request', `Tool '${choice.name.slice(0, 64)}' not found in provided tools`, {
    param: 'tool_choice.name',
  });
}

function disablesParallel(choice: WireToolChoice): boolean {
  return choice.type !== 'none' && choice.disable_parallel_tool_use === true;
}

function forcedHosted(names: string, param: string): OcpError {
  const problem = `The tool '${names.slice(0, 128)}' runs on Anthropic's servers, which OCP cannot ask for, so it cannot be forced.`;
  return new OcpError('unsupported_parameter', problem, { param });
}

function repeatedName(index: number): OcpError {
  return new OcpError('invalid_request', 'Tool names must be unique.', { param: fieldName(['tools', index, 'name']) });
}
