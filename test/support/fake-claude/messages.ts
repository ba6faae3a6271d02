import { randomUUID } from 'node:crypto';

/** The lines of one process, in the shapes that the real CLI writes (recorded from 2.1.330). */
export class Messages {
  readonly #model: string;
  readonly #tail: string;
  /** Of this process so far. */
  #totalUsd = 0;

  constructor(model: string) {
    this.#model = model;
    // The real lines end in such ids; their length is part of what reading a line costs.
    this.#tail = `,"session_id":"${randomUUID()}","parent_tool_use_id":null,"uuid":"${randomUUID()}","api_message_id":"msg_${randomUUID()}"}`;
  }

  event(event: object): string {
    return `{"type":"stream_event","event":${JSON.stringify(event)}${this.#tail}`;
  }

  textDelta(text: string): string {
    return `{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${JSON.stringify(text)}}}${this.#tail}`;
  }

  messageStart(): string {
    return this.event({
      type: 'message_start',
      message: {
        id: `msg_${randomUUID()}`,
        type: 'message',
        role: 'assistant',
        model: this.#model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
      },
    });
  }

  messageDelta(stopReason: string, outputTokens: number): string {
    return this.event({
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { input_tokens: 10, output_tokens: outputTokens },
    });
  }

  /** The whole message, which the CLI repeats after its events. */
  repeated(content: readonly unknown[]): string {
    return JSON.stringify({ type: 'assistant', message: { role: 'assistant', model: this.#model, content } });
  }

  init(tools: readonly string[]): object {
    return { type: 'system', subtype: 'init', tools, model: this.#model, apiKeySource: 'none' };
  }

  /** The end of a turn; of a line of history when there was none. */
  result(turns: number, outputTokens: number, costUsd = 0): object {
    this.#totalUsd += costUsd;
    return {
      is_error: false,
      num_turns: turns,
      stop_reason: turns === 0 ? null : 'end_turn',
      total_cost_usd: this.#totalUsd,
      usage: { input_tokens: turns === 0 ? 0 : 10, output_tokens: outputTokens },
      type: 'result',
      subtype: 'success',
      result: '',
      terminal_reason: null,
    };
  }

  /** The end of a turn that was too long to be sent. */
  tooLong(): object {
    return { ...this.result(1, 0), is_error: true, result: 'Prompt is too long', terminal_reason: 'blocking_limit' };
  }

  interrupted(): object {
    return {
      ...this.result(1, 0),
      is_error: true,
      subtype: 'error_during_execution',
      terminal_reason: 'aborted_streaming',
    };
  }
}

export function controlResponse(requestId: string, response: object): object {
  return { type: 'control_response', response: { subtype: 'success', request_id: requestId, response } };
}

export function controlError(requestId: string, error: string): object {
  return { type: 'control_response', response: { subtype: 'error', request_id: requestId, error } };
}
