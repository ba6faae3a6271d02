import type {
  BlockDelta,
  MessageDeltaEvent,
  StartedBlock,
  StopReason,
  StreamEvent,
  Usage,
} from '../anthropic/events.ts';
import { mergeUsage } from '../anthropic/message.ts';
import { callIdOf } from '../call-id.ts';
import { inStream, openAiError } from '../errors.ts';
import type { OcpError } from '../errors.ts';
import type { ReplyContext, StreamEncoder } from '../surface.ts';
import { KEEPALIVE } from '../surface.ts';
import { customInput } from './arguments.ts';
import { chunkWriter, sseFrame } from './chunk.ts';
import type { ChatDelta, ChunkWriter, PieceWriter } from './chunk.ts';
import { chatUsage, finishReason, refusalText } from './reply.ts';
import type { ChatReply } from './reply.ts';

const done = 'data: [DONE]\n\n';

/** A tool call whose arguments are coming in. */
interface OpenCall {
  readonly write: PieceWriter;
  /** Free text is cut out of the arguments, so it goes out when they are complete. */
  readonly isCustom: boolean;
  /** The arguments, if no piece of them comes. */
  readonly whole: string;
  /** What came of a custom tool's arguments. */
  json: string;
  started: boolean;
}

/** The stream of one answer as chat completion chunks. Contract: OpenAI API reference, "Streaming events". */
export class ChatStreamEncoder implements StreamEncoder {
  readonly #reply: ChatReply;
  readonly #context: ReplyContext;
  #chunks: ChunkWriter | undefined;
  #writeText: PieceWriter = () => '';
  #writeReasoning: PieceWriter = () => '';
  readonly #calls = new Map<number, OpenCall>();
  #callCount = 0;
  #said = '';
  #stopReason: StopReason | null = null;
  #usage: Usage = { input_tokens: 0, output_tokens: 0 };
  #finished = false;

  constructor(reply: ChatReply, context: ReplyContext) {
    this.#reply = reply;
    this.#context = context;
  }

  event(event: StreamEvent): string {
    switch (event.type) {
      case 'content_block_delta':
        return this.#delta(event.index, event.delta);
      case 'message_start':
        this.#usage = mergeUsage(this.#usage, event.message.usage);
        return this.#begin(event.message.model);
      case 'content_block_start':
        return this.#startBlock(event.index, event.content_block);
      case 'content_block_stop':
        return this.#stopBlock(event.index);
      case 'message_delta':
        return this.#note(event);
      case 'message_stop':
        return this.#finish();
    }
  }

  end(): string {
    return this.#finish() + done;
  }

  error(error: OcpError): string {
    const { error: told } = openAiError(inStream(error));
    return sseFrame({ error: { ...told, request_id: `req_${this.#context.replyId}` } }) + done;
  }

  ping(): string {
    return KEEPALIVE;
  }

  #begin(model: string): string {
    if (this.#chunks !== undefined) return '';
    const chunks = chunkWriter(model === '' ? this.#reply.model : model, this.#reply, this.#context);
    this.#chunks = chunks;
    this.#writeText = chunks.pieces((content) => ({ content }));
    this.#writeReasoning = chunks.pieces((piece) => ({ reasoning_content: piece }));
    return chunks.frame({ role: 'assistant', content: '' }, null);
  }

  #startBlock(index: number, block: StartedBlock): string {
    switch (block.type) {
      case 'text':
        return this.#text(block.text);
      case 'thinking':
        return block.thinking === '' ? '' : this.#writeReasoning(block.thinking);
      case 'redacted_thinking':
        return '';
      case 'tool_use':
        return this.#startCall(index, block.id, block.name, JSON.stringify(block.input));
    }
  }

  #startCall(index: number, toolUseId: string, name: string, whole: string): string {
    const chunks = this.#chunks;
    if (chunks === undefined) return '';
    const call = this.#callCount++;
    const isCustom = this.#reply.customTools.has(name);
    const open = (delta: (piece: string) => ChatDelta): void => {
      this.#calls.set(index, { write: chunks.pieces(delta), isCustom, whole, json: '', started: false });
    };
    if (this.#reply.legacyFunctions) {
      if (call > 0) return '';
      open((piece) => ({ function_call: { arguments: piece } }));
      return chunks.frame({ function_call: { name, arguments: '' } }, null);
    }
    const id = callIdOf(toolUseId);
    if (isCustom) {
      open((piece) => ({ tool_calls: [{ index: call, custom: { input: piece } }] }));
      return chunks.frame({ tool_calls: [{ index: call, id, type: 'custom', custom: { name, input: '' } }] }, null);
    }
    open((piece) => ({ tool_calls: [{ index: call, function: { arguments: piece } }] }));
    return chunks.frame(
      { tool_calls: [{ index: call, id, type: 'function', function: { name, arguments: '' } }] },
      null,
    );
  }

  #delta(index: number, delta: BlockDelta): string {
    switch (delta.type) {
      case 'text_delta':
        return this.#text(delta.text);
      case 'thinking_delta':
        return delta.thinking === '' ? '' : this.#writeReasoning(delta.thinking);
      case 'input_json_delta': {
        const call = this.#calls.get(index);
        if (call === undefined || delta.partial_json === '') return '';
        call.started = true;
        if (!call.isCustom) return call.write(delta.partial_json);
        call.json += delta.partial_json;
        return '';
      }
      case 'signature_delta':
        return '';
    }
  }

  #text(text: string): string {
    if (text === '') return '';
    if (this.#reply.structured) this.#said += text;
    return this.#writeText(text);
  }

  /** A call without arguments never gets a piece of them, but clients parse what they have collected as JSON. */
  #stopBlock(index: number): string {
    const call = this.#calls.get(index);
    if (call === undefined) return '';
    this.#calls.delete(index);
    if (call.isCustom) return call.write(customInput(call.started ? call.json : call.whole));
    return call.started ? '' : call.write(call.whole);
  }

  #note(event: MessageDeltaEvent): string {
    this.#stopReason = event.delta.stop_reason;
    this.#usage = mergeUsage(this.#usage, event.usage);
    return '';
  }

  /** Clients wait for the finish reason, or ask again for ever: it is sent once, whatever came before. */
  #finish(): string {
    if (this.#finished) return '';
    this.#finished = true;
    const begin = this.#begin('');
    const chunks = this.#chunks;
    if (chunks === undefined) return begin;
    const refused = this.#reply.structured && this.#stopReason === 'refusal';
    const delta: ChatDelta = refused ? { refusal: refusalText(this.#said) } : {};
    const reason = finishReason(this.#stopReason, this.#callCount > 0, this.#reply);
    const usage = this.#reply.includeUsage ? chunks.usage(chatUsage(this.#usage)) : '';
    return begin + chunks.frame(delta, reason) + usage;
  }
}
