import type { StartedBlock } from '../anthropic/events.ts';
import { freeformWriter, functionWriter } from './call-writers.ts';
import type { ItemWriter, Place } from './item-writer.ts';
import { callOf } from './output.ts';
import { reasoningWriter } from './reasoning-writer.ts';
import { textWriter } from './text-writer.ts';

/** The writer of the item that a content block becomes. */
export function blockWriter(block: StartedBlock, place: Place): ItemWriter {
  switch (block.type) {
    case 'text':
      return textWriter(block.text, place);
    case 'thinking':
    case 'redacted_thinking':
      return reasoningWriter(block, place);
    case 'tool_use': {
      const call = callOf(block, place.index, place.reply, place.context);
      return call.type === 'custom_tool_call'
        ? freeformWriter(call, block.input, place)
        : functionWriter(call, block.input, place);
    }
  }
}
