import type { AssistantMessage } from '../wire/anthropic/request.ts';
import { OcpError } from '../wire/errors.ts';
import { capabilities } from './capabilities.ts';
import { usedTokens } from './context-usage.ts';
import type { LiveConversation } from './conversations.ts';
import { Conversations, PrefixNames } from './conversations.ts';
import type { HeldResult, PackedMessages } from './packed/messages.ts';
import { digestWith, messageAt } from './packed/messages.ts';
import { ReadyWorkers } from './ready-workers.ts';
import type { Setup, TurnSettings } from './setup.ts';
import { setupKey } from './setup.ts';
import { Spares } from './spares.ts';
import { answerDigest, callIds } from './transcript.ts';
import type { Turn } from './turn.ts';
import type { Worker } from './worker.ts';
import type { WorkerFactory } from './worker-factory.ts';

/** Idle places that conversations leave to spares. */
const PLACES_FOR_SPARES = 2;
/** With less room than this, spares are worth more to everybody than one that is ready for a single set-up. */
const LEAST_IDLE_FOR_READY = 4;
/** How long the CLI may take to count the tokens of a request, its start included, ms. */
const COUNT_TIMEOUT_MS = 60_000;
/** How often conversations that have waited too long are looked for, ms. */
const EXPIRY_INTERVAL_MS = 15_000;

export interface WorkforceOptions {
  readonly factory: WorkerFactory;
  /** How many workers may sit idle, as spares or in conversations: the memory budget in processes; read anew each time. */
  readonly maxIdle: () => number;
  /** For how long a conversation keeps its worker, ms; read anew each time. */
  readonly conversationTtlMs: () => number;
  readonly now: () => number;
}

/** A turn that somebody wants. */
export interface WantedTurn {
  /** Whose worker it must be; workers never change hands. */
  readonly owner: string;
  readonly setup: Setup;
  readonly settings: TurnSettings;
  /** At least one; the last one is the user's. */
  readonly messages: PackedMessages;
}

/** Where the worker of a turn came from, the cheapest first. */
export type WorkerOrigin = 'live' | 'spare' | 'recycled' | 'started';

/** A turn that has begun. Exactly one of `keep` and `discard` ends it. */
export interface RunningTurn {
  readonly turn: Turn;
  readonly origin: WorkerOrigin;
  /** Whether earlier messages of the conversation had to be written into the worker. */
  readonly replayed: boolean;
  /** The answer as the client got it: the worker waits for the conversation to go on from there. */
  keep(answer: AssistantMessage): void;
  /** The worker does not hold what the client got; it can only be used for something new. */
  discard(): void;
}

interface Newcomer {
  readonly worker: Worker;
  readonly origin: WorkerOrigin;
  /** It has been told its set-up already. */
  readonly isSetUp: boolean;
}

interface Prepared {
  readonly worker: Worker;
  readonly origin: WorkerOrigin;
  readonly turn: Turn;
  readonly replayed: boolean;
}

/** Whose conversation it is, and what it says; no length where nobody can go on from it. */
type Place = Pick<LiveConversation, 'owner' | 'setupKey' | 'digest' | 'length'>;

/** A turn whose answer the client has, but whose worker the CLI has not released yet. */
interface Settling extends Place {
  readonly worker: Worker;
  readonly settled: Promise<void>;
  /** A request waits for the worker: another one need not. */
  isAwaited: boolean;
}

/** All workers of one login: who gets which, and what becomes of it afterwards. */
export class Workforce {
  readonly spares: Spares;
  readonly conversations = new Conversations();
  readonly ready: ReadyWorkers;
  readonly #options: WorkforceOptions;
  readonly #busy = new Set<Worker>();
  /** Those whose turn has been given out and neither kept nor discarded; a turn can end before that. */
  readonly #unsettled = new Set<Worker>();
  /** Spares that do not read their input yet. */
  readonly #starting = new Set<Worker>();
  readonly #settling = new Set<Settling>();
  readonly #expiry: NodeJS.Timeout;
  #waiting = 0;
  #closed = false;
  #retired = false;

  constructor(options: WorkforceOptions) {
    this.#options = options;
    this.spares = new Spares({
      start: async (model) => this.#startSpare(model),
      room: () => this.#room(),
      waiting: () => this.#waiting,
      onFull: () => void this.#makeReady(),
      now: options.now,
    });
    this.ready = new ReadyWorkers({ takeSpare: (model) => this.spares.give(model), now: options.now });
    this.#expiry = setInterval(() => this.#expire(), EXPIRY_INTERVAL_MS);
    this.#expiry.unref();
  }

