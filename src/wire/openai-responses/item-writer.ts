import type { BlockDelta } from '../anthropic/events.ts';
import type { ReplyContext } from '../surface.ts';
import type { FrameWriter } from './frames.ts';
import type { Outcome } from './output.ts';
import type { ResponsesReply } from './reply.ts';
import type { OutputItem } from './types.ts';

/** The closing events of an item, and the item as it then is. */
export interface FinishedItem {
  readonly frames: string;
  readonly item: OutputItem;
}

/** Writes the events of one output item from those of one content block. */
export interface ItemWriter {
  start(): string;
  delta(delta: BlockDelta): string;
  /** `outcome` only for the last item of the response. */
  finish(outcome: Outcome | undefined): FinishedItem;
}

/** Where an item stands, and what its writer needs. */
export interface Place {
  readonly frames: FrameWriter;
  /** Its `output_index`. */
  readonly index: number;
  readonly reply: ResponsesReply;
  readonly context: ReplyContext;
}

export function added(frames: FrameWriter, index: number, item: OutputItem): string {
  return frames.event('response.output_item.added', { output_index: index, item });
}

export function done(frames: FrameWriter, index: number, before: string, item: OutputItem): FinishedItem {
  return { frames: before + frames.event('response.output_item.done', { output_index: index, item }), item };
}
