import { BlockWriter } from './block-writer.ts';
import type {
  ContentBlockDeltaEvent,
  ContentBlockStartEvent,
  MessageDeltaEvent,
  MessageStartEvent,
  StartedBlock,
  StopReason,
  StreamEvent,
  Usage,
} from './events.ts';
import type { Emit, EventFilter } from './filter.ts';
import { mergeUsage } from './message.ts';
import { addUsage } from './usage-sum.ts';

/** The tool by which the CLI makes the model answer in JSON. */
export const structuredOutputTool = 'StructuredOutput';

/** What becomes of the calls of `StructuredOutput` in a message. */
export interface CallRewriter {
  /** A call begins; false to leave it out. `ordinal` counts the calls of the message from 0. */
  begin(id: string, ordinal: number, out: BlockWriter): boolean;
  json(piece: string, out: BlockWriter): void;
  end(out: BlockWriter): void;
  /** Why the message ended, when it ended with a call. */
  readonly stopReason: StopReason;
}

export interface StructuredOptions {
  /**
   * True to let nothing of a call out before the CLI has checked it, so that an answer against the schema is replaced by
   * the next attempt unseen. For answers that are not streamed.
   */
  readonly hold?: boolean;
}

/** A filter over all messages of one turn with structured output; what comes out is one message. */
export interface StructuredFilter extends EventFilter {
  /** The CLI's turn is over (its `result` came): lets out what waited for a further attempt. */
  finish(emit: Emit): void;
  /**
   * True once the client's answer is whole although the CLI would go on by itself (it asks again after `max_tokens` and
   * `refusal`): the turn should be interrupted. Also true when the message calls tools of the client.
   */
  readonly complete: boolean;
  /** True when the CLI refused an answer of which the client has seen a part: it went against the schema. */
  readonly rejected: boolean;
}

/**
 * The turn as the CLI runs it: one API message that calls `StructuredOutput`, and that is all; when the arguments are
 * against the schema, further messages; when the model only wrote text, one more message after a reminder. Text beside
 * the call is dropped, because the answer is the call; text is kept where no call ever comes. Thinking passes.
 */
export class StructuredTurn implements StructuredFilter {
  complete = false;
  rejected = false;
  readonly #rewriter: CallRewriter;
  readonly #hold: boolean;
  readonly #out = new BlockWriter();
  #attempts: Usage[] = [];
  #delta: MessageDeltaEvent | undefined;
  /** Texts of the message, until it is known whether they are the answer. */
  #texts: string[] = [];
  #open: 'passed' | 'text' | 'call' | 'dropped' = 'dropped';
  #calls = 0;
  #clientCalls = false;

  constructor(rewriter: CallRewriter, { hold = false }: StructuredOptions) {
    this.#rewriter = rewriter;
    this.#hold = hold;
  }

  push(event: StreamEvent, emit: Emit): void {
    if (this.complete || this.rejected) return;
    this.#out.to(emit);
    switch (event.type) {
      case 'message_start':
        this.#startMessage(event);
        break;
      case 'content_block_start':
        this.#startBlock(event);
        break;
      case 'content_block_delta':
        this.#addToBlock(event);
        break;
      case 'content_block_stop':
        this.#stopBlock();
        break;
      case 'message_delta':
        this.#delta = event;
        this.#attempts.push(mergeUsage(this.#attempts.pop() ?? noUsage, event.usage));
        break;
      case 'message_stop':
        this.#stopMessage();
        break;
    }
  }

  finish(emit: Emit): void {
    if (this.complete || this.#attempts.length === 0) return;
    this.#out.to(emit);
    this.#end();
  }

  #startMessage(event: MessageStartEvent): void {
    if (this.#attempts.length === 0) {
      this.#out.write(event);
    } else if (this.#calls > 0) {
      if (!this.#hold) {
        this.rejected = true;
        return;
      }
      this.#out.takeBack();
    }
    this.#attempts.push(event.message.usage);
    this.#delta = undefined;
    this.#texts = [];
    this.#calls = 0;
  }

  #startBlock({ content_block: block }: ContentBlockStartEvent): void {
    switch (block.type) {
      case 'text':
        this.#open = 'text';
        this.#texts.push(block.text);
        break;
      case 'thinking':
      case 'redacted_thinking':
        // The thinking of a further attempt would stand in the client's one message, where it was not thought.
        this.#pass(this.#attempts.length === 1 ? block : undefined);
        break;
      case 'tool_use':
        if (block.name === structuredOutputTool) this.#beginCall(block.id);
        else {
          this.#writeTexts();
          this.#clientCalls = true;
          this.#pass(block);
        }
        break;
    }
  }

  #pass(block: StartedBlock | undefined): void {
    this.#open = block === undefined ? 'dropped' : 'passed';
    if (block !== undefined) this.#out.open(block);
  }

  #beginCall(id: string): void {
    if (this.#hold) this.#out.hold();
    this.#open = this.#rewriter.begin(id, this.#calls, this.#out) ? 'call' : 'dropped';
    this.#calls += 1;
  }

  #addToBlock(event: ContentBlockDeltaEvent): void {
    const { delta } = event;
    if (this.#open === 'passed') this.#out.add(delta, event);
    else if (this.#open === 'text' && delta.type === 'text_delta') this.#texts.push(delta.text);
    else if (this.#open === 'call' && delta.type === 'input_json_delta') {
      this.#rewriter.json(delta.partial_json, this.#out);
    }
  }

  #stopBlock(): void {
    if (this.#open === 'passed') this.#out.close();
    else if (this.#open === 'call') this.#rewriter.end(this.#out);
    else if (this.#open === 'text' && this.#clientCalls) this.#writeTexts();
    this.#open = 'dropped';
  }

  /** After a call the CLI checks it, after mere text it reminds the model; every other end is the end. */
  #stopMessage(): void {
    const reason = this.#delta?.delta.stop_reason ?? null;
    const goesOn = this.#calls > 0 ? reason === 'tool_use' : reason === 'end_turn';
    if (this.#clientCalls || !goesOn) this.#end();
  }

  #end(): void {
    this.complete = true;
    const called = this.#calls > 0;
    const declined = !called && this.#declines();
    if (!called) this.#writeTexts();
    this.#out.release();
    const last = this.#delta;
    const reason = last?.delta.stop_reason ?? null;
    const isCall = called && !this.#clientCalls && reason === 'tool_use';
    this.#out.write({
      type: 'message_delta',
      delta: {
        ...last?.delta,
        stop_reason: isCall ? this.#rewriter.stopReason : declined ? 'refusal' : reason,
        stop_sequence: last?.delta.stop_sequence ?? null,
      },
      usage: this.#usage(),
    });
    this.#out.write({ type: 'message_stop' });
  }

  /** Words where JSON was asked for, even after the CLI's reminder, are how a model says that it will not. */
  #declines(): boolean {
    if (this.#clientCalls || this.#rewriter.stopReason !== 'end_turn') return false;
    return this.#delta?.delta.stop_reason === 'end_turn' && !isJson(this.#texts.join(''));
  }

  #writeTexts(): void {
    const text = this.#texts.join('');
    this.#texts = [];
    if (text === '') return;
    this.#out.open({ type: 'text', text: '' });
    this.#out.add({ type: 'text_delta', text });
    this.#out.close();
  }

  /** The only attempt's own final counts, or the sum of all: each of them was an API call. */
  #usage(): MessageDeltaEvent['usage'] {
    return this.#attempts.length === 1 ? (this.#delta?.usage ?? {}) : this.#attempts.reduce(addUsage, noUsage);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const noUsage: Usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
};
