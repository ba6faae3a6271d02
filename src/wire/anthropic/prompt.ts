import { requireImageLimit } from '../media.ts';
import { label } from '../name-list.ts';
import type { OpenResult } from '../open-result.ts';
import { checkAskedSchemas } from './asked-schemas.ts';
import { textBlocks } from './content-schema.ts';
import { readHistory } from './history.ts';
import type { Ignore } from './read-blocks.ts';
import { readContent } from './read-blocks.ts';
import type { MessagesRequest } from './request.ts';
import type { Effort } from './thinking.ts';
import type { CountTokensBody } from './schema.ts';
import { messagesBody } from './schema.ts';
import { isKnownDisplay, thinkingOf } from './thinking-schema.ts';
import { readTools } from './tools.ts';

/** What an answer is made from, and the names of accepted fields that have no effect on it. */
export interface Prompt {
  readonly request: MessagesRequest;
  readonly ignored: readonly string[];
}

/** Fields that OCP reads, or that mean nothing to the answer (the beta list, the conversation's and the user's name). */
const understood: ReadonlySet<string> = new Set([
  ...Object.keys(messagesBody.shape),
  'metadata',
  'session_id',
  'conversation_id',
  'cache_control',
  'betas',
  'anthropic_beta',
  'anthropic_version',
]);

/**
 * The part of a request that both counting and answering need. `openResults` gets the tool results whose calls the server
 * may remember.
 * Raises OcpError `invalid_request` or `unsupported_parameter` with the field's path.
 */
export function readPrompt(wire: CountTokensBody, openResults?: OpenResult[]): Prompt {
  const ignored = new Set<string>();
  const ignore: Ignore = (name) => ignored.add(label(name));
  for (const [name, value] of Object.entries(wire)) {
    if (!understood.has(name) && !isEmpty(value)) ignore(name);
  }
  const messages = readHistory(wire.messages, ignore, openResults);
  requireImageLimit(messages, 'messages');
  const effort = readEffort(wire);
  const outputSchema = wire.output_config?.format?.schema ?? wire.output_format?.schema;
  const request: MessagesRequest = {
    model: wire.model,
    system: readSystem(wire.system ?? [], ignore),
    messages,
    ...readTools(wire.tools, wire.tool_choice, ignore),
    stopSequences: [],
    ...(effort === undefined ? {} : { effort }),
    ...readThinking(wire, ignore),
    ...(outputSchema === undefined ? {} : { outputSchema }),
  };
  const output = wire.output_config?.format ? 'output_config.format.schema' : 'output_format.schema';
  return { request, ignored: [...ignored, ...checkAskedSchemas(request, { output, tools: 'tools' })] };
}

/** Claude Code's first block is a note of its version to Anthropic's billing, no part of the prompt. */
function readSystem(system: NonNullable<CountTokensBody['system']>, ignore: Ignore): readonly string[] {
  return readContent(system, textBlocks, ['system'], ignore)
    .map(({ block }) => block.text)
    .filter((text, index) => text.trim() !== '' && !(index === 0 && text.startsWith('x-anthropic-billing-header:')));
}

/** The effort of the request, or of the last message that asks for one. */
function readEffort({ output_config, messages }: CountTokensBody): Effort | undefined {
  return (
    output_config?.effort ??
    messages.findLast((message) => message.output_config?.effort)?.output_config?.effort ??
    undefined
  );
}

function readThinking({ thinking }: CountTokensBody, ignore: Ignore): Pick<MessagesRequest, 'thinking'> {
  if (thinking === undefined || thinking === null) return {};
  if ('block_binding' in thinking) ignore('thinking.block_binding');
  if ('display' in thinking && typeof thinking.display === 'string' && !isKnownDisplay(thinking.display)) {
    ignore('thinking.display');
  }
  return { thinking: { exact: thinkingOf(thinking), field: 'thinking' } };
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}
