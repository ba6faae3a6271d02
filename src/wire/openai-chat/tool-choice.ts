import { z } from 'zod';
import { caps } from '../caps.ts';
import type { Tool, ToolChoice } from '../anthropic/request.ts';
import { OcpError } from '../errors.ts';
import { fieldName, parseAt } from '../validate.ts';
import type { ChatBody } from './body.ts';

interface Choice {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice;
}

const named = z.looseObject({ name: z.string() });
export const allowedTools = z.looseObject({
  mode: z.enum(['auto', 'required']),
  tools: z
    .array(z.looseObject({ type: z.string().nullish() }))
    .min(1)
    .max(caps.chatTools),
});

/**
 * The tools that the model may call and how it must: `tool_choice`, or the older `function_call`.
 * Raises OcpError `invalid_request` where a tool is forced that the request does not offer.
 */
export function chooseTools(body: ChatBody, offered: readonly Tool[]): Choice {
  const choice = body.tool_choice;
  if (choice === null || choice === undefined) return chooseFunction(body.function_call, offered);
  if (typeof choice === 'string') {
    return { tools: offered, choice: simpleChoice(choice, offered, 'tool_choice') };
  }
  switch (choice.type) {
    case 'function':
    case 'custom': {
      const { name, field } = nameIn(choice, choice.type, ['tool_choice']);
      return { tools: offered, choice: { type: 'tool', name: offeredName(name, namesOf(offered), field) } };
    }
    case 'allowed_tools': {
      const nested = choice['allowed_tools'] !== undefined;
      const at = nested ? ['tool_choice', 'allowed_tools'] : ['tool_choice'];
      const offeredNames = namesOf(offered);
      const allowed = parseAt(allowedTools, nested ? choice['allowed_tools'] : choice, at);
      const names = new Set(
        allowed.tools.map((tool, index) => {
          const { name, field } = nameIn(tool, tool.type ?? 'function', [...at, 'tools', index]);
          return offeredName(name, offeredNames, field);
        }),
      );
      return {
        tools: offered.filter((tool) => names.has(tool.name)),
        choice: { type: allowed.mode === 'required' ? 'any' : 'auto' },
      };
    }
    default:
      throw new OcpError(
        'unsupported_parameter',
        `'tool_choice' asks for a tool of type '${choice.type.slice(0, 64)}', which is not available here.`,
        { param: 'tool_choice.type' },
      );
  }
}

function chooseFunction(choice: ChatBody['function_call'], offered: readonly Tool[]): Choice {
  if (choice === null || choice === undefined) return { tools: offered, choice: { type: 'auto' } };
  if (typeof choice === 'string') return { tools: offered, choice: { type: choice } };
  return {
    tools: offered,
    choice: { type: 'tool', name: offeredName(choice.name, namesOf(offered), 'function_call.name') },
  };
}

function simpleChoice(choice: 'none' | 'auto' | 'required', offered: readonly Tool[], param: string): ToolChoice {
  if (choice !== 'required') return { type: choice };
  if (offered.length > 0) return { type: 'any' };
  throw new OcpError('invalid_request', `'${param}' requires a tool call, but no usable tool is offered in 'tools'.`, {
    param,
  });
}

/** The name in `{type:'function', function:{name}}`, or in the flat form of the Responses API. */
function nameIn(
  choice: Readonly<Record<string, unknown>>,
  kind: string,
  at: readonly PropertyKey[],
): { name: string; field: string } {
  const flat = choice[kind] === undefined && choice['name'] !== undefined;
  const path = flat ? at : [...at, kind];
  const { name } = parseAt(named, flat ? choice : choice[kind], path);
  return { name, field: fieldName([...path, 'name']) };
}

function namesOf(tools: readonly Tool[]): ReadonlySet<string> {
  return new Set(tools.map((tool) => tool.name));
}

function offeredName(name: string, offered: ReadonlySet<string>, param: string): string {
  if (offered.has(name)) return name;
  throw new OcpError(
    'invalid_request',
    `'${param}' names the tool '${name.slice(0, 128)}', which 'tools' does not offer.`,
    {
      param,
    },
  );
}
