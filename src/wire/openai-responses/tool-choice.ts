import * as z from 'zod';
import type { Tool, ToolChoice } from '../anthropic/request.ts';
import { caps } from '../caps.ts';
import { OcpError } from '../errors.ts';
import type { FieldPath } from '../validate.ts';
import { fieldName, parseAt } from '../validate.ts';
import { label, listed } from '../name-list.ts';
import type { ClientTool } from './reply.ts';
import type { ToolSet } from './tools.ts';

/** The tools that the model is offered, and which of them it may or must call. */
export interface ChosenTools {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
}

export const namedSchema = z.looseObject({
  type: z.enum(['function', 'custom']),
  name: z.string(),
  namespace: z.string().nullish(),
});
export const allowedSchema = z.looseObject({
  type: z.literal('allowed_tools'),
  mode: z.enum(['auto', 'required']),
  tools: z.array(z.looseObject({ type: z.string() })).max(caps.tools),
});
const choiceSchema = z.union([z.enum(['auto', 'none', 'required']), z.looseObject({ type: z.string() })]);

/**
 * Applies `tool_choice`. Raises OcpError `unsupported_parameter` when it forces a tool that OpenAI would run itself, and
 * `invalid_request` when it names a tool that is not offered.
 */
export function chooseTools(choice: unknown, set: ToolSet): ChosenTools {
  const tools = [...set.tools.values()];
  const parsed = parseAt(choiceSchema.nullish(), choice, ['tool_choice']) ?? 'auto';
  if (parsed === 'auto' || parsed === 'none') return { tools, toolChoice: { type: parsed } };
  if (parsed === 'required') return { tools, toolChoice: mustCall(tools, set) };
  if (parsed.type === 'function' || parsed.type === 'custom') {
    return { tools, toolChoice: { type: 'tool', name: offeredName(parsed, ['tool_choice'], set) } };
  }
  if (parsed.type === 'allowed_tools') return allowTools(parsed, set);
  throw hostedTool(label(parsed.type));
}

function allowTools(choice: unknown, set: ToolSet): ChosenTools {
  const { mode, tools: list } = parseAt(allowedSchema, choice, ['tool_choice']);
  const allowed = new Set<string>();
  const namespaces = new Set<string>();
  list.forEach((entry, index) => {
    if (entry.type === 'function' || entry.type === 'custom') {
      allowed.add(offeredName(entry, ['tool_choice', 'tools', index], set));
    } else if (entry.type === 'namespace') {
      namespaces.add(String(entry['name']));
    }
  });
  for (const namespace of namespaces) for (const inner of set.inNamespace(namespace)) allowed.add(inner);
  const tools = [...set.tools.values()].filter((tool) => allowed.has(tool.name));
  return { tools, toolChoice: mode === 'required' ? mustCall(tools, set) : { type: 'auto' } };
}

function offeredName(value: unknown, at: FieldPath, set: ToolSet): string {
  const { type: kind, name, namespace } = parseAt(namedSchema, value, at);
  const tool: ClientTool = typeof namespace === 'string' ? { kind, name, namespace } : { kind, name };
  const inner = set.find(tool);
  if (inner !== undefined) return inner;
  const param = fieldName([...at, 'name']);
  throw new OcpError('invalid_request', `'${param}' is '${name.slice(0, 64)}', which is not among the tools.`, {
    param,
  });
}

function mustCall(tools: readonly Tool[], set: ToolSet): ToolChoice {
  if (tools.length > 0) return { type: 'any' };
  if (set.ignored.length > 0) throw hostedTool(listed(set.ignored));
  throw new OcpError('invalid_request', "'tool_choice' asks for a tool call, but there are no tools.", {
    param: 'tool_choice',
  });
}

function hostedTool(name: string): OcpError {
  const message = `'tool_choice' forces ${name}, a tool that runs on OpenAI's servers; OCP only has the client's own.`;
  return new OcpError('unsupported_parameter', message, { param: 'tool_choice' });
}
