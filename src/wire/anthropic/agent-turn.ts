import { BlockWriter } from './block-writer.ts';
import type { MessageDeltaEvent, StreamEvent, Usage } from './events.ts';
import type { Emit, EventFilter } from './filter.ts';
import { mergeUsage } from './message.ts';
import { addUsage } from './usage-sum.ts';

/** A filter over all messages of one turn in which the CLI runs tools of its own. */
export interface AgentFilter extends EventFilter {
  /** The CLI's turn is over: lets out the final text and the end of the message. */
  finish(emit: Emit): void;
}

/**
 * Makes one message of the many that a turn with server tools has: the text of the last one is the answer. What the model
 * said and called before is progress: thinking for clients that asked for reasoning, else left out. Whether a text is the
 * last one shows only at the end of its message, so texts are held until then.
 */
export class AgentTurn implements AgentFilter {
  readonly #showsProgress: boolean;
  readonly #out = new BlockWriter();
  readonly #usages: Usage[] = [];
  #text = '';
  #call: { readonly name: string; json: string } | undefined;
  #delta: MessageDeltaEvent | undefined;

  constructor(options: { readonly showsProgress: boolean }) {
    this.#showsProgress = options.showsProgress;
  }

  push(event: StreamEvent, emit: Emit): void {
    this.#out.to(emit);
    switch (event.type) {
      case 'message_start':
        if (this.#usages.length === 0) this.#out.write(event);
        this.#usages.push(event.message.usage);
        this.#text = '';
        break;
      case 'content_block_start':
        if (event.content_block.type === 'tool_use') this.#call = { name: event.content_block.name, json: '' };
        break;
      case 'content_block_delta':
        if (event.delta.type === 'text_delta') this.#text += event.delta.text;
        else if (event.delta.type === 'thinking_delta') this.#progress(event.delta.thinking);
        else if (event.delta.type === 'input_json_delta' && this.#call !== undefined) {
          this.#call.json += event.delta.partial_json;
        }
        break;
      case 'content_block_stop':
        if (this.#call !== undefined) this.#calls(this.#call);
        this.#call = undefined;
        break;
      case 'message_delta':
        this.#delta = event;
        this.#usages.push(mergeUsage(this.#usages.pop() ?? noUsage, event.usage));
        break;
      case 'message_stop':
        break;
    }
  }

  finish(emit: Emit): void {
    if (this.#usages.length === 0) return;
    this.#out.to(emit);
    if (this.#text !== '') {
      this.#out.open({ type: 'text', text: '' });
      this.#out.add({ type: 'text_delta', text: this.#text });
      this.#out.close();
    }
    const reason = this.#delta?.delta.stop_reason ?? null;
    this.#out.write({
      type: 'message_delta',
      delta: { stop_reason: reason === 'tool_use' ? 'end_turn' : reason, stop_sequence: null },
      usage: this.#usages.reduce(addUsage, noUsage),
    });
    this.#out.write({ type: 'message_stop' });
  }

  #calls(call: { readonly name: string; readonly json: string }): void {
    if (this.#text !== '') this.#progress(`${this.#text}\n`);
    this.#text = '';
    this.#progress(`[${call.name}] ${call.json}\n`);
  }

  #progress(thinking: string): void {
    if (!this.#showsProgress || thinking === '') return;
    this.#out.open({ type: 'thinking', thinking: '', signature: '' });
    this.#out.add({ type: 'thinking_delta', thinking });
    this.#out.close();
  }
}

const noUsage: Usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
};
