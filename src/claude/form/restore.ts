import type { StreamEvent } from '../../wire/anthropic/events.ts';
import type { Emit, EventFilter } from '../../wire/anthropic/filter.ts';
import type { Inverse } from './cli-form.ts';
import { JsonRestorer } from './json-restorer.ts';

interface OpenBlock {
  readonly kind: 'input_json_delta' | 'text_delta';
  readonly restorer: JsonRestorer;
}

/** Gives the client's own names back to what the model calls: tools, properties, values; in pieces as they come. */
export class RestoringFilter implements EventFilter {
  readonly #inverse: Inverse;
  readonly #open = new Map<number, OpenBlock>();

  constructor(inverse: Inverse) {
    this.#inverse = inverse;
  }

  push(event: StreamEvent, emit: Emit): void {
    switch (event.type) {
      case 'message_start':
        this.#open.clear();
        emit(event);
        break;
      case 'content_block_start':
        emit(this.#started(event));
        break;
      case 'content_block_delta':
        this.#delta(event, emit);
        break;
      case 'content_block_stop':
        this.#stop(event.index, emit);
        emit(event);
        break;
      default:
        // A block that was cut off has no end of its own.
        for (const index of this.#open.keys()) this.#stop(index, emit);
        emit(event);
    }
  }

  #started(event: Extract<StreamEvent, { type: 'content_block_start' }>): StreamEvent {
    const { index, content_block: block } = event;
    if (block.type === 'text' && this.#inverse.output !== undefined) {
      const { schema, tables } = this.#inverse.output;
      this.#open.set(index, { kind: 'text_delta', restorer: new JsonRestorer(schema, tables) });
    }
    if (block.type !== 'tool_use' || !Object.hasOwn(this.#inverse.tools, block.name)) return event;
    const tool = this.#inverse.tools[block.name];
    if (tool === undefined) return event;
    this.#open.set(index, { kind: 'input_json_delta', restorer: new JsonRestorer(tool.schema, tool.tables) });
    return { ...event, content_block: { ...block, name: tool.name } };
  }

  #delta(event: Extract<StreamEvent, { type: 'content_block_delta' }>, emit: Emit): void {
    const open = this.#open.get(event.index);
    const { delta } = event;
    if (open === undefined || open.kind !== delta.type) return emit(event);
    const piece =
      delta.type === 'text_delta' ? delta.text : delta.type === 'input_json_delta' ? delta.partial_json : '';
    emitPiece(event.index, open, open.restorer.push(piece), emit);
  }

  #stop(index: number, emit: Emit): void {
    const open = this.#open.get(index);
    this.#open.delete(index);
    if (open !== undefined) emitPiece(index, open, open.restorer.end(), emit);
  }
}

function emitPiece(index: number, { kind }: OpenBlock, piece: string, emit: Emit): void {
  if (piece === '') return;
  const delta = kind === 'text_delta' ? { type: kind, text: piece } : { type: kind, partial_json: piece };
  emit({ type: 'content_block_delta', index, delta });
}

/** Whether nothing has to be given back. */
function isIdentity({ tools, output }: Inverse): boolean {
  return output === undefined && Object.keys(tools).length === 0;
}

/** Events for one reader; `return` ends what makes them. */
type Events = Required<Pick<AsyncIterableIterator<StreamEvent, void>, 'next' | 'return'>> &
  AsyncIterable<StreamEvent, void>;

/** The events of an answer under the client's own names. */
export function restored(events: Events, inverse: Inverse): Events {
  if (isIdentity(inverse)) return events;
  const filter = new RestoringFilter(inverse);
  let ready: StreamEvent[] = [];
  const own: Events = {
    async next() {
      for (;;) {
        const [first, ...others] = ready;
        if (first !== undefined) {
          ready = others;
          return { done: false, value: first };
        }
        const read = await events.next();
        if (read.done === true) return read;
        filter.push(read.value, (event) => ready.push(event));
      }
    },
    // Also before anything was read: what makes the events has to know.
    return: async (value) => events.return(value),
    [Symbol.asyncIterator]: () => own as AsyncIterator<StreamEvent, void>,
  };
  return own;
}
