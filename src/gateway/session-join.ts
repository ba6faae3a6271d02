import type { PackedMessages } from '../claude/packed/messages.ts';
import { joined, messageAt, withoutOldest } from '../claude/packed/messages.ts';
import { packMessages } from '../claude/packed/pack-messages.ts';
import { unpackMessage } from '../claude/packed/unpack-messages.ts';
import type { ToolResultBlock, ToolUseBlock, UserBlock } from '../wire/anthropic/content.ts';
import { callIdForCli } from '../wire/call-id.ts';
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
  known: PackedMessages,
  added: PackedMessages,
  openResults: readonly OpenResult[],
): PackedMessages {
  const calls = openCalls(known);
  const speaksUser = added.count > 0 && messageAt(added, 0).role === 'user';
  if (!speaksUser || (calls.length === 0 && openResults.length === 0)) return joined(known, added);
  if (openResults.length === 0) return joined(known, joined(abandonedCalls(calls), added));
  const ids = pair(calls, openResults);
  const isAsCalled = openResults.every(({ id }, index) => id === ids[index] && id === calls[index]?.id);
  return joined(known, isAsCalled ? added : renamed(added, ids, calls));
}

function abandonedCalls(calls: readonly ToolUseBlock[]): PackedMessages {
  const text = [{ type: 'text', text: abandoned }] as const;
  const content = calls.map(
    ({ id }) => ({ type: 'tool_result', tool_use_id: id, content: text, is_error: true }) as const,
  );
  return packMessages([{ role: 'user', content }]);
}

/** The call that each of the results answers. */
function pair(calls: readonly ToolUseBlock[], openResults: readonly OpenResult[]): readonly string[] {
  const open = new Map(calls.map((call) => [callIdForCli(call.id), call]));
  const ids = openResults.map(({ id, problem, param }) => {
    // A legacy function's result has no id but the function's name.
    const call = open.get(id) ?? [...open.values()].find(({ name }) => callIdForCli(name) === id);
    if (call === undefined) throw new OcpError('invalid_request', problem, { param });
    open.delete(callIdForCli(call.id));
    return call.id;
  });
  if (open.size > 0) {
    const missing = [...open.keys()].slice(0, 5).join(', ');
    const message = `The last answer of this conversation made calls that have no result in this request: ${missing}. Send the results of all its calls together.`;
    const param = openResults[0]?.param;
    throw new OcpError('invalid_request', message, param === undefined ? {} : { param });
  }
  return ids;
}

/** The new messages with each result under its call's id, in the order of the calls, as a client that sends everything would have them. */
function renamed(added: PackedMessages, ids: readonly string[], calls: readonly ToolUseBlock[]): PackedMessages {
  const first = unpackMessage(added, 0);
  if (first.role !== 'user') return added;
  const results = new Map(
    first.content.filter(isResult).map((result, index) => {
      const id = ids[index] ?? result.tool_use_id;
      return [id, { ...result, tool_use_id: id }];
    }),
  );
  const content: UserBlock[] = [
    ...calls.flatMap(({ id }) => results.get(id) ?? []),
    ...first.content.filter((block) => !isResult(block)),
  ];
  const named = packMessages([{ role: 'user', content }], { calls: calls.map(({ id }) => id) });
  return joined(named, withoutOldest(added, 1));
}

function openCalls(messages: PackedMessages): readonly ToolUseBlock[] {
  if (messages.count === 0 || messages.calls.length === 0) return [];
  const last = unpackMessage(messages, messages.count - 1);
  return last.role === 'assistant' ? last.content.filter((block) => block.type === 'tool_use') : [];
}

function isResult(block: UserBlock): block is ToolResultBlock {
  return block.type === 'tool_result';
}
