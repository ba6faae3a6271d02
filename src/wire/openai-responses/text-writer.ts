import type { FinishedItem, ItemWriter, Place } from './item-writer.ts';
import { added, done } from './item-writer.ts';
import { itemId, messageItem, refusalPart, textPart } from './output.ts';

/** A refusal that follows no text. */
export function refusalItem(place: Place): FinishedItem {
  const writer = textWriter('', place);
  const start = writer.start();
  const { frames, item } = writer.finish({ status: 'completed', details: null, refused: true });
  return { frames: start + frames, item };
}

export function textWriter(initial: string, { frames, index, context }: Place): ItemWriter {
  const id = itemId('msg', context, index);
  const item = { item_id: id, output_index: index };
  const part = { ...item, content_index: 0 };
  const delta = frames.deltas('response.output_text.delta', { ...part, logprobs: [] });
  let text = '';
  let isOpen = false;

  function open(): string {
    isOpen = true;
    return frames.event('response.content_part.added', { ...part, part: textPart('') });
  }

  function write(piece: string): string {
    if (piece === '') return '';
    text += piece;
    return isOpen ? delta(piece) : open() + delta(piece);
  }

  /** Until its text begins, the part may still become a refusal; after that, the finished part replaces it. */
  function refuse(): string {
    const { refusal } = refusalPart(text);
    const done = { ...part, part: { type: 'refusal', refusal } };
    if (isOpen) return frames.event('response.content_part.done', done);
    return (
      frames.event('response.content_part.added', { ...part, part: { type: 'refusal', refusal: '' } }) +
      frames.event('response.refusal.delta', { ...part, delta: refusal }) +
      frames.event('response.refusal.done', { ...part, refusal }) +
      frames.event('response.content_part.done', done)
    );
  }

  function close(): string {
    return (
      (isOpen ? '' : open()) +
      frames.event('response.output_text.done', { ...part, text, logprobs: [] }) +
      frames.event('response.content_part.done', { ...part, part: textPart(text) })
    );
  }

  return {
    start: () => added(frames, index, messageItem(id, 'in_progress', [])) + write(initial),
    delta: (event) => (event.type === 'text_delta' ? write(event.text) : ''),
    finish: (outcome) => {
      const refused = outcome?.refused === true;
      const content = refused ? refusalPart(text) : textPart(text);
      const partFrames = refused ? refuse() : close();
      return done(frames, index, partFrames, messageItem(id, outcome?.status ?? 'completed', [content]));
    },
  };
}
