import type { AnswerEvent } from './events.ts';
import { isObject } from '../json.ts';

interface OpenBlock {
  readonly start: Readonly<Record<string, unknown>>;
  text: string;
  signature: string;
}

/** The same answer without streaming: one `Message` body. Contract: Anthropic API reference, Messages. */
export function wholeMessage(events: Iterable<AnswerEvent>): Readonly<Record<string, unknown>> {
  let message: Record<string, unknown> = {};
  const blocks: OpenBlock[] = [];
  for (const { type, data } of events) {
    const open = blocks.at(-1);
    if (type === 'message_start' && isObject(data['message'])) {
      message = { ...data['message'] };
    } else if (type === 'content_block_start' && isObject(data['content_block'])) {
      blocks.push({ start: data['content_block'], text: '', signature: '' });
    } else if (type === 'content_block_delta' && open !== undefined && isObject(data['delta'])) {
      append(open, data['delta']);
    } else if (type === 'message_delta' && isObject(data['delta']) && isObject(data['usage'])) {
      const usage = isObject(message['usage']) ? { ...message['usage'], ...data['usage'] } : data['usage'];
      message = { ...message, ...data['delta'], usage };
    }
  }
  return { ...message, content: blocks.map(closeBlock) };
}

function append(block: OpenBlock, delta: Readonly<Record<string, unknown>>): void {
  for (const key of ['text', 'thinking', 'partial_json']) {
    if (typeof delta[key] === 'string') block.text += delta[key];
  }
  if (typeof delta['signature'] === 'string') block.signature += delta['signature'];
}

function closeBlock(block: OpenBlock): Readonly<Record<string, unknown>> {
  switch (block.start['type']) {
    case 'text':
      return { ...block.start, text: block.text };
    case 'thinking':
      return { ...block.start, thinking: block.text, signature: block.signature };
    case 'tool_use':
      return { ...block.start, input: parseInput(block.text) };
    default:
      return block.start;
  }
}

/** Arguments that `max_tokens` cut short are no JSON; the API then gives what it could read, here nothing. */
function parseInput(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
