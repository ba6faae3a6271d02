import type { AssistantBlock } from '../../wire/anthropic/content.ts';
import type { BlockDelta, StartedBlock, StreamEvent } from '../../wire/anthropic/events.ts';
import type { AssembledMessage } from '../../wire/anthropic/message.ts';

/** Code points of one replayed piece of text, so that clients render a hit as they render an answer. */
const PIECE = 80;

/** The events of a kept answer, as if it came anew. */
export function* replayMessage(message: AssembledMessage): Generator<StreamEvent, void> {
  const { id, model, usage } = message;
  const head = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  } as const;
  yield { type: 'message_start', message: { ...head, usage: { ...usage, output_tokens: 0 } } };
  for (const [index, block] of message.content.entries()) {
    yield { type: 'content_block_start', index, content_block: started(block) };
    for (const delta of deltas(block)) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
  }
  yield {
    type: 'message_delta',
    delta: { stop_reason: message.stopReason, stop_sequence: message.stopSequence },
    usage,
  };
  yield { type: 'message_stop' };
}

function started(block: AssistantBlock): StartedBlock {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '' };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'tool_use':
      return { ...block, input: {} };
    case 'redacted_thinking':
      return block;
  }
}

function* deltas(block: AssistantBlock): Generator<BlockDelta, void> {
  switch (block.type) {
    case 'text':
      for (const text of pieces(block.text)) yield { type: 'text_delta', text };
      break;
    case 'thinking':
      for (const thinking of pieces(block.thinking)) yield { type: 'thinking_delta', thinking };
      yield { type: 'signature_delta', signature: block.signature };
      break;
    case 'tool_use':
      for (const partial of pieces(JSON.stringify(block.input)))
        yield { type: 'input_json_delta', partial_json: partial };
      break;
    case 'redacted_thinking':
      break;
  }
}

/** Cuts between code points, never inside one. */
export function* pieces(text: string): Generator<string, void> {
  let piece = '';
  let count = 0;
  for (const point of text) {
    piece += point;
    count += 1;
    if (count < PIECE) continue;
    yield piece;
    piece = '';
    count = 0;
  }
  if (piece !== '') yield piece;
}