  get busy(): number {
    return this.#busy.size;
  }

  /** Begins a turn on the best worker there is. Raises OcpError `worker_lost`, also when the signal is aborted first. */
  async begin(wanted: WantedTurn, signal: AbortSignal): Promise<RunningTurn> {
    if (this.#closed) throw new OcpError('shutting_down', 'OCP is stopping.');
    this.#waiting += 1;
    let isWaiting = true;
    const stopWaiting = (): void => {
      if (isWaiting) this.#waiting -= 1;
      isWaiting = false;
    };
    try {
      const key = setupKey(wanted.setup);
      const { messages } = wanted;
      requireQuestion(messages);
      await this.#settledConversation(wanted.owner, key, messages);
      const prepared = this.#goOn(wanted, key) ?? (await this.#prepare(wanted, key, signal));
      const { worker, turn } = prepared;
      this.#busy.add(worker);
      this.#unsettled.add(worker);
      void worker.ended.then(() => this.#unsettled.delete(worker));
      void turn.events.first.then(stopWaiting);
      void turn.ended.then(() => {
        stopWaiting();
        this.#busy.delete(worker);
      });
      const place = { owner: wanted.owner, setupKey: key };
      return {
        turn,
        origin: prepared.origin,
        replayed: prepared.replayed,
        keep: (answer) => {
          const digest = digestWith(messages, answerDigest(answer));
          this.#settle(prepared, { ...place, digest, length: messages.count + 1 }, callIds(answer));
        },
        discard: () => this.#settle(prepared, { ...place, digest: '', length: 0 }, []),
      };
    } catch (error) {
      stopWaiting();
      if (error instanceof OcpError) throw error;
      throw new OcpError('worker_lost', 'The Claude CLI did not take the request.', { cause: error });
    }
  }

  /**
   * Counts the tokens of a request as Anthropic does, without a turn: a worker is told everything and asked for the size of
   * its context. Contract: `SDKControlGetContextUsageRequest`. Raises OcpError `upstream_error` when the CLI cannot say, and `timeout` when it does not.
   */
  async countTokens(wanted: WantedTurn, signal: AbortSignal): Promise<number> {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(COUNT_TIMEOUT_MS)]);
    try {
      return await this.#count(wanted, inTime);
    } catch (error) {
      if (inTime.aborted && !signal.aborted) {
        throw new OcpError('timeout', 'The Claude CLI did not count the tokens in time.', { cause: error });
      }
      throw error;
    }
  }

  async #count(wanted: WantedTurn, signal: AbortSignal): Promise<number> {
    // One that was emptied would do as well, but is worth more to a turn of its set-up.
    const { model } = wanted.setup;
    const worker = this.spares.take(model) ?? (await this.#options.factory.start(model, { signal }));
    this.#requireOpen(worker);
    const kill = (): void => worker.kill();
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    this.#busy.add(worker);
    try {
      await worker.initialize(wanted.setup);
      await worker.recall({ messages: wanted.messages, from: 0, hasBreakpoint: false });
      return countedTokens(await worker.ask('get_context_usage'));
    } finally {
      signal.removeEventListener('abort', kill);
      this.#busy.delete(worker);
      void worker.stop();
      this.spares.refillSoon();
    }
  }

  /** Ends the conversations that match, and tells how many they were. */
  endConversations(test: (idle: Pick<LiveConversation, 'owner' | 'since'>) => boolean): number {
    this.ready.endWhere(test);
    const workers = this.conversations.takeWhere(test);
    for (const worker of workers) void worker.stop();
    return workers.length;
  }

