import type { StreamEvent } from '../wire/anthropic/events.ts';
import { isObject } from '../wire/json.ts';

const KNOWN_BLOCKS = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use']);
const KNOWN_DELTAS = new Set(['text_delta', 'input_json_delta', 'thinking_delta', 'signature_delta']);

/**
 * Reads the event of a `stream_event` line. Undefined for what no surface can translate: pings, blocks and deltas of
 * unknown types, and events that lack what their type promises.
 */
export function readStreamEvent(event: unknown): StreamEvent | undefined {
  if (!isObject(event)) return undefined;
  switch (event['type']) {
    case 'content_block_delta': {
      const delta = event['delta'];
      const known = isObject(delta) && KNOWN_DELTAS.has(String(delta['type'])) && typeof event['index'] === 'number';
      return known ? (event as unknown as StreamEvent) : undefined;
    }
    case 'content_block_start': {
      const block = event['content_block'];
      const known = isObject(block) && KNOWN_BLOCKS.has(String(block['type'])) && typeof event['index'] === 'number';
      return known ? (event as unknown as StreamEvent) : undefined;
    }
    case 'content_block_stop':
      return typeof event['index'] === 'number' ? (event as unknown as StreamEvent) : undefined;
    case 'message_start':
      return isObject(event['message']) && isObject(event['message']['usage'])
        ? (event as unknown as StreamEvent)
        : undefined;
    case 'message_delta':
      return isObject(event['delta'])
        ? ({ ...event, usage: isObject(event['usage']) ? event['usage'] : {} } as unknown as StreamEvent)
        : undefined;
    case 'message_stop':
      return event as unknown as StreamEvent;
    default:
      return undefined;
  }
}
