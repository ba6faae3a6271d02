import type { StartedBlock } from '../anthropic/events.ts';
import type { ItemWriter, Place } from './item-writer.ts';
import { added, done } from './item-writer.ts';
import { itemId, reasoningItem } from './output.ts';

export function reasoningWriter(
  block: StartedBlock & { type: 'thinking' | 'redacted_thinking' },
  { frames, index, reply, context }: Place,
): ItemWriter {
  const id = itemId('rs', context, index);
  const part = { item_id: id, output_index: index, summary_index: 0 };
  const delta = frames.deltas('response.reasoning_summary_text.delta', part);
  let thinking = '';
  let signature = block.type === 'thinking' ? block.signature : '';

  function write(piece: string): string {
    const isFirst = thinking === '';
    thinking += piece;
    if (piece === '' || !reply.reasoningSummary) return '';
    const opening = isFirst
      ? frames.event('response.reasoning_summary_part.added', { ...part, part: { type: 'summary_text', text: '' } })
      : '';
    return opening + delta(piece);
  }

  function close(): string {
    if (thinking === '' || !reply.reasoningSummary) return '';
    return (
      frames.event('response.reasoning_summary_text.done', { ...part, text: thinking }) +
      frames.event('response.reasoning_summary_part.done', { ...part, part: { type: 'summary_text', text: thinking } })
    );
  }

  return {
    start: () =>
      added(frames, index, { id, type: 'reasoning', summary: [] }) +
      write(block.type === 'thinking' ? block.thinking : ''),
    delta: (event) => {
      if (event.type === 'signature_delta') signature += event.signature;
      return event.type === 'thinking_delta' ? write(event.thinking) : '';
    },
    finish: () => {
      const whole = block.type === 'thinking' ? { type: block.type, thinking, signature } : block;
      return done(frames, index, close(), reasoningItem(id, whole, reply));
    },
  };
}