  /** Ends what is idle; turns that run finish, and their workers end with them. For a login that has changed or is gone. */
  async retire(): Promise<void> {
    this.#retired = true;
    clearInterval(this.#expiry);
    const idle = this.conversations.takeWhere(() => true);
    await Promise.all([this.spares.close(), this.ready.close(), ...idle.map(async (worker) => worker.stop())]);
  }

  /** Resolves when the last turn is over of those that run now. */
  async drained(): Promise<void> {
    await Promise.all([...this.#busy].map(async (worker) => worker.ended));
  }

  /** Ends every worker. Turns that still run end with it. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#expiry);
    const idle = this.conversations.takeWhere(() => true);
    for (const worker of [...this.#busy, ...this.#unsettled, ...this.#starting]) worker.kill();
    await Promise.all([
      this.spares.close(),
      this.ready.close(),
      ...idle.map(async (worker) => worker.stop()),
      ...[...this.#busy].map(async (worker) => worker.ended),
    ]);
    await this.#options.factory.settled();
  }

  /** Ends a worker that was still starting when all others were ended. Raises OcpError `worker_lost`. */
  #requireOpen(worker: Worker): void {
    if (!this.#closed) return;
    worker.kill();
    throw new OcpError('worker_lost', 'The login of this worker was removed, or OCP is stopping.');
  }

  /** The live worker of this conversation, if the request goes on from what is in it. */
  #goOn({ owner, messages, settings }: WantedTurn, key: string): Prepared | undefined {
    const live = this.conversations.take(owner, key, messages);
    if (live === undefined) return undefined;
    const { worker } = live;
    let turn: Turn | undefined;
    if (live.openCalls.length > 0) turn = continueHeld(live, messages, settings);
    else if (live.length < messages.count) {
      turn = worker.startTurn({ settings, conversation: { messages, from: live.length, hasBreakpoint: false } });
    }
    if (turn !== undefined) return { worker, origin: 'live', turn, replayed: false };
    void worker.stop();
    return undefined;
  }

  async #prepare(wanted: WantedTurn, key: string, signal: AbortSignal): Promise<Prepared> {
    const { messages, settings } = wanted;
    const { worker, origin, isSetUp } = await this.#newcomer(wanted, key, signal);
    this.#requireOpen(worker);
    this.#busy.add(worker);
    const kill = (): void => worker.kill();
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    let turn: Turn;
    try {
      // The query goes out right behind the set-up: the CLI reads one after the other, and a way there and back is spared.
      const isReady = isSetUp ? Promise.resolve() : worker.initialize(wanted.setup);
      // Nobody waits for it before the line after the next: a failure up to there is raised by that one.
      isReady.catch(() => {});
      turn = worker.startTurn({ settings, conversation: { messages, from: 0, hasBreakpoint: true } });
      await isReady;
    } catch (error) {
      // A spare that had died unnoticed was told nothing; several can have died at once.
      const wasDead = origin === 'spare' && worker.hasEnded && !signal.aborted;
      worker.kill();
      this.#busy.delete(worker);
      if (wasDead) return await this.#prepare(wanted, key, signal);
      throw error;
    } finally {
      signal.removeEventListener('abort', kill);
    }
    return { worker, origin, turn, replayed: messages.count > 1 };
  }

  /**
   * A worker without a conversation: one that is ready for this set-up, else a spare, else an emptied one of the same owner
   * and set-up, else a spare that is still starting, else a new process.
   */
  async #newcomer(wanted: WantedTurn, key: string, signal: AbortSignal): Promise<Newcomer> {
    const { model, powers } = wanted.setup;
    if (powers === undefined) {
      const ready = this.ready.take({ owner: wanted.owner, setupKey: key, setup: wanted.setup });
      if (ready !== undefined) {
        this.spares.want(model);
        return { worker: ready, origin: 'spare', isSetUp: true };
      }
      const spare = this.spares.take(model);
      if (spare !== undefined) return { worker: spare, origin: 'spare', isSetUp: false };
    }
    for (;;) {
      const used = this.conversations.takeIdle(wanted.owner, key);
      if (used === undefined) {
        // Who asks one thing after another is back before the CLI says that it is done; a start would take far longer.
        const settling = [...this.#settling].find(
          ({ owner, setupKey: of, isAwaited, worker }) =>
            owner === wanted.owner && of === key && !isAwaited && worker.canBeEmptied,
        );
        if (settling === undefined) break;
        settling.isAwaited = true;
        await settling.settled;
        continue;
      }
      try {
        await used.clear();
        return { worker: used, origin: 'recycled', isSetUp: true };
      } catch {
        used.kill();
      }
    }
    const begun = powers === undefined ? this.#takeStarting(model) : undefined;
    const started = begun ?? (await this.#options.factory.start(model, { powers, owner: wanted.owner, signal }));
    return { worker: started, origin: 'started', isSetUp: false };
  }

  /** Makes a worker ready for a set-up that keeps coming, at a time when no spare is missing and nobody waits. */
  async #makeReady(): Promise<void> {
    if (!this.ready.isWanted || this.#options.maxIdle() < LEAST_IDLE_FOR_READY) return;
    if (!(await this.ready.prepare())) return;
    this.#makeRoom();
    this.spares.refillSoon();
  }

  /** Undefined when somebody took the worker over meanwhile. */
  async #startSpare(model: string): Promise<Worker | undefined> {
    const worker = await this.#options.factory.start(model);
    this.#starting.add(worker);
    if (this.#closed) worker.kill();
    try {
      await worker.started();
    } catch (error) {
      if (this.#starting.delete(worker)) throw error;
    }
    return this.#starting.delete(worker) ? worker : undefined;
  }

  /** A spare that is still starting: it reads what it is told sooner than one that is started now. */
  #takeStarting(model: string): Worker | undefined {
    const worker = [...this.#starting].find((starting) => starting.model === model && !starting.hasEnded);
    if (worker !== undefined) this.#starting.delete(worker);
    return worker;
  }

  #settle(prepared: Prepared, place: Place, calls: readonly string[]): void {
    const { worker, turn } = prepared;
    this.#unsettled.delete(worker);
    const settled = turn.ended.then((end) => {
      this.#settling.delete(settling);
      if (end.worker === 'dead' || worker.hasEnded || this.#closed || this.#retired) {
        worker.kill();
      } else if (end.worker === 'held' && place.digest === '') {
        // It waits on calls that nobody will answer.
        void worker.stop();
      } else {
        const named = end.worker === 'spent' ? { digest: '', length: 0 } : {};
        const openCalls = end.worker === 'held' ? calls : [];
        this.conversations.keep({ worker, ...place, ...named, openCalls, since: this.#options.now() });
        this.#makeRoom();
      }
      this.spares.refillSoon();
    });
    const settling: Settling = { ...place, worker, settled, isAwaited: false };
    this.#settling.add(settling);
  }

  /**
   * Waits for the worker of this conversation when its turn is just ending: the client has the answer a moment before the
   * CLI says that it is done, and can already be back with the next message.
   */
  async #settledConversation(owner: string, key: string, messages: PackedMessages): Promise<void> {
    const names = new PrefixNames(messages);
    for (const settling of this.#settling) {
      if (settling.owner !== owner || settling.setupKey !== key || !names.includes(settling)) continue;
      await settling.settled;
    }
  }

  /** How many more spares there is room for. A running turn's worker comes back: its place is not given to a spare meanwhile. */
  #room(): number {
    const conversations = Math.max(this.conversations.size, this.#busy.size > 0 ? 1 : 0);
    return this.#options.maxIdle() - this.spares.count() - this.ready.size - conversations;
  }

  /** How many workers sit idle. */
  #idle(): number {
    return this.spares.count() + this.ready.size + this.conversations.size;
  }

  #makeRoom(): void {
    const maxIdle = this.#options.maxIdle();
    while (this.conversations.size > Math.max(1, maxIdle - PLACES_FOR_SPARES - this.ready.size))
      void this.conversations.takeOldest()?.stop();
    while (this.#idle() > maxIdle && (this.ready.dropOldest() || this.spares.dropOldest()));
  }

  #expire(): void {
    const oldest = this.#options.now() - this.#options.conversationTtlMs();
    this.endConversations((conversation) => conversation.since < oldest);
  }
}

