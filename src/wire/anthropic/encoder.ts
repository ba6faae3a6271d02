import type { OcpError } from '../errors.ts';
import { anthropicError, inStream } from '../errors.ts';
import type { StreamEncoder } from '../surface.ts';
import type { ContentBlockDeltaEvent, StreamEvent } from './events.ts';
import { completeBlock, completeDelta, completeStart } from './reply.ts';

/** What the API sends while nothing else comes. */
const PING = 'event: ping\ndata: {"type":"ping"}\n\n';

/**
 * Passes the events on as they are, framed as server-sent events: `event: <type>`, `data: <json>`.
 * Contract: Anthropic API reference, Streaming Messages. Nothing else comes in between but `ping`.
 */
export function createEncoder(requestId: string): StreamEncoder {
  const encodeDelta = deltaEncoder();
  return {
    event: (event) => {
      switch (event.type) {
        case 'content_block_delta':
          return encodeDelta(event);
        case 'message_start':
          return frame(event.type, completeStart(event));
        case 'message_delta':
          return frame(event.type, completeDelta(event));
        case 'content_block_start':
          return frame(event.type, completeBlock(event));
        case 'content_block_stop':
        case 'message_stop':
          return frame(event.type, event);
      }
    },
    end: () => '',
    ping: () => PING,
    error: (error: OcpError) => frame('error', anthropicError(inStream(error), requestId)),
  };
}

/** Nearly all events are deltas of one block, so what they begin with is made once a block. */
function deltaEncoder(): (event: ContentBlockDeltaEvent) => string {
  let index = -1;
  let head = '';
  return (event) => {
    if (event.index !== index) {
      index = event.index;
      head = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":`;
    }
    const { delta } = event;
    const json =
      delta.type === 'text_delta'
        ? `{"type":"text_delta","text":${JSON.stringify(delta.text)}}`
        : JSON.stringify(delta);
    return `${head}${json}}\n\n`;
  };
}

function frame(type: StreamEvent['type'] | 'error', data: unknown): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
