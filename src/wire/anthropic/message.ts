import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { AssistantBlock, ToolUseBlock } from './content.ts';
import type { BlockDelta, StartedBlock, StopReason, StreamEvent, Usage, UsageUpdate } from './events.ts';

/** A whole answer, put together from its events. Contract: Anthropic API reference, `Message`. */
export interface AssembledMessage {
  readonly id: string;
  /** The model that really answered. */
  readonly model: string;
  readonly content: readonly AssistantBlock[];
  readonly stopReason: StopReason | null;
  readonly stopSequence: string | null;
  readonly usage: Usage;
}

/** The arguments of calls that were put together here, as the model wrote them: whole JSON or not. */
const inputTexts = new WeakMap<ToolUseBlock, string>();

/** The arguments of a call as the API gave them, so that a whole answer and a streamed one are the same to the byte. */
export function inputText(call: ToolUseBlock): string {
  return inputTexts.get(call) ?? JSON.stringify(call.input);
}

interface OpenBlock {
  readonly start: StartedBlock;
  text: string;
  signature: string;
}

/** Collects the events of one message; `message()` may be asked at any time for what has come so far. */
export class MessageAssembler {
  #id = '';
  #model = '';
  #stopReason: StopReason | null = null;
  #stopSequence: string | null = null;
  #usage: Usage = { input_tokens: 0, output_tokens: 0 };
  readonly #blocks = new Map<number, OpenBlock>();

  push(event: StreamEvent): void {
    switch (event.type) {
      case 'message_start':
        this.#id = event.message.id;
        this.#model = event.message.model;
        this.#usage = event.message.usage;
        break;
      case 'content_block_start':
        this.#blocks.set(event.index, openBlock(event.content_block));
        break;
      case 'content_block_delta': {
        const block = this.#blocks.get(event.index);
        if (block !== undefined) append(block, event.delta);
        break;
      }
      case 'message_delta':
        this.#stopReason = event.delta.stop_reason;
        this.#stopSequence = event.delta.stop_sequence;
        this.#usage = mergeUsage(this.#usage, event.usage);
        break;
      case 'content_block_stop':
      case 'message_stop':
        break;
    }
  }

  message(): AssembledMessage {
    return {
      id: this.#id,
      model: this.#model,
      content: [...this.#blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => closeBlock(block)),
      stopReason: this.#stopReason,
      stopSequence: this.#stopSequence,
      usage: this.#usage,
    };
  }
}

/** The later counts win; a field that they do not carry keeps its earlier value. */
export function mergeUsage(earlier: Usage, later: UsageUpdate): Usage {
  const present = Object.entries(later).filter(([, value]) => value !== undefined && value !== null);
  return { ...earlier, ...Object.fromEntries(present) };
}

function openBlock(start: StartedBlock): OpenBlock {
  switch (start.type) {
    case 'text':
      return { start, text: start.text, signature: '' };
    case 'thinking':
      return { start, text: start.thinking, signature: start.signature };
    case 'redacted_thinking':
    case 'tool_use':
      return { start, text: '', signature: '' };
  }
}

function append(block: OpenBlock, delta: BlockDelta): void {
  switch (delta.type) {
    case 'text_delta':
      block.text += delta.text;
      break;
    case 'input_json_delta':
      block.text += delta.partial_json;
      break;
    case 'thinking_delta':
      block.text += delta.thinking;
      break;
    case 'signature_delta':
      block.signature += delta.signature;
      break;
  }
}

function closeBlock(block: OpenBlock): AssistantBlock {
  const { start } = block;
  switch (start.type) {
    case 'text':
      return { type: 'text', text: block.text };
    case 'thinking':
      return { type: 'thinking', thinking: block.text, signature: block.signature };
    case 'redacted_thinking':
      return start;
    case 'tool_use': {
      if (block.text === '') return start;
      const call = { ...start, input: parseInput(block.text) };
      inputTexts.set(call, block.text);
      return call;
    }
  }
}

/** A tool's arguments; a message that was cut in the middle of them has none. */
function parseInput(json: string): JsonObject {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? (value as JsonObject) : {};
  } catch {
    return {};
  }
}
