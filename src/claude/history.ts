import type { AssistantBlock, ToolResultBlock, UserBlock } from '../wire/anthropic/content.ts';
import type { Message } from '../wire/anthropic/request.ts';
import type { ToolNames } from './tool-names.ts';

/** Content as it is written to a worker; at most one block of a history carries OCP's own cache breakpoint. */
type WrittenBlock = (UserBlock | AssistantBlock) & { readonly cache_control?: { readonly type: 'ephemeral' } };

/** One message of a history, ready to be written. */
export interface WrittenMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly WrittenBlock[];
}

/**
 * The messages in the form that goes through the CLI unharmed: consecutive ones of a role joined, which it would otherwise
 * queue and merge in an order of its own, and what failed tools show beside their results.
 */
export function mergeTurns(messages: readonly Message[]): readonly Message[] {
  const merged: Message[] = [];
  for (const original of messages) {
    const message = withMediaBesideFailures(original);
    const last = merged.at(-1);
    if (last?.role === message.role) {
      merged[merged.length - 1] = { role: message.role, content: [...last.content, ...message.content] } as Message;
    } else {
      merged.push(message);
    }
  }
  return merged;
}

/** The API takes only text in the result of a failed call, and the CLI drops all else from it. */
function withMediaBesideFailures(message: Message): Message {
  if (message.role === 'assistant') return message;
  const media: UserBlock[] = [];
  const content = message.content.map((block): UserBlock => {
    if (block.type !== 'tool_result' || block.is_error !== true) return block;
    media.push(...block.content.filter((part) => part.type !== 'text'));
    return { ...block, content: block.content.filter((part) => part.type === 'text') };
  });
  return media.length === 0 ? message : { role: 'user', content: [...content, ...media] };
}

/** Messages as a worker is told them. */
export function writtenMessages(messages: readonly Message[], names: ToolNames): readonly WrittenMessage[] {
  return messages.map(({ role, content }) => ({
    role,
    content: content.filter(isWorthWriting).map((block) => writtenBlock(block, names)),
  }));
}

/**
 * Models that are told of their surroundings in a system message behind the newest message; others find that note inside
 * of it. It is the CLI that decides; a wrong guess only costs reads from the cache.
 */
const NOTE_BEHIND = /^claude-(?:opus-4-8|[a-z]+-5)\b/u;

/**
 * A whole conversation as a new worker is told it, with OCP's one cache breakpoint. The CLI's own one at the end moves on
 * with its note of the surroundings, so the next replay finds only this one again: it goes on the last block that the next
 * replay will repeat. That is in the newest message, or, where the note goes into that one, before it. In a worker that
 * goes on there must not be a second one: it keeps this one, and the API takes four in all.
 */
export function writtenConversation(
  messages: readonly Message[],
  names: ToolNames,
  model: string,
): readonly WrittenMessage[] {
  const written = [...writtenMessages(messages, names)];
  const last = NOTE_BEHIND.test(model) ? written.length - 1 : written.length - 2;
  for (let index = last; index >= 0; index -= 1) {
    const message = written[index];
    if (message === undefined) break;
    const at = message.content.findLastIndex((block) => canCarryBreakpoint(message.role, block));
    if (at === -1) continue;
    const content = message.content.map((block, position): WrittenBlock =>
      position === at ? { ...block, cache_control: { type: 'ephemeral' } } : block,
    );
    written[index] = { ...message, content };
    break;
  }
  return written;
}

function writtenBlock(block: UserBlock | AssistantBlock, names: ToolNames): WrittenBlock {
  return block.type === 'tool_use' ? { ...block, name: names.toCli(block.name) } : block;
}

/** Thinking without a signature was never the API's: it is OCP's own report of progress. */
function isWorthWriting(block: UserBlock | AssistantBlock): boolean {
  return block.type !== 'thinking' || block.signature !== '';
}

/** The CLI strips the mark from tool calls, and the API refuses it on thinking. */
function canCarryBreakpoint(role: WrittenMessage['role'], block: WrittenBlock): boolean {
  if (role === 'assistant') return block.type === 'text';
  return block.type !== 'text' || block.text !== '';
}

/** Tool results of a user message by the call that they answer, and whether there is nothing else in it. */
export function toolResults(content: readonly UserBlock[]): {
  readonly results: ReadonlyMap<string, ToolResultBlock>;
  readonly onlyResults: boolean;
} {
  const results = new Map<string, ToolResultBlock>();
  let onlyResults = true;
  for (const block of content) {
    if (block.type === 'tool_result') results.set(block.tool_use_id, block);
    else onlyResults = false;
  }
  return { results, onlyResults };
}
