import type { StreamEncoder } from '../surface.ts';
import type { StreamEvent } from './events.ts';
import type { Emit, EventFilter } from './filter.ts';
import type { AssembledMessage } from './message.ts';

/**
 * Leaves out thinking that the client did not ask for, and numbers the other blocks without gaps: programs read the answer
 * from `content[0].text`.
 */
export class ThinkingHider implements EventFilter {
  #hidden = 0;
  #isHiding = false;

  push(event: StreamEvent, emit: Emit): void {
    switch (event.type) {
      case 'content_block_start': {
        const { type } = event.content_block;
        this.#isHiding = type === 'thinking' || type === 'redacted_thinking';
        if (this.#isHiding) this.#hidden += 1;
        else emit(this.#renumbered(event));
        break;
      }
      case 'content_block_delta':
      case 'content_block_stop':
        if (!this.#isHiding) emit(this.#renumbered(event));
        break;
      default:
        emit(event);
    }
  }

  #renumbered<Event extends StreamEvent & { readonly index: number }>(event: Event): Event {
    return this.#hidden === 0 ? event : { ...event, index: event.index - this.#hidden };
  }
}

/** The same of a whole answer. */
export function withoutThinking(message: AssembledMessage): AssembledMessage {
  const content = message.content.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
  return { ...message, content };
}

/** An encoder that is not shown such thinking. */
export function hidingThinking(encoder: StreamEncoder): StreamEncoder {
  const hider = new ThinkingHider();
  return {
    ...encoder,
    event: (event) => {
      let frames = '';
      hider.push(event, (shown) => {
        frames += encoder.event(shown);
      });
      return frames;
    },
  };
}
