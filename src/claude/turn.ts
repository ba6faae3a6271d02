import type { ContentBlockStartEvent, MessageStopEvent, StreamEvent } from '../wire/anthropic/events.ts';
import { OcpError } from '../wire/errors.ts';
import type { Flow } from './event-queue.ts';
import { EventQueue } from './event-queue.ts';
import { isFinal, resultFailure, retryFailure } from './failure.ts';
import type { NextStep, TurnCourse } from './message-watch.ts';
import { MessageWatch } from './message-watch.ts';
import type { ApiRetryLine, RateLimitInfo, ResultLine } from './protocol.ts';
import { readStreamEvent } from './stream-events.ts';
import type { ToolNames } from './tool-names.ts';

/** How long the CLI may go on repeating calls that failed for a passing reason, ms. */
const RETRY_BUDGET_MS = 5000;
/** How long the CLI may take to say that it is done once the answer is complete, ms. */
const DONE_GRACE_MS = 5000;

/** What a worker can be used for once its turn is over. */
export type WorkerAfterTurn = 'idle' | 'held' | 'spent' | 'dead';

/** The end of a turn, for the record and for whoever keeps the worker. */
export interface TurnEnd {
  readonly worker: WorkerAfterTurn;
  /** USD of this turn at list price as the CLI reports it; absent when it could not say, or not of this turn alone. */
  readonly costUsd?: number;
}

/** What a turn may do to the worker that runs it. */
export interface TurnHost extends Flow {
  interrupt(): void;
  kill(): void;
}

export interface TurnOptions {
  readonly host: TurnHost;
  readonly names: ToolNames;
  readonly course: TurnCourse;
  /** Names, as the CLI knows them, that the model may call and OCP answers for. */
  readonly isClientTool: (cliName: string) => boolean;
  /** Called for each word about the plan's limits. */
  readonly onPlan: (info: RateLimitInfo) => void;
  readonly now: () => number;
}

/**
 * One answer of the model. The events come out as they come in; the turn watches them for the points at which the CLI
 * would go on by itself (an answer cut at its limit, an empty answer, a refusal, a broken stream) and stops it there,
 * because the next API call would be one that the client never asked for.
 */
export class Turn {
  readonly events: EventQueue<StreamEvent>;
  /** Resolves when the worker is free, waits for tools, or is gone; never rejects. */
  readonly ended: Promise<TurnEnd>;
  readonly #options: TurnOptions;
  #resolveEnd: (end: TurnEnd) => void = () => {};
  #state: 'running' | 'answered' | 'failed' | 'over' = 'running';
  #hasContent = false;
  #hasStarted = false;
  #heldStart: ContentBlockStartEvent | undefined;
  #message = new MessageWatch();
  /** What follows the message that ended last. */
  #next: NextStep | undefined;
  #retryingSince: number | undefined;
  #missedSchema = false;
  #plan: RateLimitInfo | undefined;

  constructor(options: TurnOptions) {
    this.#options = options;
    this.events = new EventQueue(options.host);
    this.ended = new Promise((resolve) => {
      this.#resolveEnd = resolve;
    });
  }

  /** Whether the client can have seen anything of the answer; before that, the turn can be repeated unseen. */
  get hasContent(): boolean {
    return this.#hasContent;
  }

  /** Whether the CLI found that the last structured answer goes against its schema. */
  get missedSchema(): boolean {
    return this.#missedSchema;
  }