/** Raises OcpError for an answer without a sum: an older CLI's would be a wrong number. */
function countedTokens(usage: Readonly<Record<string, unknown>>): number {
  const tokens = usedTokens(usage);
  if (tokens !== undefined) return tokens;
  if (!Array.isArray(usage['categories'])) {
    throw new OcpError('upstream_error', 'The Claude CLI did not count the tokens.');
  }
  const { since } = capabilities.countTokens;
  throw new OcpError(
    'cli_unavailable',
    `The Claude CLI of this server cannot count tokens. It has to be ${since} or newer.`,
  );
}

function requireQuestion(messages: PackedMessages): void {
  if (messages.count > 0 && messageAt(messages, messages.count - 1).role === 'user') return;
  throw new OcpError('invalid_request', 'The last message must be a user message.', { param: 'messages' });
}

/**
 * Answers the calls that a worker waits on, when the client answered all of them and said nothing else. The message that
 * made the calls is the last one that the worker knows, as the client sent it back: its ids may be the client's own, so calls
 * and answers are matched by place.
 */
function continueHeld(live: LiveConversation, messages: PackedMessages, settings: TurnSettings): Turn | undefined {
  const { calls, results } = messages;
  if (live.length !== messages.count - 1 || results === undefined || calls.length !== live.openCalls.length) {
    return undefined;
  }
  const byClientId = new Map(results.map((result) => [result.id, result]));
  const byCliId = new Map<string, HeldResult>();
  for (const [index, cliId] of live.openCalls.entries()) {
    const result = byClientId.get(calls[index] ?? '');
    if (result === undefined) return undefined;
    byCliId.set(cliId, result);
  }
  return live.worker.continueTurn(byCliId, settings);
}
