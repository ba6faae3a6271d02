import type { StopReason, StreamEvent, Usage } from '../anthropic/events.ts';
import { mergeUsage } from '../anthropic/message.ts';
import type { OcpError } from '../errors.ts';
import { inStream } from '../errors.ts';
import type { ReplyContext, StreamEncoder } from '../surface.ts';
import { KEEPALIVE, SPLICE } from '../surface.ts';
import { FrameWriter } from './frames.ts';
import { blockWriter } from './block-writer.ts';
import type { ItemWriter } from './item-writer.ts';
import { outcomeOf } from './output.ts';
import type { ResponsesReply } from './reply.ts';
import { completedAt, responseError, responseFrame, responseUsage } from './response.ts';
import { refusalItem } from './text-writer.ts';
import type { OutputItem, ResponseProgress, ResponseStatus } from './types.ts';

/**
 * The event stream of one response. An item is closed when the next one starts or the message ends, since only then it
 * is known whether the message was cut off in it. Contract: OpenAI API reference, Responses, Streaming events.
 */
export class ResponsesEncoder implements StreamEncoder {
  readonly spliced: Uint8Array | undefined;
  readonly #reply: ResponsesReply;
  readonly #context: ReplyContext;
  readonly #frames = new FrameWriter();
  /** The unchanging part of the Response, without its closing brace: it may hold 100 KB of tools and is sent often. */
  readonly #frameJson: string;
  readonly #output: OutputItem[] = [];
  #open: ItemWriter | undefined;
  #started = false;
  #model: string;
  #usage: Usage | undefined;
  #stopReason: StopReason | null = null;

  constructor(reply: ResponsesReply, context: ReplyContext) {
    this.#reply = reply;
    this.#context = context;
    this.#model = reply.model;
    this.spliced = reply.heavyEcho;
    const frame = JSON.stringify(responseFrame(reply, context)).slice(0, -1);
    this.#frameJson = this.spliced === undefined ? frame : `${frame},${SPLICE}`;
  }

  event(event: StreamEvent): string {
    switch (event.type) {
      case 'message_start':
        this.#model = event.message.model;
        this.#usage = event.message.usage;
        return this.#start();
      case 'content_block_start': {
        const before = this.#closeItem(false);
        const place = { frames: this.#frames, index: this.#output.length, reply: this.#reply, context: this.#context };
        this.#open = blockWriter(event.content_block, place);
        return before + this.#open.start();
      }
      case 'content_block_delta':
        return this.#open?.delta(event.delta) ?? '';
      case 'message_delta':
        this.#stopReason = event.delta.stop_reason;
        this.#usage = mergeUsage(this.#usage ?? { input_tokens: 0, output_tokens: 0 }, event.usage);
        return this.#closeItem(true);
      case 'content_block_stop':
      case 'message_stop':
        return '';
    }
  }

  end(): string {
    const { status, details } = outcomeOf(this.#stopReason, this.#reply);
    const frames = this.#start() + this.#closeItem(true);
    return frames + this.#lifecycle(`response.${status}`, status, { incomplete_details: details });
  }

  /** The item that was open is not closed: a client would take a half-written call for a whole one. */
  error(error: OcpError): string {
    const { extra } = inStream(error);
    const failure = { ...responseError(error), ...extra, request_id: `req_${this.#context.replyId}` };
    return this.#start() + this.#lifecycle('response.failed', 'failed', { error: failure });
  }

  ping(): string {
    return KEEPALIVE;
  }

  #start(): string {
    if (this.#started) return '';
    this.#started = true;
    return (
      this.#lifecycle('response.created', 'in_progress', {}) +
      this.#lifecycle('response.in_progress', 'in_progress', {})
    );
  }

  #closeItem(isLast: boolean): string {
    const outcome = isLast ? outcomeOf(this.#stopReason, this.#reply) : undefined;
    const closed = this.#open?.finish(outcome);
    this.#open = undefined;
    if (closed !== undefined) this.#output.push(closed.item);
    return (closed?.frames ?? '') + (outcome?.refused === true ? this.#addRefusal() : '');
  }

  /** A refusal is told in the message that was being written, or else in one of its own. */
  #addRefusal(): string {
    if (this.#output.at(-1)?.type === 'message') return '';
    const place = { frames: this.#frames, index: this.#output.length, reply: this.#reply, context: this.#context };
    const { frames, item } = refusalItem(place);
    this.#output.push(item);
    return frames;
  }

  #lifecycle(
    type: string,
    status: ResponseStatus,
    { error = null, incomplete_details = null }: Partial<Pick<ResponseProgress, 'error' | 'incomplete_details'>>,
  ): string {
    const progress: ResponseProgress = {
      model: this.#model,
      status,
      completed_at: completedAt(status, this.#context),
      error,
      incomplete_details,
      output: this.#output,
      usage: status === 'in_progress' || this.#usage === undefined ? null : responseUsage(this.#usage),
    };
    return this.#frames.lifecycle(type, `${this.#frameJson},${JSON.stringify(progress).slice(1)}`);
  }
}
