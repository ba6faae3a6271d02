import type { ToolResultBlock, ToolUseBlock, UserBlock } from '../wire/anthropic/content.ts';
import type { Message } from '../wire/anthropic/request.ts';
import { OcpError } from '../wire/errors.ts';
import type { OpenResult } from '../wire/open-result.ts';

/** What the model reads for calls that the client went past without answering any. */
const abandoned = 'No result came back for this call.';

/**
 * A remembered conversation with the new messages behind it. Results are paired with the calls of the last answer; a
 * client that answers none of them and asks something else has abandoned all of them. Raises OcpError `invalid_request` for
 * a result without its call, and where only some of the calls have a result.
 */
export function joinedMessages(
  known: readonly Message[],
  added: readonly Message[],
  openResults: readonly OpenResult[],
): readonly Message[] {
  const calls = openCalls(known);
  const [first, ...others] = added;
  if (first?.role !== 'user') return [...known, ...added];
  if (calls.length === 0 && openResults.length === 0) return [...known, ...added];
  const paired = pair(calls, first.content.filter(isResult), openResults);
  const content: UserBlock[] = [...paired, ...first.content.filter((block) => !isResult(block))];
  return [...known, { role: 'user', content }, ...others];
}

function pair(
  calls: readonly ToolUseBlock[],
  results: readonly ToolResultBlock[],
  openResults: readonly OpenResult[],
): readonly ToolResultBlock[] {
  if (results.length === 0) {
    const content = [{ type: 'text', text: abandoned }] as const;
    return calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content, is_error: true }));
  }
  const open = new Map(calls.map((call) => [call.id, call]));
  const paired = new Map<string, ToolResultBlock>();
  for (const [index, result] of results.entries()) {
    // A legacy function's result has no id but the function's name.
    const call = open.get(result.tool_use_id) ?? [...open.values()].find(({ name }) => name === result.tool_use_id);
    const { problem, param } = openResults[index] ?? { problem: 'A tool result has no call before it.', param: null };
    if (call === undefined) throw new OcpError('invalid_request', problem, param === null ? {} : { param });
    open.delete(call.id);
    paired.set(call.id, { ...result, tool_use_id: call.id });
  }
  if (open.size > 0) {
    const ids = [...open.keys()].slice(0, 5).join(', ');
    const message = `The last answer of this conversation made calls that have no result in this request: ${ids}. Send the results of all its calls together.`;
    const param = openResults[0]?.param;
    throw new OcpError('invalid_request', message, param === undefined ? {} : { param });
  }
  // In the order of the calls, as a client that sends everything would have them.
  return calls.flatMap(({ id }) => paired.get(id) ?? []);
}

function openCalls(messages: readonly Message[]): readonly ToolUseBlock[] {
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return [];
  return last.content.filter((block) => block.type === 'tool_use');
}

function isResult(block: UserBlock): block is ToolResultBlock {
  return block.type === 'tool_result';
}
