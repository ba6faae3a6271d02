import type { ContentBlockDeltaEvent, StreamEvent, Usage } from './events.ts';
import { deltaLength, estimatedTokens } from './delta-length.ts';
import type { Emit, EventFilter } from './filter.ts';
import { passThrough } from './filter.ts';
import type { SequenceMatch } from './sequence-search.ts';
import { SequenceSearch } from './sequence-search.ts';

/** A filter that ends the message at a stop sequence. */
export interface StopFilter extends EventFilter {
  /** True once the message was ended here: everything that still comes is dropped, and the turn should be interrupted. */
  readonly cut: boolean;
}

/**
 * Cuts text in front of the first stop sequence that it contains, wherever the deltas were split, and ends the message
 * there with `stop_reason: stop_sequence`. The CLI cannot be told stop sequences, so they are applied to what it streams.
 * Every text block is searched by itself; thinking and tool inputs never are. Held back is no more than the longest
 * beginning of a sequence that the text ends with, until the next delta or the end of the block.
 * Contract: Anthropic API reference, Messages, `stop_sequences`; OpenAI API reference, Chat Completions, `stop`.
 */
export function createStopFilter(sequences: readonly string[]): StopFilter {
  // A sequence with half a character in it cannot occur in text; an empty one would occur everywhere.
  const searchable = sequences.filter((sequence) => sequence !== '' && sequence.isWellFormed());
  return searchable.length === 0 ? { ...passThrough, cut: false } : new CuttingFilter(searchable);
}

class CuttingFilter implements StopFilter {
  cut = false;
  readonly #search: SequenceSearch;
  /** The index of the open text block; -1 when the open block is of another kind. */
  #index = -1;
  /** Text of the block that is held back, and how much of the block had been let out before it. */
  #held = '';
  #released = 0;
  #startUsage: Usage | undefined;
  #units = 0;

  constructor(sequences: readonly string[]) {
    this.#search = new SequenceSearch(sequences);
  }

  push(event: StreamEvent, emit: Emit): void {
    if (this.cut) return;
    switch (event.type) {
      case 'message_start':
        this.#startUsage = event.message.usage;
        emit(event);
        break;
      case 'content_block_start':
        this.#open(event.content_block.type === 'text' ? event.index : -1);
        emit(event);
        break;
      case 'content_block_delta':
        this.#delta(event, emit);
        break;
      case 'content_block_stop':
        this.#close(event, emit);
        break;
      case 'message_delta':
      case 'message_stop':
        emit(event);
        break;
    }
  }

  #open(index: number): void {
    this.#index = index;
    this.#held = '';
    this.#released = 0;
    this.#search.restart();
  }

  #delta(event: ContentBlockDeltaEvent, emit: Emit): void {
    const { delta } = event;
    if (event.index !== this.#index || delta.type !== 'text_delta') {
      this.#units += deltaLength(event);
      emit(event);
      return;
    }
    const match = this.#search.read(delta.text);
    const held = this.#held + delta.text;
    if (match !== undefined) {
      this.#held = held;
      this.#cutAt(match, emit);
      return;
    }
    const length = wholeCharacters(held, this.#search.settled() - this.#released);
    this.#held = held.slice(length);
    this.#released += length;
    this.#units += length;
    if (length === held.length && length === delta.text.length) emit(event);
    else if (length > 0) emit(textDelta(this.#index, held.slice(0, length)));
  }

  #close(event: StreamEvent & { readonly type: 'content_block_stop' }, emit: Emit): void {
    if (event.index === this.#index) {
      const match = this.#search.finish();
      if (match !== undefined) {
        this.#cutAt(match, emit);
        return;
      }
      if (this.#held !== '') emit(textDelta(this.#index, this.#held));
      this.#units += this.#held.length;
      this.#open(-1);
    }
    emit(event);
  }

  #cutAt({ start, sequence }: SequenceMatch, emit: Emit): void {
    this.cut = true;
    const text = this.#held.slice(0, start - this.#released);
    if (text !== '') emit(textDelta(this.#index, text));
    emit({ type: 'content_block_stop', index: this.#index });
    emit({
      type: 'message_delta',
      delta: { stop_reason: 'stop_sequence', stop_sequence: sequence },
      usage: { output_tokens: this.#outputTokens(text.length + sequence.length) },
    });
    emit({ type: 'message_stop' });
  }

  #outputTokens(lastUnits: number): number {
    return estimatedTokens(this.#units + lastUnits, this.#startUsage?.output_tokens);
  }
}

function textDelta(index: number, text: string): ContentBlockDeltaEvent {
  return { type: 'content_block_delta', index, delta: { type: 'text_delta', text } };
}

/** At most `length`, and one less where that would cut a character of two UTF-16 units in half. */
function wholeCharacters(text: string, length: number): number {
  const last = text.charCodeAt(length - 1);
  return last >= 0xd800 && last <= 0xdbff ? length - 1 : length;
}
