import type { AssistantBlock, ToolResultBlock, UserBlock } from '../wire/anthropic/content.ts';
import type { Message } from '../wire/anthropic/request.ts';
import type { ToolNames } from './tool-names.ts';

/** Content as it is written to a worker; at most one block of a history carries OCP's own cache breakpoint. */
type WrittenBlock = (UserBlock | AssistantBlock | WrittenFailure) & {
  readonly cache_control?: { readonly type: 'ephemeral' };
};

/** What a failed tool said, as the CLI writes it. */
interface WrittenFailure extends Pick<ToolResultBlock, 'type' | 'tool_use_id'> {
  readonly content: string;
  readonly is_error: true;
}

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
  const merged: GrowingMessage[] = [];
  for (const original of messages) {
    const message = withMediaBesideFailures(original);
    const last = merged.at(-1);
    if (last?.role === 'user' && message.role === 'user') for (const block of message.content) last.content.push(block);
    else if (last?.role === 'assistant' && message.role === 'assistant') {
      for (const block of message.content) last.content.push(block);
    } else if (message.role === 'user') merged.push({ role: 'user', content: [...message.content] });
    else merged.push({ role: 'assistant', content: [...message.content] });
  }
  return merged;
}

/** A message that takes up those behind it: adding to its own list costs what is added, making a new one what is there. */
type GrowingMessage =
  | { readonly role: 'user'; readonly content: UserBlock[] }
  | { readonly role: 'assistant'; readonly content: AssistantBlock[] };

/** The API takes only text in the result of a failed call, and the CLI drops all else from it. */
function withMediaBesideFailures(message: Message): Message {
  if (message.role === 'assistant') return message;
  const media: UserBlock[] = [];
  const content = message.content.map((block): UserBlock => {
    if (block.type !== 'tool_result' || block.is_error !== true) return block;
    for (const part of block.content) if (part.type !== 'text') media.push(part);
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
 * A whole conversation as a new worker is told it, with OCP's one cache breakpoint. Where the last request ended, live or
 * not, the CLI had one of its own: ours goes on the same block, the last of the newest user message but one, so that all
 * that was sent before is found even where the API, which looks 20 blocks back, would not find it from the new end. In a
 * worker that goes on there must not be a second one: it keeps this one, and the API takes four in all.
 */
export function writtenConversation(messages: readonly Message[], names: ToolNames): readonly WrittenMessage[] {
  const written = [...writtenMessages(messages, names)];
  for (let index = written.length - 2; index >= 0; index -= 1) {
    const message = written[index];
    if (message?.role !== 'user') continue;
    const at = message.content.findLastIndex(canCarryBreakpoint);
    if (at === -1) continue;
    const content = message.content.map((block, position): WrittenBlock =>
      position === at ? { ...block, cache_control: { type: 'ephemeral' } } : block,
    );
    written[index] = { ...message, content };
    break;
  }
  return written;
}

/** Results are written as the CLI itself writes those that it fetched, to the order of members: a cache compares bytes. */
function writtenBlock(block: UserBlock | AssistantBlock, names: ToolNames): WrittenBlock {
  if (block.type === 'tool_use') return { ...block, name: names.toCli(block.name) };
  if (block.type !== 'tool_result') return block;
  const { tool_use_id, type, content, ...rest } = block;
  const [only, ...others] = content;
  if (rest.is_error === true && only?.type === 'text' && others.length === 0) {
    return { type, content: only.text, is_error: true, tool_use_id };
  }
  return { tool_use_id, type, content, ...rest };
}

/** Thinking without a signature was never the API's: it is OCP's own report of progress. */
function isWorthWriting(block: UserBlock | AssistantBlock): boolean {
  return block.type !== 'thinking' || block.signature !== '';
}

function canCarryBreakpoint(block: WrittenBlock): boolean {
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
