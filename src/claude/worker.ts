import { randomUUID } from 'node:crypto';
import { OcpError } from '../wire/errors.ts';
import { listed } from '../wire/name-list.ts';
import type { ControlQuestion, ControlSubtype } from './cli-names.ts';
import type { CliCommand, ProcessEnd } from './cli-process.ts';
import { CliProcess } from './cli-process.ts';
import { ControlChannel } from './control.ts';
import { EmptyingRecord, emptyWorker } from './emptying.ts';
import type { Conversation } from './conversation.ts';
import { breakpointOf, writtenContent } from './conversation.ts';
import type { HeldResult, JsonPieces } from './packed/messages.ts';
import { messageAt } from './packed/messages.ts';
import { noTools } from './packed/setup-parts.ts';
import type { CliLine, InitLine, RateLimitInfo, ResultLine } from './protocol.ts';
import { assistantLine, readLine, userLine } from './protocol.ts';
import type { Setup, TurnSettings } from './setup.ts';
import { initializeRequest, openingRequest, settingsRequest } from './setup.ts';
import { ToolGate } from './tool-gate.ts';
import type { ToolNames } from './tool-names.ts';
import { missingTools, toolNames } from './tool-names.ts';
import type { TurnCourse } from './message-watch.ts';
import { STRUCTURED_OUTPUT } from './message-watch.ts';
import { Turn } from './turn.ts';

/** How long a process may take to start, or to take over what it is told, ms: many at once take seconds on a small machine. */
const ANSWER_TIMEOUT_MS = 30_000;
/** How long an interrupted turn may take to end before its process is killed, ms. */
const INTERRUPT_GRACE_MS = 2000;
/**
 * How long a worker has nothing to do before it is put to sleep, ms. The next turn of a tool loop comes sooner, and the CLI has
 * tidied up by then: stopped before that, it would do so in the next turn.
 */
const REST_AFTER_MS = 10_000;
/** How long a worker may take to confirm that it is empty, ms. */
const CLEAR_TIMEOUT_MS = 3000;

export interface WorkerOptions {
  readonly command: CliCommand;
  readonly model: string;
  readonly onPlan: (info: RateLimitInfo) => void;
  /** Whether the first message of a conversation may be told as one to answer, under a limit. */
  readonly canOpen: () => boolean;
  /** The CLI answered it all the same: none must be told in that way again. */
  readonly onOpenedWrongly: () => void;
  /** What is known of emptying; shared by the workers of one login. */
  readonly emptying?: EmptyingRecord;
  /** The CLI began a conversation under this name of its own. */
  readonly onSession: (sessionId: string) => void;
  readonly now: () => number;
  /** Instead of the usual time until it may sleep, ms; for tests. */
  readonly restAfterMs?: number;
}

/** What a turn starts from. */
export interface TurnInput {
  readonly settings: TurnSettings;
  /** What this worker does not know yet; the last message is the question. */
  readonly conversation: Conversation;
}

/**
 * One process of the CLI and the conversation in it. Contract of the protocol: the agent SDK's type file; docs/architecture.md
 * tells its life. A worker runs one turn at a time.
 */
