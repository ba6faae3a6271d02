import type { StreamEvent } from './events.ts';

/** Receives the events that a filter lets out, in order. */
export type Emit = (event: StreamEvent) => void;

/**
 * Rewrites the events of one message while they pass: any number of events comes out for one that goes in. A filter has
 * no end of its own; when `message_stop` has gone in, everything that it held back has come out.
 */
export interface EventFilter {
  push(event: StreamEvent, emit: Emit): void;
}

/** Lets everything out as it came. */
export const passThrough: EventFilter = {
  push: (event, emit) => {
    emit(event);
  },
};
