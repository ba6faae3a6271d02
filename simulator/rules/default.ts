import type { Answer } from '../answers/answer.ts';
import { toolAnswer } from '../answers/answer.ts';
import { structuredOutputTool, wantsJson } from '../answers/resolve.ts';
import type { OfferedTool, SimulatedRequest } from '../request.ts';
import { satisfyingValue } from '../schema/value.ts';
import { directedAnswer } from './directives.ts';
import { fittingTool, forcedTool, hintsFrom } from './tool-choice.ts';

const quoteLimit = 2_000;

/**
 * What the simulator answers when no rule of the script matches: what the prompt's directives say; structured output
 * where it is asked for; a text that quotes the tool results that came; a call of the tool that the prompt asks for;
 * else an echo.
 */
export function defaultAnswer(request: SimulatedRequest): Answer {
  const directed = directedAnswer(request.lastUserText, echo);
  if (directed !== undefined) return directed;
  if (wantsJson(request) && !request.toolResults.some((result) => result.toolName === structuredOutputTool)) {
    return { kind: 'structured' };
  }
  if (request.toolResults.length > 0) return quoteResults(request);
  const tool = forcedTool(request) ?? fittingTool(request);
  return tool === undefined || tool.name === structuredOutputTool ? echo(request.lastUserText) : callOf(tool, request);
}

function callOf(tool: OfferedTool, request: SimulatedRequest): Answer {
  const options = { hint: hintsFrom(request.lastUserText), requiredOnly: true };
  return toolAnswer({ name: tool.name, input: satisfyingValue(tool.inputSchema, options) });
}

function quoteResults(request: SimulatedRequest): string {
  return request.toolResults
    .map(({ toolName, text, isError }) => {
      const quote = text.length > quoteLimit ? `${text.slice(0, quoteLimit)} …` : text;
      return `The tool ${toolName} ${isError ? 'failed' : 'answered'}: ${quote}`;
    })
    .join('\n');
}

function echo(text: string): string {
  if (text === '') return 'Hello from the simulator: the message had no text in it.';
  const quote = text.length > quoteLimit ? `${text.slice(0, quoteLimit)} …` : text;
  return `Hello from the simulator. You said: ${quote}`;
}
