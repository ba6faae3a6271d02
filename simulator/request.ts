import type { IncomingHttpHeaders } from 'node:http';
import type { WireObject } from './json.ts';
import { contentBlocks, isObject, objectsOf, textOf } from './json.ts';

/** A tool that the request offers to the model. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** Its JSON Schema; any object for a tool that has none (Anthropic's own server tools). */
  readonly inputSchema: WireObject;
}

/** A tool result in the newest user message. */
export interface GivenResult {
  readonly toolUseId: string;
  /** The tool that was called, as the history tells. */
  readonly toolName: string;
  readonly text: string;
  readonly isError: boolean;
}

/** A valid `POST /v1/messages`, in the terms that rules ask about. */
export interface SimulatedRequest {
  readonly id: string;
  /** 1 for the first Messages call since the simulator started or its script was set. */
  readonly nth: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: WireObject;
  readonly model: string;
  readonly stream: boolean;
  /** Tokens. */
  readonly maxTokens: number;
  readonly stopSequences: readonly string[];
  readonly tools: readonly OfferedTool[];
  readonly systemText: string;
  /** The newest user message without the notes that the CLI puts into it (`<system-reminder>` and the like). */
  readonly lastUserText: string;
  /** The tool results of the newest user message, in order. */
  readonly toolResults: readonly GivenResult[];
}

/** Reads a request that has passed validation. */
export function readRequest(body: WireObject, headers: IncomingHttpHeaders, id: string, nth: number): SimulatedRequest {
  const newest = newestUserBlocks(body['messages']);
  return {
    id,
    nth,
    headers,
    body,
    model: typeof body['model'] === 'string' ? body['model'] : '',
    stream: body['stream'] === true,
    maxTokens: typeof body['max_tokens'] === 'number' ? body['max_tokens'] : Number.POSITIVE_INFINITY,
    stopSequences: Array.isArray(body['stop_sequences'])
      ? body['stop_sequences'].filter((stop): stop is string => typeof stop === 'string' && stop !== '')
      : [],
    tools: objectsOf(body['tools']).map(offeredTool),
    systemText: textOf(body['system']),
    lastUserText: newest
      .map((block) => (block['type'] === 'text' ? textOf([block]).trim() : ''))
      .filter((text) => text !== '' && !isNoteOfTheCli(text))
      .join('\n'),
    toolResults: newest
      .filter((block) => block['type'] === 'tool_result')
      .map((block) => givenResult(block, body['messages'])),
  };
}

/** The blocks of the last run of user messages: the API reads consecutive messages of one role as one. */
function newestUserBlocks(messages: unknown): readonly WireObject[] {
  const turns = objectsOf(messages).filter((message) => message['role'] !== 'system');
  const start = turns.findLastIndex((message) => message['role'] !== 'user') + 1;
  return turns.slice(start).flatMap((message) => contentBlocks(message['content']));
}

function isNoteOfTheCli(text: string): boolean {
  return /^<(?:system-reminder|command-name|command-message|local-command-\w+)>/.test(text);
}

function offeredTool(tool: WireObject): OfferedTool {
  return {
    name: String(tool['name']),
    description: typeof tool['description'] === 'string' ? tool['description'] : '',
    inputSchema: isObject(tool['input_schema']) ? tool['input_schema'] : { type: 'object' },
  };
}

function givenResult(block: WireObject, messages: unknown): GivenResult {
  const toolUseId = String(block['tool_use_id']);
  const call = objectsOf(messages)
    .flatMap((message) => contentBlocks(message['content']))
    .findLast((candidate) => candidate['type'] === 'tool_use' && candidate['id'] === toolUseId);
  return {
    toolUseId,
    toolName: String(call?.['name']),
    text: textOf(block['content']),
    isError: block['is_error'] === true,
  };
}
