import { hash } from 'node:crypto';
import type { AssistantBlock, UserBlock } from '../wire/anthropic/content.ts';
import type { AssistantMessage, Message } from '../wire/anthropic/request.ts';

/**
 * Names a transcript by its content, so that a conversation is found again from what the client sends. Tool use ids count
 * by their place only, because clients rewrite them; thinking does not count, because clients drop it.
 * Returns one digest for each prefix: `digests[i]` names `messages[0..i]`.
 */
export function transcriptDigests(messages: readonly Message[]): readonly string[] {
  const digests: string[] = [];
  let calls: readonly string[] = [];
  for (const message of messages) {
    digests.push(nextDigest(digests.at(-1) ?? '', message, calls));
    if (message.role === 'assistant') calls = callIds(message);
  }
  return digests;
}

/** The name of a transcript that is one message longer; `calls` are the open calls that a user message answers. */
export function nextDigest(previous: string, message: Message, calls: readonly string[] = []): string {
  const content =
    message.role === 'assistant' ? assistantContent(message.content) : userContent(message.content, calls);
  return hash('sha256', previous + JSON.stringify([message.role, content]), 'base64url');
}

/** The ids of a message's tool calls, in order. */
export function callIds(message: AssistantMessage): readonly string[] {
  return message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
}

function assistantContent(content: readonly AssistantBlock[]): readonly unknown[] {
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const calls = content.flatMap((block) => (block.type === 'tool_use' ? [[block.name, sorted(block.input)]] : []));
  return [text, calls];
}

function userContent(content: readonly UserBlock[], calls: readonly string[]): readonly unknown[] {
  const places = new Map(calls.map((id, index) => [id, index]));
  const results = content
    .filter((block) => block.type === 'tool_result')
    .map((block) => [places.get(block.tool_use_id) ?? -1, block.content, block.is_error ?? false] as const)
    .toSorted(([a], [b]) => a - b);
  return [results, content.filter((block) => block.type !== 'tool_result')];
}

/** The same value with its keys in order: clients parse arguments and write them again. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