export class Worker {
  readonly id = randomUUID();
  readonly model: string;
  /** Resolves when the process is gone; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Resolves when the process has said its first word, or is gone; never rejects. */
  readonly up: Promise<void>;
  readonly #options: WorkerOptions;
  readonly #process: CliProcess;
  readonly #control: ControlChannel;
  #setup: Setup | undefined;
  #names: ToolNames = toolNames([]);
  #gate: ToolGate | undefined;
  #turn: Turn | undefined;
  #settings = '[]';
  /** The CLI has had a message to answer since it was empty. */
  #hasBegun = false;
  #isOpening = false;
  #isWarm = false;
  #resultWaiter: { resolve: (line: ResultLine) => void; reject: (error: Error) => void } | undefined;
  #sawReset = false;
  readonly #emptying: EmptyingRecord;
  #version = '';
  /** USD that the CLI has reported so far: its word is always about all of its conversation. */
  #reportedUsd = 0;
  /** Whether the next report covers more than one turn: there is none while tools are waited for. */
  #reportIsShared = false;
  readonly #rest: NodeJS.Timeout;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.model = options.model;
    this.#emptying = options.emptying ?? new EmptyingRecord();
    const up = Promise.withResolvers<void>();
    this.up = up.promise;
    this.#process = new CliProcess(options.command, (line) => {
      up.resolve();
      this.#onLine(readLine(line));
    });
    this.#control = new ControlChannel((message) => this.#send(message));
    this.#rest = setTimeout(() => this.#sleepUnlessBusy(), options.restAfterMs ?? REST_AFTER_MS);
    this.#rest.unref();
    this.ended = this.#process.ended;
    void this.ended.then(() => {
      up.resolve();
      this.#onExit();
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Why its process could not be started; undefined when it could. Known at once. */
  async startError(): Promise<NodeJS.ErrnoException | undefined> {
    return this.pid === 0 ? (await this.ended).startError : undefined;
  }

  get hasEnded(): boolean {
    return this.#process.hasEnded;
  }

  /** The tool names of this worker's set-up. */
  get names(): ToolNames {
    return this.#names;
  }

  /** Resolves when the process has started and reads its input. Rejects with ControlError when it ends instead. */
  async started(): Promise<void> {
    try {
      await this.#requestInTime({ subtype: 'get_binary_version' });
    } catch (error) {
      if (this.hasEnded) throw error;
    }
  }

  /** Tells the worker what it is for, once. Rejects with ControlError. */
  async initialize(setup: Setup): Promise<void> {
    this.#setup = setup;
    this.#names = toolNames(setup.tools.names);
    this.#gate = this.#newGate(setup);
    const request = initializeRequest(setup, this.#names);
    await this.#inTime(this.#control.requestInPieces('initialize', request));
  }

  /** Starts a turn. Failures, also of the replay before it, come out of the turn. */
  startTurn(input: TurnInput): Turn {
    const turn = this.#newTurn();
    void this.#begin(turn, input).catch(() => this.kill());
    return turn;
  }

  /**
   * Takes the CLI through the beginning of a turn with an empty past message: that is slow the first time. It leaves nothing in
   * the conversation, but the CLI's digest of the first message, which stands before the system prompt, is then that of an
   * empty one. So every process begins like this, whether ahead of its conversation or with it: else what one has sent would
   * not be found in the cache by another.
   */
  async warmUp(): Promise<void> {
    this.#isWarm = true;
    await this.#writeAndWait(userLine(['[]'], { query: false }));
  }

  /** Writes past messages into the worker without a turn after them. */
  async recall(conversation: Conversation): Promise<void> {
    const { messages, from } = conversation;
    for (let index = from; index < messages.count; index += 1)
      await this.#recallMessage(conversation, index, undefined);
  }

  /** Goes on with a turn that waits for the client's tools; every open call must be answered. */
  continueTurn(results: ReadonlyMap<string, HeldResult>, settings: TurnSettings): Turn {
    this.#reportIsShared = true;
    const turn = this.#newTurn();
    void this.#applySettings(settings)
      .then(() => this.#gate?.answer(results))
      .catch(() => this.kill());
    return turn;
  }

  /** Whether nothing speaks against emptying this worker for another conversation. */
  get canBeEmptied(): boolean {
    return this.#emptying.isPossible(this.#version);
  }

  /**
   * Empties the worker for the next conversation of the same set-up. Rejects when the CLI does not confirm it: then the
   * old conversation may still be there, and the worker must not be used again.
   */
  async clear(): Promise<void> {
    this.#sawReset = false;
    const timer = setTimeout(() => this.kill(), CLEAR_TIMEOUT_MS);
    const worker = {
      version: this.#version,
      send: (line: JsonPieces) => this.#send(line),
      sendAndWait: async (line: JsonPieces) => this.#writeAndWait(line),
      sawReset: () => this.#sawReset,
      contextUsage: async () => this.ask('get_context_usage'),
    };
    try {
      await emptyWorker(worker, this.#emptying);
    } finally {
      clearTimeout(timer);
    }
    this.#hasBegun = false;
    // Like a new process, it begins with an empty past message: see `warmUp`.
    this.#isWarm = false;
    this.#gate = this.#newGate(this.#setup ?? { tools: noTools });
  }

  /** Asks the CLI a question of its own. Rejects with ControlError. */
  async ask(
    subtype: ControlSubtype,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#control.request({ ...fields, subtype });
  }

  kill(): void {
    this.#process.kill();
  }

  /**
   * Ends the process, gently when it rests. In the middle of a turn, and so while it waits for the client's tools, the end of
   * its input would be an answer to it: it would call the API once more.
   */
  async stop(): Promise<void> {
    if (this.#turn !== undefined) this.kill();
    await this.#process.stop();
  }

  #newGate(setup: Pick<Setup, 'tools' | 'powers'>): ToolGate {
    return new ToolGate(this.#control, setup, this.#names, () => this.kill());
  }

  #send(line: JsonPieces): void {
    this.#process.write(line);
    this.#rest.refresh();
  }

  /**
   * A CLI that waits still takes half a percent of a core, which dozens of conversations would add up. Workers with tools of
   * their own stay awake: what they started may go on in the background.
   */
  #sleepUnlessBusy(): void {
    const isBusy =
      this.#control.isWaiting || this.#resultWaiter !== undefined || (this.#turn !== undefined && !this.#turn.isOver);
    if (isBusy || this.#setup?.powers !== undefined) this.#rest.refresh();
    else this.#process.sleep();
  }

  #newTurn(): Turn {
    const turn = new Turn({
      host: {
        interrupt: () => this.#interrupt(turn),
        kill: () => this.kill(),
        pause: () => this.#process.pause(),
        resume: () => this.#process.resume(),
      },
      names: this.#names,
      course: courseOf(this.#setup),
      isClientTool: (cliName) => this.#setup?.tools.names.includes(this.#names.toClient(cliName)) ?? false,
      onPlan: this.#options.onPlan,
      now: this.#options.now,
    });
    this.#turn = turn;
    void turn.ended.then(() => this.#rest.refresh());
    if (this.hasEnded) turn.onExit();
    return turn;
  }

  async #begin(turn: Turn, { settings, conversation }: TurnInput): Promise<void> {
    const { messages } = conversation;
    let { from } = conversation;
    const breakpoint = breakpointOf(conversation);
    const last = messages.count - 1;
    // What a worker with powers has sent is in a directory that no other one has: nobody else would find it.
    const warming = this.#isWarm || this.#setup?.powers !== undefined ? undefined : this.warmUp();
    // The CLI takes messages of the user one after the other: the question need not wait.
    if (from === last) warming?.catch(() => {});
    else await warming;
    const opens = from < last && messageAt(messages, from).role === 'user';
    if (opens && !this.#hasBegun && this.#options.canOpen()) {
      await this.#open(writtenContent(messages, from, this.#names, breakpoint));
      from += 1;
    }
    this.#hasBegun = true;
    await this.#applySettings(settings);
    for (let index = from; index < last && turn.isRunning; index += 1) {
      await this.#recallMessage(conversation, index, breakpoint);
    }
    // Given up during the replay: there is no turn to interrupt, and half a history is of no use.
    if (turn.isRunning) this.#send(userLine(writtenContent(messages, last, this.#names), { query: true }));
    else this.kill();
  }

  /**
   * Writes the first message of a conversation that was answered elsewhere. The CLI puts its notes of the surroundings beside
   * the first message that it is to answer; in a replay that would be the newest one, and everything behind the first would
   * differ from what the API has in its cache. So it is to answer the first one, with a limit that ends the turn before the
   * API is called: the notes are then where they were in the live conversation, and of the turn nothing else is left.
   */
  async #open(first: JsonPieces): Promise<void> {
    await this.#requestInTime(openingRequest);
    this.#settings = '';
    this.#isOpening = true;
    // Whatever else ends it, such as a login that is missing, will end the turn too.
    await this.#writeAndWait(userLine(first, { query: true }));
    this.#isOpening = false;
  }

  /** The CLI called the API for what it was only told. */
  #openedWrongly(): void {
    this.#options.onOpenedWrongly();
    this.kill();
  }

  async #recallMessage({ messages }: Conversation, index: number, breakpoint: number | undefined): Promise<void> {
    const content = writtenContent(messages, index, this.#names, breakpoint);
    if (messageAt(messages, index).role === 'assistant') {
      this.#send(assistantLine(content, `msg_${randomUUID()}`, this.model));
    } else {
      // The CLI queues these and appends assistant lines at once: without the wait the order breaks.
      await this.#writeAndWait(userLine(content, { query: false }));
    }
  }

  /** Settings last until they are changed, so they are only written when they differ. */
  async #applySettings(settings: TurnSettings): Promise<void> {
    const written = JSON.stringify(Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    if (written === this.#settings) return;
    this.#settings = written;
    await this.#requestInTime(settingsRequest(settings));
  }

  /** A process that does not answer is of no use to anybody: it is killed, which rejects the request. */
  async #requestInTime(request: ControlQuestion): Promise<void> {
    await this.#inTime(this.#control.request(request));
  }

  async #inTime(answer: Promise<unknown>): Promise<void> {
    let isAnswered = false;
    // Where the whole machine stood still, the answer may be there already and only be read behind this.
    const onTimeout = (): unknown => setImmediate(() => (isAnswered ? undefined : this.kill()));
    const timer = setTimeout(onTimeout, ANSWER_TIMEOUT_MS);
    try {
      await answer;
    } finally {
      isAnswered = true;
      clearTimeout(timer);
    }
  }

  async #writeAndWait(line: JsonPieces): Promise<ResultLine> {
    const result = new Promise<ResultLine>((resolve, reject) => {
      this.#resultWaiter = { resolve, reject };
    });
    this.#send(line);
    if (this.hasEnded) this.#onExit();
    return result;
  }

  #interrupt(turn: Turn): void {
    if (this.#resultWaiter !== undefined) {
      // What is not asked yet would be asked all the same.
      this.kill();
      return;
    }
    const timer = setTimeout(() => this.kill(), INTERRUPT_GRACE_MS);
    void turn.ended.then(() => clearTimeout(timer));
    this.#control.request({ subtype: 'interrupt' }).catch(() => this.kill());
  }

  #onLine(line: CliLine | undefined): void {
    switch (line?.type) {
      case 'stream_event':
        if (this.#isOpening) this.#openedWrongly();
        else this.#turn?.onStreamEvent(line.event);
        break;
      case 'result':
        this.#onResult(line);
        break;
      case 'control_response':
        this.#control.onResponse(line);
        break;
      case 'control_request':
        if (this.#gate === undefined) this.#control.refuse(line.request_id, 'not initialized');
        else this.#gate.onRequest(line);
        break;
      case 'system':
        if (line.subtype === 'api_retry' && this.#isOpening) this.#openedWrongly();
        else if (line.subtype === 'api_retry') this.#turn?.onRetry(line);
        else this.#onInit(line);
        break;
      case 'rate_limit_event':
        if (this.#turn === undefined) this.#options.onPlan(line.rate_limit_info);
        else this.#turn.onPlan(line.rate_limit_info);
        break;
      case 'conversation_reset':
        this.#sawReset = true;
        break;
      default:
        break;
    }
  }

  #onResult(line: ResultLine): void {
    const costUsd = this.#costSinceReport(line.total_cost_usd);
    const waiter = this.#resultWaiter;
    if (waiter !== undefined) {
      this.#resultWaiter = undefined;
      waiter.resolve(line);
      return;
    }
    const turn = this.#turn;
    this.#turn = undefined;
    turn?.onResult(line, costUsd);
  }

  /** A worker that was emptied begins at nothing again. */
  #costSinceReport(totalUsd: unknown): number | undefined {
    if (typeof totalUsd !== 'number') return undefined;
    const cost = totalUsd - this.#reportedUsd;
    const isOfOneTurn = !this.#reportIsShared;
    this.#reportedUsd = totalUsd;
    this.#reportIsShared = false;
    return isOfOneTurn && cost >= 0 ? cost : undefined;
  }

  #onInit(line: InitLine): void {
    this.#version = line.claude_code_version;
    this.#options.onSession(line.session_id);
    this.#checkTools(line.tools);
  }

  /** A tool that is not on the CLI's list can never be called. That costs this request, and no other. */
  #checkTools(offered: readonly string[]): void {
    if (this.#setup?.outputSchema !== undefined && !offered.includes(STRUCTURED_OUTPUT)) {
      const message = 'The Claude CLI cannot hold an answer to this JSON Schema.';
      this.#turn?.cancel(new OcpError('unsupported_parameter', message, { param: 'response_format' }));
      return;
    }
    const missing = missingTools(this.#names, this.#setup?.tools.names ?? [], offered);
    if (missing.length === 0) return;
    const names = listed(missing);
    const message = `The Claude CLI of this server does not take these tools: ${names}. Give them other names or schemas.`;
    this.#turn?.cancel(new OcpError('unsupported_parameter', message, { param: 'tools' }));
  }

  #onExit(): void {
    clearTimeout(this.#rest);
    this.#control.close('the process has ended');
    this.#resultWaiter?.reject(new Error('the process has ended'));
    this.#resultWaiter = undefined;
    this.#turn?.onExit();
    this.#turn = undefined;
  }
}

function courseOf(setup: Setup | undefined): TurnCourse {
  if (setup?.powers !== undefined && setup.powers.tools.length > 0) return 'agent';
  return setup?.outputSchema === undefined ? 'answer' : 'structured';
}
