import { ApiError } from '../errors.ts';
import type { WireObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { SimulatedRequest } from '../request.ts';
import { satisfyingValue } from '../schema/value.ts';
import type { Answer, ErrorAnswer, HangUpAnswer, MessageAnswer, SilentAnswer, StructuredAnswer } from './answer.ts';

/** The CLI's own tool for structured output. */
export const structuredOutputTool = 'StructuredOutput';

/** An answer whose open parts (a text shorthand, structured output, absent tool arguments) are filled in. */
export type ResolvedAnswer = MessageAnswer | ErrorAnswer | HangUpAnswer | SilentAnswer;

/** @throws ApiError when the answer calls a tool without arguments and the request does not offer that tool. */
export function resolveAnswer(answer: Answer, request: SimulatedRequest): ResolvedAnswer {
  if (typeof answer === 'string') return { kind: 'message', content: [{ type: 'text', text: answer }] };
  if (answer.kind === 'structured') return withArguments(structured(answer, request), request);
  return answer.kind === 'message' ? withArguments(answer, request) : answer;
}

function withArguments(answer: MessageAnswer, request: SimulatedRequest): MessageAnswer {
  if (!answer.content.some((block) => block.type === 'tool_use' && block.input === undefined)) return answer;
  return {
    ...answer,
    content: answer.content.map((block) =>
      block.type === 'tool_use' && block.input === undefined && block.pieces === undefined
        ? { ...block, input: satisfyingArguments(block.name, request) }
        : block,
    ),
  };
}

function satisfyingArguments(name: string, request: SimulatedRequest): unknown {
  const tool = request.tools.find((offered) => offered.name === name);
  if (tool === undefined) {
    throw new ApiError(500, `The script calls the tool ${name}, which the request does not offer.`);
  }
  return satisfyingValue(tool.inputSchema);
}

function structured(answer: StructuredAnswer, request: SimulatedRequest): MessageAnswer {
  const { kind: _kind, value, ...pace } = answer;
  if (request.tools.some((tool) => tool.name === structuredOutputTool)) {
    const call = {
      type: 'tool_use' as const,
      name: structuredOutputTool,
      ...(value === undefined ? {} : { input: value }),
    };
    return { ...pace, kind: 'message', content: [call] };
  }
  const text = JSON.stringify(
    value === undefined ? satisfyingValue(outputSchema(request.body) ?? { type: 'object' }) : value,
  );
  return { ...pace, kind: 'message', content: [{ type: 'text', text }] };
}

/** Tells whether a request asks for structured output, by the CLI's tool or by `output_config.format`. */
export function wantsJson(request: SimulatedRequest): boolean {
  return request.tools.some((tool) => tool.name === structuredOutputTool) || outputSchema(request.body) !== undefined;
}

function outputSchema(body: WireObject): unknown {
  const config = body['output_config'];
  const format = isObject(config) ? config['format'] : undefined;
  return isObject(format) && format['type'] === 'json_schema' ? format['schema'] : undefined;
}