  /** False once the answer is complete, failed, or no longer wanted. */
  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** True once `ended` is settled: the worker rests, waits for tools, or is gone. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  onStreamEvent(raw: unknown): void {
    const event = readStreamEvent(raw);
    if (event === undefined) return;
    if (this.#state === 'answered' && event.type === 'message_start') this.#options.host.kill();
    if (this.#state === 'running') this.#onEvent(event);
  }

  onRetry(line: ApiRetryLine): void {
    if (this.#state !== 'running') return;
    const now = this.#options.now();
    this.#retryingSince ??= now;
    const wouldTake = now + line.retry_delay_ms - this.#retryingSince;
    if (this.#hasContent || isFinal(line) || wouldTake > RETRY_BUDGET_MS) {
      this.cancel(retryFailure(line, this.#plan, now));
    }
  }

  onPlan(info: RateLimitInfo): void {
    this.#plan = info;
    this.#options.onPlan(info);
  }

  /** `costUsd` is what the turn cost, where that is known. */
  onResult(line: ResultLine, costUsd?: number): void {
    const end = costUsd === undefined ? {} : { costUsd };
    if (this.#state === 'answered') {
      this.#finish({ worker: 'idle', ...end });
      return;
    }
    this.#missedSchema = line.subtype === 'error_max_structured_output_retries';
    if (this.#state === 'running' && !line.is_error && this.#next === 'go_on') {
      this.events.end();
      this.#finish({ worker: 'idle', ...end });
      return;
    }
    if (this.#state === 'running') this.events.end(this.#failure(line));
    this.#finish({ worker: 'spent', ...end });
  }

  /** The process is gone. */
  onExit(): void {
    this.events.end(new OcpError('worker_lost', 'The Claude CLI ended in the middle of the answer.'));
    this.#finish({ worker: 'dead' });
  }

  /** Ends the turn for the client with this error, and upstream by an interrupt. */
  cancel(error: OcpError): void {
    if (this.#state !== 'running') return;
    this.#state = 'failed';
    this.events.end(error);
    this.#options.host.interrupt();
  }

  /** The client has all that it wants (a stop sequence was met): ends the turn upstream without an error. */
  cut(): void {
    if (this.#state !== 'running') return;
    this.#state = 'failed';
    this.events.end();
    this.#options.host.interrupt();
  }

  /** Why a turn without a whole answer ended; undefined when what the client has is all that it gets. */
  #failure(line: ResultLine): OcpError | undefined {
    if (this.#missedSchema) return undefined;
    return line.is_error
      ? resultFailure(line, this.#plan, this.#options.now())
      : new OcpError('upstream_error', 'The model gave no answer.');
  }

  #onEvent(event: StreamEvent): void {
    switch (event.type) {
      case 'message_start':
        this.#onMessageStart(event);
        break;
      case 'content_block_start':
        // A broken stream can end right after this; held back, the block can still come from the repeat instead.
        this.#heldStart = this.#message.start(event, this.#options.names);
        break;
      case 'content_block_delta':
        this.#message.delta(event);
        this.#emitContent(event);
        break;
      case 'content_block_stop':
        if (isWhole(this.#heldStart)) this.#emitContent(event);
        this.#heldStart = undefined;
        break;
      case 'message_delta':
        this.#onMessageDelta(event);
        break;
      case 'message_stop':
        this.#onMessageStop(event);
        break;
    }
  }

  #onMessageStart(event: StreamEvent): void {
    if (this.#hasContent && this.#next !== 'go_on') {
      this.#abandon();
      return;
    }
    this.#message = new MessageWatch();
    this.#heldStart = undefined;
    if (!this.#hasStarted || this.#next === 'go_on') this.events.push(event);
    this.#hasStarted = true;
    this.#next = undefined;
  }

  #onMessageDelta(event: Extract<StreamEvent, { type: 'message_delta' }>): void {
    const reason = event.delta.stop_reason;
    if (reason !== null) this.#next = this.#message.nextStep(reason, this.#options);
    if (this.#next === 'stray') this.#options.host.kill();
    this.events.push(event);
    // Nothing but the end can follow, and a process that was killed may take it along.
    if (this.#next === 'stray') this.#complete({ type: 'message_stop' });
  }

  #onMessageStop(event: MessageStopEvent): void {
    switch (this.#next) {
      case undefined:
        // The CLI closes a stream that broke with this event; with nothing sent yet, its repeat is waited for.
        if (this.#hasContent) this.#abandon();
        break;
      case 'go_on':
        this.events.push(event);
        break;
      case 'hold':
        this.#complete(event);
        this.#finish({ worker: 'held' });
        break;
      case 'rest':
      case 'stray':
        this.#complete(event);
        break;
    }
  }

  #complete(event: MessageStopEvent): void {
    this.#state = 'answered';
    this.events.push(event);
    this.events.end();
    // The next request of the conversation waits for this worker: it must come to an end, whatever the CLI does.
    const timer = setTimeout(() => this.#options.host.kill(), DONE_GRACE_MS);
    void this.ended.then(() => clearTimeout(timer));
  }

  #abandon(): void {
    this.#state = 'failed';
    this.events.end(new OcpError('upstream_error', 'The connection to Anthropic broke in the middle of the answer.'));
    this.#options.host.kill();
  }

  #emitContent(event: StreamEvent): void {
    this.#hasContent = true;
    if (this.#heldStart !== undefined) this.events.push(this.#heldStart);
    this.#heldStart = undefined;
    this.events.push(event);
  }

  #finish(end: TurnEnd): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#resolveEnd(end);
  }
}

/** Whether a block can be sent at its end: nothing of it is held back, or it is of a kind that needs no delta. */
function isWhole(held: ContentBlockStartEvent | undefined): boolean {
  return (
    held === undefined || held.content_block.type === 'tool_use' || held.content_block.type === 'redacted_thinking'
  );
}
