import type { AnswerBlock, MessageAnswer } from './answer.ts';

/**
 * The answer as it ends when one of the request's stop sequences comes up in its text: cut before the sequence, with
 * the stop reason `stop_sequence`. Lazy pieces are not searched: they would have to be held.
 */
export function applyStopSequences(answer: MessageAnswer, stopSequences: readonly string[]): MessageAnswer {
  if (stopSequences.length === 0) return answer;
  for (const [at, block] of answer.content.entries()) {
    const stop = block.type === 'text' ? firstStop(blockText(block), stopSequences) : undefined;
    if (stop === undefined) continue;
    const kept = [...answer.content.slice(0, at), ...cutBlock(block, stop.index)];
    return { ...answer, content: kept, stopReason: 'stop_sequence', stopSequence: stop.sequence };
  }
  return answer;
}

function firstStop(text: string, sequences: readonly string[]): { index: number; sequence: string } | undefined {
  return sequences
    .map((sequence) => ({ index: text.indexOf(sequence), sequence }))
    .filter((found) => found.index >= 0)
    .sort((a, b) => a.index - b.index)[0];
}

function blockText(block: AnswerBlock): string {
  if (block.type !== 'text') return '';
  if ('text' in block) return block.text;
  return Array.isArray(block.pieces) ? block.pieces.join('') : '';
}

function cutBlock(block: AnswerBlock, length: number): readonly AnswerBlock[] {
  if (block.type !== 'text') return [block];
  if ('text' in block) return [{ type: 'text', text: block.text.slice(0, length) }];
  const kept: string[] = [];
  let room = length;
  for (const piece of block.pieces) {
    if (room <= 0) break;
    kept.push(piece.slice(0, room));
    room -= piece.length;
  }
  return [{ type: 'text', pieces: kept }];
}
